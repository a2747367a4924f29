"""What the pages of carts and orders show, read and ready."""

from queries.orders.views.carts import CartGroup, CartLineView, CartView, Trouble
from queries.orders.views.orders import (
    LineView,
    OrderRow,
    OrderView,
    ParcelView,
    PaymentView,
    RefundView,
    SellerView,
    Step,
)

__all__ = [
    "CartGroup",
    "CartLineView",
    "CartView",
    "LineView",
    "OrderRow",
    "OrderView",
    "ParcelView",
    "PaymentView",
    "RefundView",
    "SellerView",
    "Step",
    "Trouble",
]
