"""Jobs that talk with the payment provider; each may run again at any point."""

from datetime import timedelta
from typing import Any

from core.access import HOUSE
from core.clock import now
from core.database import transaction
from domain.orders.states import TAKEN, UNPAID, RefundState
from integrations.gateway import PaymentDown
from queries.payments import get_payment_target, get_refund_target
from services.jobs import GiveUp, NotYet, handles
from services.payments import applying, gateway_calls, unmatched

LOOK_AGAIN = timedelta(minutes=5)
BUYER_WAITS = timedelta(seconds=15)


@handles("sync_payment")
def sync_payment(payload: dict[str, Any]) -> None:
    """Bring a payment to where its page is; payload: payment_id, session_id if any.

    A page that should have ended and has not is looked at until it has: clocks
    differ, and an event may be lost.
    """
    payment_id = payload["payment_id"]
    gateway_calls.sync_payment(payment_id, session_id=payload.get("session_id"))
    target = get_payment_target(HOUSE, payment_id)
    if target.state in UNPAID and target.is_over:
        raise NotYet(now() + LOOK_AGAIN)
    if target.state in UNPAID and target.expires_at and "session_id" not in payload:
        raise NotYet(target.expires_at)  # the clock was put back


@handles("resume_payment")
def resume_payment(payload: dict[str, Any]) -> None:
    """Ask for a buyer who waits until the provider answers; payload: payment_id.

    At an even pace: the longer and longer pauses of other jobs would outlast them.
    """
    try:
        gateway_calls.resume_payment(payload["payment_id"])
    except PaymentDown:
        raise NotYet(now() + BUYER_WAITS) from None


@handles("check_availability")
def check_availability(payload: dict[str, Any]) -> None:
    """Ask until the provider has released a payment's money; payload: payment_id."""
    payment_id = payload["payment_id"]
    gateway_calls.sync_payment(payment_id)
    target = get_payment_target(HOUSE, payment_id)
    if target.state in TAKEN and target.available_at is None:
        raise NotYet(now() + applying.RECHECK)


@handles("check_surplus")
def check_surplus(payload: dict[str, Any]) -> None:
    """Ask until the provider has released money that was paid too much.

    payload: payment_id, session_id, intent_id.
    """
    session_id, intent_id = payload["session_id"], payload["intent_id"]
    gateway_calls.sync_payment(payload["payment_id"], session_id=session_id)
    if not unmatched.is_settled(intent_id):
        raise NotYet(now() + applying.RECHECK)


@handles("close_session")
def close_session(payload: dict[str, Any]) -> None:
    """End a page of a cancelled order; payload: payment_id, session_id."""
    gateway_calls.close_session(payload["payment_id"], payload["session_id"])


@handles("sync_refund")
def sync_refund(payload: dict[str, Any]) -> None:
    """Send an approved refund, or see how far it is; payload: refund_id, watch.

    watch: ask until it has ended, in case its events are lost.
    """
    gateway_calls.sync_refund(payload["refund_id"])
    target = get_refund_target(payload["refund_id"])
    if payload.get("watch") and target.state is RefundState.PENDING:
        raise NotYet(now() + applying.RECHECK)


@handles("release_expired")
def release_expired(payload: dict[str, Any]) -> None:
    """Give back the stock of a transfer that did not come; payload: payment_id."""
    with transaction():
        again_at = applying.release_expired(payload["payment_id"])
    if again_at is not None:
        raise NotYet(again_at)


@handles("look_at_payment")
def look_at_payment(payload: dict[str, Any]) -> None:
    """Park at once: a person must look at this payment; payload: payment_id, why."""
    raise GiveUp(f"payment {payload['payment_id']}: {payload['why']}")
