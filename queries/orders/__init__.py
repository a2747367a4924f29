"""What carts and orders hold, and who may see them."""

from queries.orders.access import (
    OrderScope,
    find_order_in_scope,
    find_own_order,
    find_refund_in_scope,
    scope_of,
    scope_places,
)
from queries.orders.carts import cart_view
from queries.orders.counting import count_in_cart
from queries.orders.details import order_view
from queries.orders.lists import (
    RefundTotals,
    orders_in_scope,
    orders_total_fen,
    own_orders,
    refund_totals,
    refunds_in_scope,
)

__all__ = [
    "OrderScope",
    "RefundTotals",
    "cart_view",
    "count_in_cart",
    "find_order_in_scope",
    "find_own_order",
    "find_refund_in_scope",
    "order_view",
    "orders_in_scope",
    "orders_total_fen",
    "own_orders",
    "refund_totals",
    "refunds_in_scope",
    "scope_of",
    "scope_places",
]
