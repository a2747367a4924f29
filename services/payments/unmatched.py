"""Money that is not an order's price: of a wrong amount, or paid beside it.

A wrong amount is parked until a person sends it back. What came beside the price goes
back by itself: somebody paid two pages of one order, or one that we had given up.
"""

import structlog

from core.access import HOUSE, Actor
from core.clock import now
from core.errors import N_, Conflict
from domain.money import format_yuan
from domain.orders.states import PAYMENT, OrderState, PaymentState
from domain.roles import Role
from integrations.gateway import PaymentSession
from models.history import move
from models.orders import Order
from models.payments import Payment
from services import ledger, outbox
from services.orders import notices, postings, stock
from services.orders.granted_refunds import return_surplus
from services.orders.records import lock_payment, move_order

log = structlog.get_logger("tianbo")

WRONG_AMOUNT = N_("付的钱和订单金额对不上，全部退回，请重新下单")
PAID_TWICE = N_("多付了一次，原路退回")


class NotInTheBooks(Conflict):
    """The money is none, or in a currency in which nothing is booked."""

    code = "not_in_the_books"
    message = N_("这笔钱不是人民币，请在支付平台后台退回，再告诉管理员。")


def park(payment: Payment, session: PaymentSession) -> None:
    """Amount or currency is not the order's: a person must look."""
    move(payment, PaymentState.PARKED, reason=_came(session), **session.ids)
    outbox.enqueue(
        "look_at_payment",
        {"payment_id": payment.id, "why": "amount or currency differs"},
        key=_look_key(payment),
    )


def return_parked(actor: Actor, payment_id: int, session: PaymentSession) -> None:
    """Book what really came, send it back whole, and call the order off.

    session: the payment's page as it is now.
    Raises NotFound, PaymentMoved unless the payment is parked, or NotInTheBooks.
    """
    order, payment = lock_payment(actor, payment_id, Role.ACCOUNTANT)
    PAYMENT.check(payment.state, PaymentState.LATE)
    amount_fen = session.snapshot.amount_total_fen
    if session.snapshot.currency != payment.currency or amount_fen <= 0:
        raise NotInTheBooks()
    move(
        payment,
        PaymentState.LATE,
        account_id=actor.account_id,
        amount_fen=amount_fen,
        paid_at=now(),
    )
    postings.post_paid(order, payment.id, amount_fen)
    return_surplus(
        actor,
        order,
        amount_fen,
        request_id=f"parked:{payment.id}",
        reason=WRONG_AMOUNT,
    )
    if order.state == OrderState.PLACED:
        move_order(actor, order, OrderState.CANCELLED, reason=WRONG_AMOUNT)
        stock.release(order.id)
        notices.tell_cancelled(order)
    outbox.dismiss(_look_key(payment))


def take_surplus(order: Order, payment: Payment, session: PaymentSession) -> None:
    """Book what was paid on another page than the order's, and send it back.

    Again it only books what has become known: the fee, the release of the money.
    """
    amount_fen, intent_id = session.snapshot.amount_total_fen, session.intent_id
    if session.snapshot.currency != payment.currency or not intent_id:
        log.error("surplus that cannot be booked", order=order.number)
        return
    if ledger.find_entry_id(f"paid:{intent_id}") is None:
        postings.post_paid(order, intent_id, amount_fen)
        return_surplus(
            HOUSE,
            order,
            amount_fen,
            request_id=f"surplus:{intent_id}"[:64],
            reason=PAID_TWICE,
            intent_id=intent_id,
        )
        named = {"session_id": session.id, "intent_id": intent_id}
        outbox.enqueue(
            "check_surplus",
            {"payment_id": payment.id, **named},
            key=f"check_surplus:{intent_id}",
        )
    if session.fee_fen is not None:
        postings.post_fee(order, intent_id, session.fee_fen)
        if session.is_available:
            postings.post_available(order, intent_id, amount_fen - session.fee_fen)


def is_settled(intent_id: str) -> bool:
    """Whether the release of a surplus was booked, after which nothing follows."""
    return ledger.find_entry_id(f"available:{intent_id}") is not None


def _came(session: PaymentSession) -> str:
    """What was paid, for a person to read."""
    fen, currency = session.snapshot.amount_total_fen, session.snapshot.currency
    return format_yuan(fen) if currency == "cny" else f"{fen} {currency}"


def _look_key(payment: Payment) -> str:
    return f"look_at_payment:{payment.id}"
