"""What a payment page shows is brought into the shop's records.

Level-triggered: webhook, return page and sweeper fetch the page as it is now and hand
it in here, where what is missing is done. Late, lost, doubled and shuffled events
therefore end in the same state.
"""

from datetime import datetime, timedelta

import structlog

from core.access import HOUSE
from core.clock import now
from core.database import db
from core.errors import N_
from domain.orders.sessions import SessionStep, decide_session
from domain.orders.states import TAKEN, UNPAID, OrderState, PaymentMethod, PaymentState
from integrations.gateway import PaymentSession
from models.history import move
from models.orders import Order
from models.payments import Payment
from services import outbox
from services.orders import notices, postings, stock
from services.orders.granted_refunds import return_late
from services.orders.records import lock_payment, move_order
from services.orders.watching import close_later
from services.payments.unmatched import park, take_surplus

log = structlog.get_logger("tianbo")

RECHECK = timedelta(hours=1)


def apply_session(payment_id: int, session: PaymentSession) -> SessionStep:
    """Do what `session` says is missing; returns what was done.

    Applying it again does nothing. Raises NotFound.
    """
    order, payment = lock_payment(HOUSE, payment_id)
    if not _is_current(order, payment, session):
        return SessionStep.NOTHING
    step = decide_session(
        order.state,
        payment.state,
        session.snapshot,
        due_fen=payment.amount_fen,
        currency=payment.currency,
    )
    match step:
        case SessionStep.MARK_PAID:
            _mark_paid(order, payment, session)
        case SessionStep.REFUND_LATE:
            _take_late(order, payment, session)
        case SessionStep.RELEASE:
            expire(order, payment)
        case SessionStep.PARK:
            park(payment, session)
    _note_facts(order, payment, session)
    return step


def release_unopened(payment_id: int) -> None:
    """The payment's time is over and no page was ever opened: give the stock back."""
    order, payment = lock_payment(HOUSE, payment_id)
    if payment.state in UNPAID and payment.provider_session is None:
        expire(order, payment)


def release_expired(payment_id: int) -> datetime | None:
    """A transfer did not come in time: give the stock back.

    Returns when to look again where its time has not come: the clock was put back.
    """
    order, payment = lock_payment(HOUSE, payment_id)
    is_transfer = payment.method == PaymentMethod.BANK_TRANSFER
    if not is_transfer or payment.state not in UNPAID or payment.expires_at is None:
        return None
    if payment.expires_at > now():
        return payment.expires_at
    expire(order, payment)
    return None


def expire(order: Order, payment: Payment) -> None:
    """End an unpaid payment, and its order if that still waits for it."""
    move(payment, PaymentState.EXPIRED)
    if order.state == OrderState.PLACED:
        move_order(HOUSE, order, OrderState.EXPIRED, reason=N_("逾期未付款"))
        stock.release(order.id)


def _is_current(order: Order, payment: Payment, session: PaymentSession) -> bool:
    """Whether `session` is the one that counts for this payment.

    A page that we never recorded (we crashed, or its key was given up) counts when it
    was opened with the payment's present key, or when it is the one that was paid.
    Another one that was paid as well is money too much, and goes back.
    """
    if session.reference != order.number or payment.method != PaymentMethod.STRIPE:
        log.error("session of another order", order=order.number)
        return False
    if payment.provider_session == session.id:
        return True
    if not session.snapshot.is_paid:
        return payment.provider_session is None and _is_of_this_attempt(
            payment, session
        )
    if payment.state in UNPAID:
        if payment.provider_session is not None:
            close_later(payment.id, payment.provider_session)
        return True
    if session.intent_id != payment.provider_intent:
        take_surplus(order, payment, session)
    return False


def _is_of_this_attempt(payment: Payment, session: PaymentSession) -> bool:
    """Whether the page has the payment's present deadline: each key has its own."""
    if payment.expires_at is None or session.expires_at is None:
        return False
    return int(payment.expires_at.timestamp()) == int(session.expires_at.timestamp())


def _mark_paid(order: Order, payment: Payment, session: PaymentSession) -> None:
    move(payment, PaymentState.PAID, paid_at=now(), **session.ids)
    move_order(HOUSE, order, OrderState.PAID, paid_at=now())
    stock.consume(order.id)
    postings.post_paid(order, payment.id, payment.amount_fen)
    notices.tell_paid(order)


def _take_late(order: Order, payment: Payment, session: PaymentSession) -> None:
    """The money came when its stock was given back already: it goes back whole."""
    move(payment, PaymentState.LATE, paid_at=now(), **session.ids)
    postings.post_paid(order, payment.id, payment.amount_fen)
    return_late(order, payment)


def _note_facts(order: Order, payment: Payment, session: PaymentSession) -> None:
    """Book the fee once it is known, and the release of the money once it came."""
    if payment.state not in TAKEN or payment.available_at is not None:
        return
    if payment.fee_fen is None and session.fee_fen is not None:
        payment.fee_fen = session.fee_fen
        postings.post_fee(order, payment.id, session.fee_fen)
    if payment.fee_fen is not None and session.is_available:
        payment.available_at = now()
        postings.post_available(order, payment.id, payment.amount_fen - payment.fee_fen)
    db.session.flush()
    if payment.available_at is None:
        outbox.enqueue(
            "check_availability",
            {"payment_id": payment.id},
            key=f"check_availability:{payment.id}",
            due_at=_next_check(session),
        )


def _next_check(session: PaymentSession) -> datetime:
    """When to ask again whether the money was released."""
    return max(session.available_at or now(), now() + RECHECK)
