"""Opening a payment page: fixed in the database first, asked for afterwards.

`prepare` and `record_session` run in transactions of their own, the provider is asked
between them. A crash anywhere is repaired by doing it again: the stored key makes the
provider answer the page it opened before.
"""

import uuid
from datetime import timedelta

from sqlalchemy import update

from core.access import HOUSE
from core.clock import now
from core.config import current_settings
from core.database import db
from core.errors import N_, Invalid
from domain.orders.states import (
    PAYMENT,
    UNPAID,
    OrderMoved,
    OrderState,
    PaymentMethod,
    PaymentState,
    ReservationState,
)
from integrations.gateway import Item, PaymentSession, SessionRequest
from models.history import move
from models.orders import Order, StockReservation
from models.payments import Payment
from services import outbox
from services.orders.plans import pay_before
from services.orders.records import lines_of, lock_payment
from services.orders.watching import close_later, watch

LONGEST_HOLD = timedelta(hours=3)
"""However often the buyer asks for another payment page."""


class NotPaidOnline(Invalid):
    """The order is paid by transfer or at the door."""

    code = "not_paid_online"
    message = N_("这张订单不用在网上付款，付款办法写在订单页上。")


def prepare(payment_id: int) -> SessionRequest:
    """What to ask the provider for; asking again with it opens nothing twice.

    Raises NotFound, NotPaidOnline, or OrderMoved when the order no longer waits for
    its payment.
    """
    order, payment = lock_payment(HOUSE, payment_id)
    if payment.method != PaymentMethod.STRIPE:
        raise NotPaidOnline()
    if order.state != OrderState.PLACED or payment.state not in UNPAID:
        raise OrderMoved(current=order.state, wanted=OrderState.PAID)
    return _request(order, payment)


def request_of(payment_id: int) -> SessionRequest:
    """The request that the payment's key stands for, whatever became of the order."""
    return _request(*lock_payment(HOUSE, payment_id))


def record_session(payment_id: int, session: PaymentSession) -> None:
    """Keep the page that the provider opened; keeping it twice changes nothing.

    When the order was cancelled meanwhile, the worker closes the page.
    """
    order, payment = lock_payment(HOUSE, payment_id)
    if payment.provider_session is not None or payment.state not in UNPAID:
        return
    payment.provider_away_since = None
    payment.provider_session = session.id
    payment.provider_url = session.url
    db.session.flush()
    if PAYMENT.allows(payment.state, PaymentState.PENDING):
        move(payment, PaymentState.PENDING)
    if order.state != OrderState.PLACED:
        close_later(payment.id, session.id)


def note_away(payment_id: int) -> None:
    """The buyer waits and the provider does not answer: the worker goes on asking."""
    _order, payment = lock_payment(HOUSE, payment_id)
    if payment.provider_away_since is not None or payment.state not in UNPAID:
        return
    payment.provider_away_since = moment = now()
    db.session.flush()
    outbox.enqueue(
        "resume_payment",
        {"payment_id": payment.id},
        key=f"resume_payment:{payment.id}:{moment.isoformat()}",
    )


def note_answer(payment_id: int) -> None:
    """The provider answered, whatever it said: nobody waits for it any more."""
    db.session.execute(
        update(Payment)
        .where(Payment.id == payment_id, Payment.provider_away_since.is_not(None))
        .values(provider_away_since=None)
        .execution_options(synchronize_session=False)
    )


def renew(payment_id: int, key: str) -> bool:
    """Give an unpaid payment a new key and a new deadline, its stock held on.

    key: the one that ended, or cannot be used any more; when the payment has another
    by now, someone else renewed it and nothing changes. Returns False when the order
    no longer waits, or has waited for LONGEST_HOLD.
    """
    order, payment = lock_payment(HOUSE, payment_id)
    if order.state != OrderState.PLACED or payment.state not in UNPAID:
        return False
    if payment.idempotency_key != key:
        return True
    if now() - order.placed_at > LONGEST_HOLD:
        return False
    payment.idempotency_key = f"order-{uuid.uuid4().hex}"
    payment.attempt += 1
    payment.provider_session = payment.provider_url = None
    payment.expires_at = order.pay_before = pay_before(PaymentMethod.STRIPE)
    db.session.flush()
    db.session.execute(
        update(StockReservation)
        .where(
            StockReservation.order_id == order.id,
            StockReservation.state == ReservationState.HELD,
        )
        .values(expires_at=payment.expires_at)
        .execution_options(synchronize_session=False)
    )
    watch(payment)
    return True


def _request(order: Order, payment: Payment) -> SessionRequest:
    address = current_settings().public_url
    return SessionRequest(
        key=payment.idempotency_key,
        reference=order.number,
        payment_id=payment.id,
        items=_items(order),
        currency=payment.currency,
        expires_at=payment.expires_at or now(),
        success_url=(
            f"{address}/payments/return/{order.number}"
            "?session_id={CHECKOUT_SESSION_ID}"
        ),
        cancel_url=f"{address}/orders/{order.number}",
        not_before=order.placed_at,
    )


def _items(order: Order) -> list[Item]:
    goods = [
        Item(f"{line.product_name} {line.variant_name}", line.price_fen, line.quantity)
        for line in lines_of(order)
    ]
    freight = [Item("运费", order.freight_fen, 1)] if order.freight_fen else []
    return goods + freight
