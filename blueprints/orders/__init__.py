"""Carts, checkout and orders: the buyer's pages, the packer's and the accountant's."""

from flask import Blueprint

bp = Blueprint("orders", __name__)

from blueprints.orders import (  # noqa: E402
    attention,
    cart,
    checkout,
    desk,
    finding,
    refunds,
    shop,
    studio,
)

__all__ = [
    "attention",
    "bp",
    "cart",
    "checkout",
    "desk",
    "finding",
    "refunds",
    "shop",
    "studio",
]
