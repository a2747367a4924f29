"""Events: a copy of an object at the moment something happened to it."""

import copy
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sandbox.account import Account
from sandbox.description import VERSION, StripeObject


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
    """Record an event about `subject` and queue it for the account's endpoints.

    previous: the values that an `….updated` event replaced.
    """
    cause = current_cause.get() or Cause()
    content = {"object": copy.deepcopy(subject)}
    if previous is not None:
        content["previous_attributes"] = previous
    subscribers = _subscribers(account, event_type)
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
        account.world.outbox.send(account, event, endpoint_id)


def _subscribers(account: Account, event_type: str) -> list[str]:
    return [
        endpoint["id"]
        for endpoint in account.objects["webhook_endpoint"].values()
        if {"*", event_type} & set(endpoint["enabled_events"])
    ]
