"""The states of orders, payments, refunds and parcels, and the moves between them."""

from enum import StrEnum

from core.errors import N_, Conflict
from domain.states import StateMachine, moves


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


class PaymentMethod(StrEnum):
    """How the buyer pays."""

    STRIPE = "stripe"
    BANK_TRANSFER = "bank_transfer"
    CASH_ON_DELIVERY = "cash_on_delivery"


class OrderState(StrEnum):
    """Where an order stands; `accepted` is cash on delivery's `paid`."""

    PLACED = "placed"
    PAID = "paid"
    ACCEPTED = "accepted"
    PACKED = "packed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


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


class RefundState(StrEnum):
    """Where a refund stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REJECTED = "rejected"


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


class RefundBearer(StrEnum):
    """Who bears a refund: the line's parties, or for spoiled goods someone else."""

    PARTIES = "parties"
    CARRIER = "carrier"
    PLATFORM = "platform"


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
