"""Orders: carts, checkout, fulfilment, refunds."""

from services.orders.buyers import Buyer, find_visitor_id, keep_visit, start_visit
from services.orders.cart import add_item, merge_carts, remove_item, set_quantity
from services.orders.drafts import (
    CheckoutDraft,
    PlacedOrder,
    RefundDraft,
    RefundDraftLine,
)
from services.orders.placing import place_orders

__all__ = [
    "Buyer",
    "CheckoutDraft",
    "PlacedOrder",
    "RefundDraft",
    "RefundDraftLine",
    "add_item",
    "find_visitor_id",
    "keep_visit",
    "merge_carts",
    "place_orders",
    "remove_item",
    "set_quantity",
    "start_visit",
]
