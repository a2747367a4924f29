"""The sweeper: each deadline of an order or payment is looked at once it is over."""

from datetime import timedelta

from core.access import Actor
from core.errors import NotFound
from domain.orders.holds import HELD_FOR
from domain.orders.states import PaymentMethod
from domain.roles import Role
from models.orders import Order
from models.payments import Payment
from queries.orders.attention import jobs_waiting
from services import outbox

GRACE = timedelta(minutes=1)


def watch(payment: Payment) -> None:
    """Have the worker look after a payment once its time is over."""
    if payment.expires_at is None:
        return
    kind = (
        "sync_payment" if payment.method == PaymentMethod.STRIPE else "release_expired"
    )
    outbox.enqueue(
        kind,
        {"payment_id": payment.id},
        key=f"{kind}:{payment.id}:{payment.attempt}",
        due_at=payment.expires_at + GRACE,
    )


def watch_acceptance(order: Order) -> None:
    """Anybody may order without paying: such an order must not hold stock for ever."""
    if order.payment_method == PaymentMethod.CASH_ON_DELIVERY:
        outbox.enqueue(
            "release_unaccepted",
            {"order_id": order.id},
            key=f"release_unaccepted:{order.id}",
            due_at=order.placed_at + HELD_FOR[PaymentMethod.CASH_ON_DELIVERY],
        )


def close_later(payment_id: int, session_id: str) -> None:
    """Have the worker end a page on which nobody should pay any more."""
    outbox.enqueue(
        "close_session",
        {"payment_id": payment_id, "session_id": session_id},
        key=f"close_session:{session_id}",
    )


def retry_job(actor: Actor, job_id: int) -> None:
    """Have the worker try once more what it tried in vain for an order.

    Raises NotFound.
    """
    if job_id not in {job.job_id for job in jobs_waiting(actor, (Role.ACCOUNTANT,))}:
        raise NotFound()
    outbox.retry(job_id)
