"""A granted refund: owed to the buyer, sent, and then done or failed.

Two kinds the house grants by itself: money that came after its order was released, and
money beside an order's price. Their request ids hold a colon, which no form's may:
nobody takes them first.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from core.access import HOUSE, Actor
from core.clock import now
from core.database import db
from core.errors import N_
from domain.ledger import entries
from domain.ledger.legs import EntryKind, Leg, reverse
from domain.orders.states import PaymentMethod, PaymentState, RefundBearer, RefundState
from models.history import move, record_change
from models.ledger import JournalEntry
from models.orders import Order
from models.payments import Payment, Refund, RefundLine
from queries.payments import legs_of
from services import ledger, outbox
from services.orders import notices
from services.orders.records import lines_of, payment_of
from services.orders.shares import refund_lines

FIRST_ATTEMPT = 1


def new_key() -> str:
    """An idempotency key for one attempt at a refund."""
    return f"refund-{uuid.uuid4().hex}"


def owe(
    actor: Actor, order: Order, refund: Refund, parts: Sequence[RefundLine]
) -> None:
    """Book that the money is the buyer's, and have it sent.

    Before delivery it comes from what the order holds, afterwards from what the
    parties have, or from whoever spoiled the goods. A refund that is tried again
    comes from where it came the first time.
    """
    kind = _kind(order, refund)
    _post(actor, kind, order, refund, _legs(kind, order, refund, parts))
    _send_later(order, refund)


def return_late(order: Order, payment: Payment) -> None:
    """Grant the refund of a whole payment that came too late for its order."""
    refund = _granted_by_the_house(
        HOUSE,
        order,
        request_id=f"late:{payment.id}",
        amount_fen=payment.amount_fen,
        goods_fen=order.goods_fen,
        freight_fen=order.freight_fen,
        reason=N_("订单取消后才收到付款，原路退回"),
    )
    db.session.add_all(
        RefundLine(
            refund_id=refund.id,
            order_line_id=line.id,
            quantity=line.quantity,
            goods_fen=line.goods_fen,
            freight_fen=line.freight_fen,
        )
        for line in lines_of(order)
    )
    _owe_late(order, refund)


def return_surplus(
    actor: Actor,
    order: Order,
    amount_fen: int,
    *,
    request_id: str,
    reason: str,
    intent_id: str | None = None,
) -> None:
    """Grant the refund of money beside the price that was just booked.

    No line carries it. intent_id: the provider's payment, when it is not the order's.
    """
    refund = _granted_by_the_house(
        actor,
        order,
        request_id=request_id,
        amount_fen=amount_fen,
        goods_fen=amount_fen,
        freight_fen=0,
        reason=reason,
        provider_intent=intent_id,
        is_surplus=True,
        decided_by=actor.account_id,
    )
    _owe_late(order, refund)
    notices.tell_refund_approved(order, refund)


def finish(
    actor: Actor, order: Order, refund: Refund, *, paid_from: str, reference: str = ""
) -> None:
    """The buyer has the money back: book it, and say so."""
    move(
        refund,
        RefundState.SUCCEEDED,
        account_id=actor.account_id,
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
        account_id=actor.account_id,
        memo=reference,
    )
    payment = payment_of(order)
    if payment.state == PaymentState.LATE:
        move(payment, PaymentState.REFUNDED_LATE)
    notices.tell_refunded(order, refund)


def fail(order: Order, refund: Refund, *, reason: str) -> None:
    """The money did not go back: undo what was booked for it."""
    move(refund, RefundState.FAILED, reason=reason, settled_at=None)
    for key in (_done_key(refund), _booking_key(refund)):
        entry_id = ledger.find_entry_id(key)
        if entry_id is not None:
            ledger.post(
                EntryKind.REFUND_FAILED,
                f"undo:{key}",
                reverse(legs_of(entry_id)),
                order_id=order.id,
                refund_id=refund.id,
                reverses_id=entry_id,
            )


def _granted_by_the_house(
    actor: Actor, order: Order, *, reason: str, **values: object
) -> Refund:
    refund = Refund(
        order_id=order.id,
        state=RefundState.APPROVED,
        bearer=RefundBearer.PARTIES,
        reason=reason,
        idempotency_key=new_key(),
        attempt=FIRST_ATTEMPT,
        **values,
    )
    db.session.add(refund)
    db.session.flush()
    record_change(
        refund, RefundState.APPROVED, account_id=actor.account_id, reason=reason
    )
    return refund


def _owe_late(order: Order, refund: Refund) -> None:
    """The money is owed to the buyer, not to the parties."""
    legs = entries.late_payment(order.cooperative_id, refund.amount_fen)
    _post(HOUSE, EntryKind.LATE_PAYMENT, order, refund, legs)
    _send_later(order, refund)


def _send_later(order: Order, refund: Refund) -> None:
    """Have the worker carry it out, unless people do it by hand."""
    if order.payment_method == PaymentMethod.STRIPE:
        outbox.enqueue(
            "sync_refund",
            {"refund_id": refund.id, "watch": True},
            key=f"sync_refund:{refund.idempotency_key}",
        )


def _kind(order: Order, refund: Refund) -> EntryKind:
    first = db.session.scalar(
        select(JournalEntry.kind).where(
            JournalEntry.key == _booking_key(refund, attempt=FIRST_ATTEMPT)
        )
    )
    if first is not None:
        return EntryKind(first)
    if order.delivered_at is None:
        return EntryKind.REFUND_UNDELIVERED
    if refund.bearer == RefundBearer.PARTIES:
        return EntryKind.REFUND
    return EntryKind.COMPENSATION


def _legs(
    kind: EntryKind, order: Order, refund: Refund, parts: Sequence[RefundLine]
) -> list[Leg]:
    match kind:
        case EntryKind.LATE_PAYMENT:
            return entries.late_payment(order.cooperative_id, refund.amount_fen)
        case EntryKind.REFUND_UNDELIVERED:
            return entries.refund_undelivered(order.cooperative_id, refund.amount_fen)
        case EntryKind.REFUND:
            return entries.refund(order.cooperative_id, refund_lines(order, parts))
        case _:
            amounts = {
                part.order_line_id: part.goods_fen + part.freight_fen for part in parts
            }
            bearer = RefundBearer(refund.bearer)
            return entries.compensation(order.cooperative_id, amounts, bearer)


def _post(
    actor: Actor, kind: EntryKind, order: Order, refund: Refund, legs: Sequence[Leg]
) -> None:
    ledger.post(
        kind,
        _booking_key(refund),
        legs,
        order_id=order.id,
        refund_id=refund.id,
        account_id=actor.account_id,
        memo=refund.reason[:200],
    )


def _booking_key(refund: Refund, *, attempt: int | None = None) -> str:
    """The key under which an attempt at a refund is booked, the present by default."""
    return f"refund:{refund.id}:{attempt or refund.attempt}"


def _done_key(refund: Refund) -> str:
    return f"refund_done:{refund.id}:{refund.attempt}"
