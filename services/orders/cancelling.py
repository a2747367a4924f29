"""Orders that end early: cancelled before sending, refused or lost on the way."""

from core.access import HOUSE, Actor
from core.errors import N_, Conflict
from domain.orders.states import (
    UNPAID,
    OrderMoved,
    OrderState,
    PaymentMethod,
    PaymentState,
    ShipmentState,
)
from domain.roles import PACKERS, Role
from models.history import move
from models.orders import Order
from models.payments import Payment
from services.orders import notices, stock
from services.orders.fulfilling import end_parcel
from services.orders.records import lock_order, move_order, payment_of
from services.orders.refunding import call_off, close_unsent, refund_everything
from services.orders.watching import close_later

CANCELLABLE = frozenset(
    {OrderState.PLACED, OrderState.PAID, OrderState.ACCEPTED, OrderState.PACKED}
)


class TooLateToCancel(Conflict):
    """The goods are packed or on their way."""

    code = "too_late_to_cancel"
    message = N_("合作社已经装箱，取消不了了。收到后不满意可以申请退款。")


def cancel_own(actor: Actor, order_id: int, *, reason: str) -> None:
    """The buyer cancels, until it is packed; what was paid goes back whole.

    Raises TooLateToCancel. Cancelling again changes nothing.
    """
    order = lock_order(actor, order_id)
    _cancel(actor, order, CANCELLABLE - {OrderState.PACKED}, reason)


def cancel(actor: Actor, order_id: int, *, reason: str) -> None:
    """The cooperative cancels an order of which nothing was sent.

    What was paid goes back whole. Raises TooLateToCancel. Cancelling again changes
    nothing.
    """
    order = lock_order(actor, order_id, Role.ACCOUNTANT)
    _cancel(actor, order, CANCELLABLE, reason)


def _cancel(
    actor: Actor, order: Order, cancellable: frozenset[OrderState], reason: str
) -> None:
    if order.state == OrderState.CANCELLED:
        return
    if order.state not in cancellable:
        raise TooLateToCancel()
    payment = payment_of(order)
    if payment.state == PaymentState.PAID:
        call_off(actor, order, reason=reason)
        return
    close_unsent(actor, order, reason=reason)
    _end_payment(actor, payment)
    notices.tell_cancelled(order)


def release_unaccepted(order_id: int) -> None:
    """Nobody took on an order that is paid at the door: give its stock back."""
    order = lock_order(HOUSE, order_id)
    if order.state != OrderState.PLACED:
        return
    close_unsent(HOUSE, order, reason=N_("合作社没有及时接单"))
    _end_payment(HOUSE, payment_of(order))
    notices.tell_not_accepted(order)


def fail_parcel(
    actor: Actor,
    order_id: int,
    *,
    outcome: ShipmentState,
    reason: str,
    restock: bool = False,
) -> None:
    """The parcel was refused or lost: the order is cancelled, the money goes back.

    outcome: RETURNED or LOST. restock: the goods came back fit for sale.
    Raises OrderMoved unless the parcel is on its way.
    """
    order = lock_order(actor, order_id, *PACKERS)
    if order.state != OrderState.SHIPPED:
        raise OrderMoved(current=order.state, wanted=OrderState.CANCELLED)
    end_parcel(actor, order, outcome)
    payment = payment_of(order)
    if payment.state == PaymentState.PAID:
        refund_everything(actor, order, reason=reason)
    elif payment.state == PaymentState.CREATED:
        move(payment, PaymentState.EXPIRED, account_id=actor.account_id)
    move_order(actor, order, OrderState.CANCELLED, reason=reason)
    if restock:
        stock.release(order.id)


def _end_payment(actor: Actor, payment: Payment) -> None:
    """Nobody should pay any more; who does so in this moment gets it back."""
    if payment.method != PaymentMethod.STRIPE:
        if payment.state in UNPAID:
            move(payment, PaymentState.EXPIRED, account_id=actor.account_id)
    elif payment.provider_session is not None:
        close_later(payment.id, payment.provider_session)
