"""The states of orders, payments, refunds and parcels, and the moves between them."""

from enum import StrEnum

from core.errors import N_, Conflict
from domain.states import Labelled, StateMachine, moves


class OrderMoved(Conflict):
    """The order is no longer in a state that allows this."""

    code = "order_moved"
    message = N_("这张订单的状态已经变了，请刷新页面再看。")


class PaymentMoved(Conflict):
    """The payment is no longer in a state that allows this."""

    code = "payment_moved"
    message = N_("这笔付款的状态已经变了，请刷新页面再看。")


class RefundMoved(Conflict):
    """The refund is no longer in a state that allows this."""

    code = "refund_moved"
    message = N_("这笔退款的状态已经变了，请刷新页面再看。")


class ShipmentMoved(Conflict):
    """The parcel is no longer in a state that allows this."""

    code = "shipment_moved"
    message = N_("这个包裹的状态已经变了，请刷新页面再看。")


class PaymentMethod(Labelled):
    """How the buyer pays."""

    STRIPE = "stripe", N_("网上付款")
    BANK_TRANSFER = "bank_transfer", N_("银行转账")
    CASH_ON_DELIVERY = "cash_on_delivery", N_("货到付款")


class OrderState(Labelled):
    """Where an order stands; `accepted` is cash on delivery's `paid`."""

    PLACED = "placed", N_("待付款"), "ginger"
    PAID = "paid", N_("已付款"), "ginger"
    ACCEPTED = "accepted", N_("已接单"), "ginger"
    PACKED = "packed", N_("已打包"), "ginger"
    SHIPPED = "shipped", N_("在路上"), "tuber"
    DELIVERED = "delivered", N_("已签收"), "leaf"
    COMPLETED = "completed", N_("已完成"), "leaf"
    EXPIRED = "expired", N_("已过期"), "soil"
    CANCELLED = "cancelled", N_("已取消"), "soil"


ORDER = StateMachine(
    moves(
        placed="paid accepted expired cancelled",
        paid="packed cancelled",
        accepted="packed cancelled",
        packed="shipped cancelled",
        shipped="delivered cancelled",
        delivered="completed",
        completed="",
        expired="",
        cancelled="",
    ),
    OrderMoved,
)
"""A shipped order is cancelled when the parcel is refused or lost."""

UNSENT = frozenset({OrderState.PAID, OrderState.ACCEPTED, OrderState.PACKED})
"""Taken on, and still in the house."""

SOLD = frozenset(OrderState) - {
    OrderState.PLACED,
    OrderState.EXPIRED,
    OrderState.CANCELLED,
}
"""What counts as sold: paid, or taken on to be paid at the door."""


class PaymentState(StrEnum):
    """Where a payment stands.

    late: it came after the order was released and goes back; parked: its amount
    or currency is wrong and a person must look.
    """

    CREATED = "created"
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    LATE = "late"
    REFUNDED_LATE = "refunded_late"
    PARKED = "parked"


PAYMENT = StateMachine(
    moves(
        created="pending paid failed expired late parked",
        pending="paid failed expired late parked",
        failed="pending paid expired late parked",
        expired="paid late parked",
        parked="paid late",
        late="refunded_late",
        paid="",
        refunded_late="",
    ),
    PaymentMoved,
)

UNPAID = frozenset({PaymentState.CREATED, PaymentState.PENDING})
"""Somebody may still pay."""

TAKEN = frozenset({PaymentState.PAID, PaymentState.LATE, PaymentState.REFUNDED_LATE})
"""The money came, for the order or too late for it."""


class RefundState(Labelled):
    """Where a refund stands."""

    REQUESTED = "requested", N_("等处理"), "ginger"
    APPROVED = "approved", N_("同意了，等退回"), "ginger"
    PENDING = "pending", N_("退回中"), "ginger"
    SUCCEEDED = "succeeded", N_("已退回"), "leaf"
    FAILED = "failed", N_("没退成"), "haw"
    REJECTED = "rejected", N_("没有同意"), "soil"


REFUND = StateMachine(
    moves(
        requested="approved rejected",
        approved="pending succeeded failed",
        pending="succeeded failed",
        succeeded="failed",
        failed="approved",
        rejected="",
    ),
    RefundMoved,
)
"""Stripe may report a failure after success; a failed refund may be tried again."""


class RefundBearer(Labelled):
    """Who bears a refund: the line's parties, or for spoiled goods someone else."""

    PARTIES = "parties", N_("各方按份")
    CARRIER = "carrier", N_("快递公司")
    PLATFORM = "platform", N_("平台")


class ReservationState(StrEnum):
    """What became of stock set aside for an order."""

    HELD = "held"
    CONSUMED = "consumed"
    RELEASED = "released"


class ShipmentState(StrEnum):
    """Where a parcel is."""

    PREPARING = "preparing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"
    LOST = "lost"


SHIPMENT = StateMachine(
    moves(
        preparing="shipped",
        shipped="delivered returned lost",
        delivered="returned",
        returned="",
        lost="delivered returned",
    ),
    ShipmentMoved,
)


def check_transition(current: str, wanted: str) -> None:
    """Raise OrderMoved unless an order may go from `current` to `wanted`."""
    ORDER.check(current, wanted)
