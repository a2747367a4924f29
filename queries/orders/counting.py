"""How many boxes are in a cart: every shop page shows it, at one query."""

from sqlalchemy import ColumnElement, func, select

from core.access import Actor
from core.clock import now
from core.database import db
from models.accounts import Visitor
from models.orders import Cart, CartItem


def count_in_cart(buyer: Actor) -> int:
    """Boxes in the buyer's cart; a logged-in buyer's is the account's."""
    if buyer.account_id is not None:
        return _count(Cart.account_id == buyer.account_id)
    return _count(Cart.visitor_id == buyer.visitor_id)


def count_in_browser(token_digest: str) -> int:
    """Boxes in the cart of the browser whose cookie has this digest."""
    visitor = select(Visitor.id).where(
        Visitor.token_digest == token_digest, Visitor.expires_at > now()
    )
    return _count(Cart.visitor_id == visitor.scalar_subquery())


def _count(owner: ColumnElement[bool]) -> int:
    query = select(func.coalesce(func.sum(CartItem.quantity), 0)).join(
        Cart, Cart.id == CartItem.cart_id
    )
    return int(db.session.scalar(query.where(owner)) or 0)
