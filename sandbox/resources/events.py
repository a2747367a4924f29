"""Webhook endpoints, and the events that they are told."""

import copy
import hashlib
import secrets
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sandbox import description
from sandbox.account import Account, Call
from sandbox.description import VERSION, StripeObject
from sandbox.errors import InvalidParameter


@dataclass(frozen=True)
class Cause:
    """The API request behind an event; empty for the hosted page and the clock."""

    request_id: str | None = None
    idempotency_key: str | None = None


current_cause: ContextVar[Cause | None] = ContextVar("current_cause", default=None)


def emit(
    account: Account,
    event_type: str,
    subject: StripeObject,
    *,
    previous: dict[str, Any] | None = None,
) -> None:
    """Record an event with a copy of `subject`, and queue it for the endpoints.

    previous: the values that an `….updated` event replaced.
    """
    cause = current_cause.get() or Cause()
    content = {"object": copy.deepcopy(subject)}
    if previous is not None:
        content["previous_attributes"] = previous
    subscribers = [
        endpoint["id"]
        for endpoint in account.objects["webhook_endpoint"].values()
        if {"*", event_type} & set(endpoint["enabled_events"])
    ]
    event = account.create(
        "event",
        "evt",
        type=event_type,
        api_version=VERSION,
        data=content,
        pending_webhooks=len(subscribers),
        request={"id": cause.request_id, "idempotency_key": cause.idempotency_key},
    )
    for endpoint_id in subscribers:
        account.deliver(event, endpoint_id)


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
