"""Jobs of orders that time alone brings forward."""

from typing import Any

from core.database import transaction
from services.jobs import NotYet, handles
from services.orders import complete


@handles("complete_order")
def complete_order(payload: dict[str, Any]) -> None:
    """Close an order a week after it arrived; payload: order_id."""
    with transaction():
        again_at = complete(payload["order_id"])
    if again_at is not None:
        raise NotYet(again_at)
