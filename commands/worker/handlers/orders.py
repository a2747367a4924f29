"""Jobs of orders that time alone brings forward."""

from typing import Any

from core.database import transaction
from services.jobs import NotYet, handles
from services.orders.cancelling import release_unaccepted
from services.orders.fulfilling import complete


@handles("complete_order")
def complete_order(payload: dict[str, Any]) -> None:
    """Close an order a week after it arrived; payload: order_id."""
    with transaction():
        again_at = complete(payload["order_id"])
    if again_at is not None:
        raise NotYet(again_at)


@handles("release_unaccepted")
def release_when_not_accepted(payload: dict[str, Any]) -> None:
    """Give back what an order holds that nobody took on; payload: order_id."""
    with transaction():
        release_unaccepted(payload["order_id"])
