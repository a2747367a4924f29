"""Refunds through the provider: asked with a stored key, applied level-triggered."""

from core.access import HOUSE
from core.database import db
from domain.ledger.accounts import CoopAccounts
from domain.orders.states import REFUND, RefundState
from integrations.gateway import ProviderRefund, RefundRequest
from models.history import move
from models.orders import Order
from queries.payments import get_approval
from services.orders.granted_refunds import fail, finish, new_key
from services.orders.records import lock_refund, payment_of

SETTLED = {
    "pending": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
}


def prepare_refund(refund_id: int) -> RefundRequest | None:
    """What to ask the provider for, or None when there is nothing to ask.

    Asking again with it pays nothing back twice.
    """
    order, refund = lock_refund(HOUSE, refund_id)
    payment = payment_of(order)
    is_open = refund.state == RefundState.APPROVED and not refund.provider_refund
    intent_id = refund.provider_intent or payment.provider_intent
    if not is_open or intent_id is None:
        return None
    return RefundRequest(
        key=refund.idempotency_key,
        intent_id=intent_id,
        amount_fen=refund.amount_fen,
        refund_id=refund.id,
        approved_at=get_approval(refund.id),
    )


def renew_refund(refund_id: int, key: str) -> None:
    """Give an approved refund a new key: nothing was done with the old one."""
    _order, refund = lock_refund(HOUSE, refund_id)
    if refund.state == RefundState.APPROVED and refund.idempotency_key == key:
        refund.idempotency_key = new_key()
        db.session.flush()


def apply_refund(
    refund_id: int, found: ProviderRefund, *, sent_with: str | None = None
) -> None:
    """Do what the provider's refund says is missing; again, it does nothing.

    sent_with: the key that just made it. Without one only the refund on record
    counts: another is of an earlier attempt.
    """
    order, refund = lock_refund(HOUSE, refund_id)
    is_new = refund.provider_refund is None and sent_with == refund.idempotency_key
    if not is_new and refund.provider_refund != found.id:
        return
    if refund.state in (RefundState.REQUESTED, RefundState.REJECTED):
        return
    refund.provider_refund = found.id
    wanted = SETTLED[found.status]
    if not REFUND.allows(refund.state, wanted):
        db.session.flush()
        return
    if wanted is RefundState.SUCCEEDED:
        finish(HOUSE, order, refund, paid_from=_stripe(order))
    elif wanted is RefundState.FAILED:
        fail(order, refund, reason=found.reason)
    else:
        move(refund, wanted)


def refuse(refund_id: int, reason: str) -> None:
    """The provider will never do this refund."""
    order, refund = lock_refund(HOUSE, refund_id)
    if refund.state == RefundState.APPROVED:
        fail(order, refund, reason=reason)


def _stripe(order: Order) -> str:
    return CoopAccounts(order.cooperative_id).stripe_available
