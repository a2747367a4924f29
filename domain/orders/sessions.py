"""What a payment session asks for, whatever became of its events."""

from dataclasses import dataclass
from enum import StrEnum

from domain.orders.states import OrderState, PaymentState


@dataclass(frozen=True)
class SessionSnapshot:
    """A payment session as the payment service shows it now.

    status: open, complete or expired. payment_status: unpaid, paid or
    no_payment_required. amount_total_fen: in the currency's smallest unit.
    """

    status: str
    payment_status: str
    amount_total_fen: int
    currency: str = "cny"

    @property
    def is_paid(self) -> bool:
        """Whether the buyer has done their part."""
        return self.payment_status in {"paid", "no_payment_required"}


class SessionStep(StrEnum):
    """What is still missing after looking at a session.

    nothing: all is as it should be. mark_paid: the order is paid. release: the
    session ended unpaid; give the stock back. refund_late: the money came when
    the order no longer wanted it. park: the amount or currency is not the order's.
    """

    NOTHING = "nothing"
    MARK_PAID = "mark_paid"
    RELEASE = "release"
    REFUND_LATE = "refund_late"
    PARK = "park"


_SETTLED = frozenset(
    {
        PaymentState.PAID,
        PaymentState.LATE,
        PaymentState.REFUNDED_LATE,
        PaymentState.PARKED,
    }
)


def decide_session(
    order_state: str,
    payment_state: str,
    snapshot: SessionSnapshot,
    *,
    due_fen: int,
    currency: str = "cny",
) -> SessionStep:
    """What is missing, whatever events came, were lost, doubled or shuffled.

    Applying the step and deciding again with the same snapshot gives NOTHING.
    due_fen: what the order asks for.
    """
    if payment_state in _SETTLED:
        return SessionStep.NOTHING
    if snapshot.is_paid:
        if (snapshot.amount_total_fen, snapshot.currency) != (due_fen, currency):
            return SessionStep.PARK
        if order_state == OrderState.PLACED:
            return SessionStep.MARK_PAID
        return SessionStep.REFUND_LATE
    if snapshot.status == "expired" and payment_state != PaymentState.EXPIRED:
        return SessionStep.RELEASE
    return SessionStep.NOTHING
