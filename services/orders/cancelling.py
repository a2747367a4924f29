"""Orders that end early: cancelled before sending, refused or lost on the way."""

from core.errors import N_, Conflict
from domain.orders.states import (
    OrderMoved,
    OrderState,
    PaymentMethod,
    PaymentState,
    ShipmentState,
)
from models.history import move
from models.payments import Payment
from services.orders import notices, stock
from services.orders.fulfilling import end_parcel
from services.orders.records import lock_order, move_order, payment_of
from services.orders.refunding import call_off, close_unsent, refund_everything
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


def release_unaccepted(order_id: int) -> None:
    """Nobody took on an order that is paid at the door: give its stock back."""
    order = lock_order(order_id)
    if order.state != OrderState.PLACED:
        return
    close_unsent(order, by=None, reason=N_("合作社三天没有接单"))
    _end_payment(payment_of(order), None)
    notices.tell_not_accepted(order)


def fail_parcel(
    order_id: int,
    by: int | None,
    *,
    outcome: ShipmentState,
    reason: str,
    restock: bool = False,
) -> None:
    """The parcel was refused or lost: the order is cancelled, the money goes back.

    outcome: RETURNED or LOST. restock: the goods came back fit for sale.
    Raises OrderMoved unless the parcel is on its way.
    """
    order = lock_order(order_id)
    if order.state != OrderState.SHIPPED:
        raise OrderMoved(current=order.state, wanted=OrderState.CANCELLED)
    end_parcel(order, outcome, by=by)
    payment = payment_of(order)
    if payment.state == PaymentState.PAID:
        refund_everything(order, by=by, reason=reason)
    elif payment.state == PaymentState.CREATED:
        move(payment, PaymentState.EXPIRED, account_id=by)
    move_order(order, OrderState.CANCELLED, by=by, reason=reason)
    if restock:
        stock.release(order.id)


def _end_payment(payment: Payment, by: int | None) -> None:
    """Nobody should pay any more; who does so in this moment gets it back."""
    if payment.method != PaymentMethod.STRIPE:
        if payment.state in UNPAID:
            move(payment, PaymentState.EXPIRED, account_id=by)
    elif payment.provider_session is not None:
        close_later(payment.id, payment.provider_session)
