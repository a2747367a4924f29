"""Money beside an order's price is booked, and goes back whole by itself.

Somebody paid two pages of one order, or a page that we had given up was paid after
the order had ended.
"""

import structlog

from core.access import HOUSE
from core.errors import N_
from integrations.gateway import PaymentSession
from models.orders import Order
from models.payments import Payment
from services import ledger, outbox
from services.orders import postings
from services.orders.granted_refunds import return_surplus

log = structlog.get_logger("tianbo")

PAID_TWICE = N_("多付了一次，原路退回")


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
        outbox.enqueue(
            "check_surplus",
            {
                "payment_id": payment.id,
                "session_id": session.id,
                "intent_id": intent_id,
            },
            key=f"check_surplus:{intent_id}",
        )
    if session.fee_fen is not None:
        postings.post_fee(order, intent_id, session.fee_fen)
        if session.is_available:
            postings.post_available(order, intent_id, amount_fen - session.fee_fen)


def is_settled(intent_id: str) -> bool:
    """Whether the release of a surplus was booked, after which nothing follows."""
    return ledger.find_entry_id(f"available:{intent_id}") is not None
