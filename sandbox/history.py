"""Payments of the past: what a shop that has traded for years already holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.account import Account, Call
from sandbox.description import StripeObject
from sandbox.resources import checkout
from sandbox.timekeeper import run_due
from sandbox.world import World


def record_payment(
    world: World,
    key: str,
    *,
    reference: str,
    amount: int,
    currency: str,
    paid_at: int,
) -> StripeObject:
    """A session of the account of `key`, paid by card at `paid_at` (Unix seconds).

    Its events are on record, but no webhook is sent: it would have arrived then.
    ValueError when `paid_at` lies ahead.
    """
    account = world.account(key)
    if paid_at > account.now():
        raise ValueError("paid_at lies ahead")
    with _in_the_past(world, paid_at), _without_webhooks(account):
        session = checkout.create_session(
            Call(
                account,
                _params(account, reference, amount, currency),
                target="",
                path="/v1/checkout/sessions",
            )
        )
        checkout.pay_session(account, session, "card")
    run_due(world)
    return session


def _params(
    account: Account, reference: str, amount: int, currency: str
) -> dict[str, Any]:
    price = {
        "currency": currency,
        "unit_amount": amount,
        "product_data": {"name": reference},
    }
    return {
        "mode": "payment",
        "client_reference_id": reference,
        "line_items": [{"price_data": price, "quantity": 1}],
        "success_url": f"{account.runtime.public_url}/",
    }


@contextmanager
def _in_the_past(world: World, moment: int) -> Iterator[None]:
    clock = world.clock
    back_s = clock.now() - moment
    clock.offset_s -= back_s
    try:
        yield
    finally:
        clock.offset_s += back_s


@contextmanager
def _without_webhooks(account: Account) -> Iterator[None]:
    endpoints = account.objects["webhook_endpoint"]
    account.objects["webhook_endpoint"] = {}
    try:
        yield
    finally:
        account.objects["webhook_endpoint"] = endpoints
