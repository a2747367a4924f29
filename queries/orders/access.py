"""Orders by their numbers, for whoever may see them."""

from sqlalchemy import select

from core.access import Actor
from core.database import db
from core.errors import NotFound
from domain.orders.numbers import parse_order_number
from domain.roles import Role
from models.orders import Order
from queries.scopes import visible


def get_order_id(actor: Actor, number: str, *roles: Role) -> int:
    """The id of the order with this number, however it is typed, that is in scope.

    Without roles: the buyer's own. Raises NotFound, or UnknownOrderNumber (404) for
    what is no number.
    """
    known = parse_order_number(number)
    query = select(Order.id).where(Order.number == known, visible(Order, actor, *roles))
    order_id = db.session.scalar(query)
    if order_id is None:
        raise NotFound()
    return order_id
