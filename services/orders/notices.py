"""What the buyer is told by text message."""

from domain.money import format_yuan
from domain.texts import TextKind
from models.orders import Order, Shipment
from models.payments import Refund
from services import outbox


def tell_paid(order: Order) -> None:
    """The payment arrived."""
    _tell(order, "paid", f"已收到付款 {format_yuan(order.total_fen)}，合作社这就备货。")


def tell_accepted(order: Order) -> None:
    """Cash on delivery was accepted."""
    amount = format_yuan(order.total_fen)
    _tell(order, "accepted", f"已接单，货到付款 {amount}，请保持电话畅通。")


def tell_not_accepted(order: Order) -> None:
    """Nobody took on the order; nothing was paid."""
    sentence = "合作社没有及时接单，已取消，没有收您的钱。还想要请打电话。"
    _tell(order, "unaccepted", sentence, TextKind.UNPAID)


def tell_shipped(order: Order, parcel: Shipment) -> None:
    """The parcel is on its way."""
    parcel_name = f"{parcel.carrier} {parcel.tracking_number}"
    _tell(order, "shipped", f"已发货：{parcel_name}。收到后请验货，有坏果拍照找我们。")


def tell_cancelled(order: Order) -> None:
    """The order was cancelled; a refund tells of itself."""
    kind = TextKind.SERVICE if order.paid_at else TextKind.UNPAID
    _tell(order, "cancelled", "已取消。", kind)


def tell_refund_approved(order: Order, refund: Refund) -> None:
    """The refund was granted."""
    amount = format_yuan(refund.amount_fen)
    _tell(order, f"refund-ok:{refund.id}", f"退款 {amount} 已同意，正在退回。")


def tell_refund_rejected(order: Order, refund: Refund, reason: str) -> None:
    """The refund was declined, with the reason."""
    _tell(
        order,
        f"refund-no:{refund.id}",
        f"这次退款没有通过：{reason}。有疑问请打合作社电话。",
    )


def tell_refunded(order: Order, refund: Refund) -> None:
    """The money is back."""
    amount = format_yuan(refund.amount_fen)
    _tell(order, f"refunded:{refund.id}", f"退款 {amount} 已退回原付款账户。")


def _tell(
    order: Order, what: str, sentence: str, kind: TextKind = TextKind.SERVICE
) -> None:
    outbox.send_sms(
        order.phone,
        f"【田播】订单 {order.number} {sentence}",
        key=f"{what}:{order.id}",
        kind=kind,
        order_id=order.id,
    )
