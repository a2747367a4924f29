"""Refunds through the provider: asked with a stored key, applied level-triggered."""

import uuid

from core.clock import now
from core.database import db
from domain.ledger import entries
from domain.ledger.accounts import CoopAccounts
from domain.ledger.legs import EntryKind, reverse
from domain.orders.states import REFUND, PaymentMethod, PaymentState, RefundState
from integrations.gateway import ProviderRefund, RefundRequest
from models.history import move
from models.orders import Order
from models.payments import Refund
from queries.payments import get_approval, legs_of
from services import ledger, outbox
from services.orders import notices
from services.orders.records import lock_refund, payment_of

FIRST_ATTEMPT = 1

SETTLED = {
    "pending": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
}


def new_key() -> str:
    """An idempotency key for one attempt at a refund."""
    return f"refund-{uuid.uuid4().hex}"


def send_later(order: Order, refund: Refund) -> None:
    """Have the worker carry out an approved refund, unless people do it by hand."""
    if order.payment_method == PaymentMethod.STRIPE:
        outbox.enqueue(
            "sync_refund",
            {"refund_id": refund.id, "watch": True},
            key=f"sync_refund:{refund.idempotency_key}",
        )


def prepare_refund(refund_id: int) -> RefundRequest | None:
    """What to ask the provider for, or None when there is nothing to ask.

    Asking again with it pays nothing back twice.
    """
    order, refund = lock_refund(refund_id)
    payment = payment_of(order)
    is_open = refund.state == RefundState.APPROVED and not refund.provider_refund
    intent_id = refund.provider_intent or payment.provider_intent
    if not is_open or intent_id is None:
        return None
    return RefundRequest(
        key=refund.idempotency_key,
        intent_id=intent_id,
        amount_fen=refund.amount_fen,
        refund_id=refund.id,
        approved_at=get_approval(refund.id),
    )


def renew_refund(refund_id: int, key: str) -> None:
    """Give an approved refund a new key: nothing was done with the old one."""
    _order, refund = lock_refund(refund_id)
    if refund.state == RefundState.APPROVED and refund.idempotency_key == key:
        refund.idempotency_key = new_key()
        db.session.flush()


def apply_refund(
    refund_id: int, found: ProviderRefund, *, sent_with: str | None = None
) -> None:
    """Do what the provider's refund says is missing; again, it does nothing.

    sent_with: the key that just made it. Without one only the refund on record
    counts: another is of an earlier attempt.
    """
    order, refund = lock_refund(refund_id)
    is_new = refund.provider_refund is None and sent_with == refund.idempotency_key
    if not is_new and refund.provider_refund != found.id:
        return
    if refund.state in (RefundState.REQUESTED, RefundState.REJECTED):
        return
    refund.provider_refund = found.id
    wanted = SETTLED[found.status]
    if not REFUND.allows(refund.state, wanted):
        db.session.flush()
        return
    if wanted is RefundState.SUCCEEDED:
        finish(order, refund, paid_from=_stripe(order))
    elif wanted is RefundState.FAILED:
        fail(order, refund, reason=found.reason)
    else:
        move(refund, wanted)


def refuse(refund_id: int, reason: str) -> None:
    """The provider will never do this refund."""
    order, refund = lock_refund(refund_id)
    if refund.state == RefundState.APPROVED:
        fail(order, refund, reason=reason)


def finish(
    order: Order,
    refund: Refund,
    *,
    paid_from: str,
    by: int | None = None,
    reference: str = "",
) -> None:
    """The buyer has the money back: book it, and say so."""
    move(
        refund,
        RefundState.SUCCEEDED,
        account_id=by,
        settled_at=now(),
        reference=reference,
    )
    ledger.post(
        EntryKind.REFUND_DONE,
        _done_key(refund),
        entries.refund_done(
            order.cooperative_id, refund.amount_fen, paid_from=paid_from
        ),
        order_id=order.id,
        refund_id=refund.id,
        account_id=by,
        memo=reference,
    )
    payment = payment_of(order)
    if payment.state == PaymentState.LATE:
        move(payment, PaymentState.REFUNDED_LATE)
    notices.tell_refunded(order, refund)


def fail(order: Order, refund: Refund, *, reason: str) -> None:
    """The money did not go back: undo what was booked for it."""
    move(refund, RefundState.FAILED, reason=reason, settled_at=None)
    for key in (_done_key(refund), booking_key(refund)):
        _undo(order, refund, key)


def booking_key(refund: Refund, *, attempt: int | None = None) -> str:
    """The key under which an attempt at a refund is booked, the present by default."""
    return f"refund:{refund.id}:{attempt or refund.attempt}"


def _undo(order: Order, refund: Refund, key: str) -> None:
    entry_id = ledger.find_entry_id(key)
    if entry_id is None:
        return
    ledger.post(
        EntryKind.REFUND_FAILED,
        f"undo:{key}",
        reverse(legs_of(entry_id)),
        order_id=order.id,
        refund_id=refund.id,
        reverses_id=entry_id,
    )


def _done_key(refund: Refund) -> str:
    return f"refund_done:{refund.id}:{refund.attempt}"


def _stripe(order: Order) -> str:
    return CoopAccounts(order.cooperative_id).stripe_available
