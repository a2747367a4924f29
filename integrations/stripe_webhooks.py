"""Stripe's webhooks: the signature proves the sender, the body names an object."""

import json
from typing import Any

import stripe

from integrations.gateway import Event, ForgedEvent

TOLERANCE_S = 300
MALFORMED = (stripe.SignatureVerificationError, ValueError, TypeError, KeyError)
REFERENCE_KEYS = ("client_reference_id", "payment_intent", "charge")


def read_event(body: bytes, signature: str, secret: str | None) -> Event:
    """The event in `body`. Raises ForgedEvent unless it is signed, and fresh.

    A time in the future passes Stripe's check: event ids are kept for good besides.
    """
    try:
        text = body.decode()
        stripe.WebhookSignature.verify_header(text, signature, secret, TOLERANCE_S)
        return _event(json.loads(text))
    except MALFORMED as error:
        raise ForgedEvent() from error


def _event(plain: dict[str, Any]) -> Event:
    thing = plain["data"]["object"]
    metadata = thing.get("metadata") or {}
    references = {
        key: thing[key] for key in REFERENCE_KEYS if isinstance(thing.get(key), str)
    }
    for key in ("payment_id", "refund_id"):
        if isinstance(metadata.get(key), str):
            references[key] = metadata[key]
    return Event(
        id=str(plain["id"]),
        kind=str(plain["type"]),
        object_id=str(thing.get("id", "")),
        references=references,
    )
