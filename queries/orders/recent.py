"""What a buyer did lately: where they had things sent, what they just ordered."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select

from core.access import Actor
from core.clock import now
from core.database import AnyRow, db
from models.cooperative import Cooperative
from models.orders import Checkout, Order

JUST_NOW = timedelta(hours=2)


def last_address(buyer: Actor) -> AnyRow | None:
    """Recipient, phone and place of the buyer's newest order, or None.

    Only what this account or this browser typed: orders opened by a link from
    someone else lend no address.
    """
    return db.session.execute(
        select(
            Order.recipient,
            Order.phone,
            Order.province,
            Order.city,
            Order.district,
            Order.street,
        )
        .join(Checkout, Checkout.id == Order.checkout_id)
        .where(_placed_by(buyer))
        .order_by(Checkout.id.desc(), Order.id.desc())
        .limit(1)
    ).one_or_none()


def last_orders(buyer: Actor) -> Sequence[AnyRow]:
    """Number, state, method and total of the orders the buyer placed just now."""
    newest = (
        select(Checkout.id)
        .where(_placed_by(buyer), Checkout.created_at > now() - JUST_NOW)
        .order_by(Checkout.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return db.session.execute(
        select(
            Order.number,
            Order.state,
            Order.payment_method.label("method"),
            Order.total_fen,
        )
        .where(Order.checkout_id == newest)
        .order_by(Order.id)
    ).all()


def sibling_orders(order_id: int) -> Sequence[AnyRow]:
    """The other orders of the same checkout: number, state, method, total, seller."""
    own = select(Order.checkout_id).where(Order.id == order_id).scalar_subquery()
    return db.session.execute(
        select(
            Order.number,
            Order.state,
            Order.payment_method.label("method"),
            Order.total_fen,
            Cooperative.name.label("cooperative"),
        )
        .join(Cooperative, Cooperative.id == Order.cooperative_id)
        .where(Order.checkout_id == own, Order.id != order_id)
        .order_by(Order.id)
    ).all()


def _placed_by(buyer: Actor) -> ColumnElement[bool]:
    owners = []
    if buyer.account_id is not None:
        owners.append(Checkout.account_id == buyer.account_id)
    if buyer.visitor_id is not None:
        owners.append(Checkout.visitor_id == buyer.visitor_id)
    return or_(*owners)
