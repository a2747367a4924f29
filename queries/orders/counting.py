"""How many boxes are in a cart: every shop page shows it."""

from sqlalchemy import func, select

from core.database import db
from domain.orders.buyers import Buyer
from models import Cart, CartItem


def count_in_cart(buyer: Buyer) -> int:
    """Boxes in the buyer's cart; a logged-in buyer's is the account's."""
    owner = (
        Cart.account_id == buyer.account_id
        if buyer.account_id is not None
        else Cart.visitor_id == buyer.visitor_id
    )
    query = select(func.coalesce(func.sum(CartItem.quantity), 0)).join(
        Cart, Cart.id == CartItem.cart_id
    )
    return int(db.session.scalar(query.where(owner)) or 0)
