"""Webhook endpoints, registered through the API, by flags or by the control API."""

import hashlib
import secrets

from sandbox import description
from sandbox.account import Account
from sandbox.call import Call
from sandbox.description import VERSION, StripeObject
from sandbox.errors import InvalidParameter


def create_webhook_endpoint(call: Call) -> StripeObject:
    """`POST /v1/webhook_endpoints`; only this answer shows the signing secret."""
    account, params = call.account, call.params
    _check_url(params["url"])
    endpoint = account.create(
        "webhook_endpoint",
        "we",
        description=params.get("description"),
        enabled_events=params["enabled_events"],
        metadata=params.get("metadata") or {},
        status="enabled",
        url=params["url"],
    )
    secret = "whsec_" + secrets.token_hex(16)
    account.hidden[endpoint["id"]]["secret"] = secret
    return endpoint | {"secret": secret}


def register_endpoint(account: Account, url: str, secret: str) -> StripeObject:
    """Send all events of `account` to `url`, signed with a `secret` known beforehand.

    The id follows from key and URL, so that a restart finds its deliveries again.
    """
    _check_url(url)
    digest = hashlib.sha256(f"{account.key}|{url}".encode()).hexdigest()
    endpoint = description.skeleton("webhook_endpoint") | {
        "id": f"we_{digest[:24]}",
        "object": "webhook_endpoint",
        "api_version": VERSION,
        "created": account.now(),
        "enabled_events": ["*"],
        "status": "enabled",
        "url": url,
    }
    account.hidden[endpoint["id"]]["secret"] = secret
    account.flag_endpoints.add(endpoint["id"])
    return account.store("webhook_endpoint", endpoint)


def _check_url(url: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise InvalidParameter("Not a valid URL", param="url", code="url_invalid")
