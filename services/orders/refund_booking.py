"""How a granted refund stands in the ledger."""

from collections.abc import Sequence

from sqlalchemy import select

from core.database import db
from domain.ledger import entries
from domain.ledger.legs import EntryKind, Leg
from domain.orders.states import RefundBearer
from models.ledger import JournalEntry
from models.orders import Order
from models.payments import Refund, RefundLine
from services import ledger
from services.orders.shares import refund_lines
from services.payments.late import post_late
from services.payments.refunds import FIRST_ATTEMPT, booking_key


def book_refund(
    order: Order, refund: Refund, parts: Sequence[RefundLine], *, by: int | None
) -> None:
    """Owe the money to the buyer.

    Before delivery it comes from what the order holds, afterwards from what the
    parties have, or from whoever spoiled the goods. A refund that is tried again
    comes from where it came the first time.
    """
    kind = _kind(order, refund)
    if kind is EntryKind.LATE_PAYMENT:
        post_late(order, refund)
        return
    ledger.post(
        kind,
        booking_key(refund),
        _legs(kind, order, refund, parts),
        order_id=order.id,
        refund_id=refund.id,
        account_id=by,
        memo=refund.reason[:200],
    )


def _kind(order: Order, refund: Refund) -> EntryKind:
    first = db.session.scalar(
        select(JournalEntry.kind).where(
            JournalEntry.key == booking_key(refund, attempt=FIRST_ATTEMPT)
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
