"""Stripe's webhooks: the signature proves the sender, the body names an object."""

import json
from typing import Any

import stripe

from integrations.gateway import Event, ForgedEvent

TOLERANCE_S = 300
MALFORMED = (
    stripe.SignatureVerificationError,
    AttributeError,
    KeyError,
    RecursionError,  # brackets nested deeper than Python's stack
    TypeError,
    ValueError,
)
LONGEST_ID, LONGEST_KIND = 100, 80
REFERENCE_KEYS = ("client_reference_id", "payment_intent")


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
        id=_short(plain["id"], LONGEST_ID),
        kind=_short(plain["type"], LONGEST_KIND),
        object_id=str(thing.get("id", "")),
        references=references,
    )


def _short(text: Any, longest: int) -> str:
    if not isinstance(text, str) or not 0 < len(text) <= longest:
        raise ValueError("not a name of Stripe's")
    return text
