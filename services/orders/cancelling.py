"""Orders that end before anything is sent."""

from core.errors import N_, Conflict
from domain.orders import OrderState, PaymentMethod, PaymentState
from models import Payment
from models.history import move
from services.orders import notices
from services.orders.records import lock_order, payment_of
from services.orders.refunding import call_off, close_unsent
from services.payments.opening import UNPAID, close_later

CANCELLABLE = frozenset(
    {OrderState.PLACED, OrderState.PAID, OrderState.ACCEPTED, OrderState.PACKED}
)


class TooLateToCancel(Conflict):
    """The goods are packed or on their way."""

    code = "too_late_to_cancel"
    message = N_("合作社已经装箱，取消不了了。收到后不满意可以申请退款。")


def cancel(
    order_id: int, by: int | None, *, reason: str, by_buyer: bool = False
) -> None:
    """Cancel an order of which nothing was sent; what was paid goes back whole.

    by_buyer: the buyer may do so only until it is packed.
    Raises TooLateToCancel. Cancelling again changes nothing.
    """
    order = lock_order(order_id)
    if order.state == OrderState.CANCELLED:
        return
    is_packed = by_buyer and order.state == OrderState.PACKED
    if order.state not in CANCELLABLE or is_packed:
        raise TooLateToCancel()
    payment = payment_of(order)
    if payment.state == PaymentState.PAID:
        call_off(order, by=by, reason=reason)
        return
    close_unsent(order, by=by, reason=reason)
    _end_payment(payment, by)
    notices.tell_cancelled(order)


def _end_payment(payment: Payment, by: int | None) -> None:
    """Nobody should pay any more; who does so in this moment gets it back."""
    if payment.method != PaymentMethod.STRIPE:
        if payment.state in UNPAID:
            move(payment, PaymentState.EXPIRED, account_id=by)
    elif payment.provider_session is not None:
        close_later(payment.id, payment.provider_session)
