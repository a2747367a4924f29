"""Money that came after its order was released goes back by itself.

Its refund's request id holds a colon, which no form's may: nobody takes it first.
"""

from core.database import db
from core.errors import N_
from domain.ledger import entries
from domain.ledger.legs import EntryKind
from domain.orders.states import RefundBearer, RefundState
from models.history import record_change
from models.orders import Order, OrderLine
from models.payments import Payment, Refund, RefundLine
from services import ledger
from services.orders.records import lines_of
from services.payments.refunds import booking_key, new_key, send_later


def send_back(order: Order, payment: Payment) -> None:
    """Approve the refund of a whole late payment; the worker carries it out."""
    refund = Refund(
        order_id=order.id,
        request_id=f"late:{payment.id}",
        state=RefundState.APPROVED,
        amount_fen=payment.amount_fen,
        goods_fen=order.goods_fen,
        freight_fen=order.freight_fen,
        bearer=RefundBearer.PARTIES,
        reason=N_("订单取消后才收到付款，原路退回"),
        idempotency_key=new_key(),
        attempt=1,
    )
    db.session.add(refund)
    db.session.flush()
    db.session.add_all(_whole(refund, line) for line in lines_of(order))
    record_change(refund, RefundState.APPROVED, reason=refund.reason)
    post_late(order, refund)
    send_later(order, refund)


def post_late(order: Order, refund: Refund) -> None:
    """The late payment is owed to the buyer, not to the parties."""
    ledger.post(
        EntryKind.LATE_PAYMENT,
        booking_key(refund),
        entries.late_payment(order.cooperative_id, refund.amount_fen),
        order_id=order.id,
        refund_id=refund.id,
    )


def _whole(refund: Refund, line: OrderLine) -> RefundLine:
    return RefundLine(
        refund_id=refund.id,
        order_line_id=line.id,
        quantity=line.quantity,
        goods_fen=line.goods_fen,
        freight_fen=line.freight_fen,
    )
