"""The inbox of webhooks: each event is kept for good and handled once, by a worker."""

from typing import Any

from core.clock import now
from core.database import db, insert_into
from integrations.gateway import Event
from models.payments import WebhookEvent
from queries.payments import find_payment_of, find_refund_of
from services import outbox

REFUND_KINDS = ("refund.", "charge.refund.")
PAYMENT_KINDS = ("checkout.session.", "payment_intent.", "charge.")


def take_event(provider: str, event: Event, *, cooperative_id: int | None) -> bool:
    """Keep an event and have what it is about looked at; False when it came before.

    The event only says where to look: the worker asks the provider for the truth.
    Events about things we do not know are kept and need nothing.
    cooperative_id: whose account sent it, None for the default account.
    """
    if not _keep(provider, event, cooperative_id):
        return False
    if event.kind.startswith(REFUND_KINDS):
        refund_id = find_refund_of(event.object_id, event.references, cooperative_id)
        if refund_id is not None:
            _look_at("sync_refund", {"refund_id": refund_id}, event)
    elif event.kind.startswith(PAYMENT_KINDS):
        payment_id = find_payment_of(event.object_id, event.references, cooperative_id)
        if payment_id is not None:
            _look_at("sync_payment", _page(event) | {"payment_id": payment_id}, event)
    return True


def _keep(provider: str, event: Event, cooperative_id: int | None) -> bool:
    kept = db.session.scalar(
        insert_into(WebhookEvent)
        .values(
            provider=provider,
            event_id=event.id,
            kind=event.kind,
            cooperative_id=cooperative_id,
            body={"object": event.object_id, **event.references},
            received_at=now(),
        )
        .on_conflict_do_nothing(index_elements=["provider", "event_id"])
        .returning(WebhookEvent.id)
    )
    return kept is not None


def _page(event: Event) -> dict[str, Any]:
    """The payment page of the event, which we may never have recorded."""
    if event.kind.startswith("checkout.session."):
        return {"session_id": event.object_id}
    return {}


def _look_at(kind: str, payload: dict[str, Any], event: Event) -> None:
    outbox.enqueue(kind, payload, key=f"event:{event.id}")
