"""The sweeper: every payment with a deadline is looked at once it has passed."""

from datetime import timedelta

from domain.orders.states import PaymentMethod
from models.payments import Payment
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
