"""Which account a request speaks for: the one of its secret key."""

import re

from flask import request

from sandbox.account import Account
from sandbox.errors import StripeError
from sandbox.world import World

_TEST_KEY = re.compile(r"[sr]k_test_[A-Za-z0-9_-]+")
_NO_KEY = (
    "You did not provide an API key. You need to provide your API key in the "
    "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
    "YOUR_SECRET_KEY')."
)


def authenticate(world: World) -> Account:
    """The account of the request's key; every well-formed test key has one.

    Raises StripeError 401 without a test key, 403 for another `Stripe-Account`.
    """
    key = _secret_key()
    with world.lock:
        account = world.account(key)
    _check_connected_account(account)
    return account


def _secret_key() -> str:
    authorization = request.authorization
    if authorization is None:
        raise StripeError(401, _NO_KEY)
    key = authorization.token or authorization.username or ""
    if not _TEST_KEY.fullmatch(key):
        shown = f"{key[:8]}{'*' * 8}{key[-4:]}" if len(key) > 12 else "*" * len(key)
        raise StripeError(401, f"Invalid API Key provided: {shown}")
    return key


def _check_connected_account(account: Account) -> None:
    wanted = request.headers.get("Stripe-Account", account.id)
    if wanted != account.id:
        message = (
            f"The provided key does not have access to account '{wanted}' (or that "
            "account does not exist). Application access may have been revoked."
        )
        raise StripeError(403, message, code="account_invalid")
