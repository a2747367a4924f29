"""Browsers without an account, and what becomes of their carts at login."""

import secrets
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import Update, bindparam, delete, select, update

from core.clock import now
from core.database import AnySelect, db
from core.statements import insert_now, kept, table_of
from models.accounts import Visitor
from models.columns import digest_of
from models.orders import Cart, CartItem, Checkout, OrderAccess

VISIT_LENGTH = timedelta(days=180)
MOST_AT_ONCE = 500


def start_visit() -> tuple[int, str]:
    """A new browser's id, and the token for its cookie."""
    token = secrets.token_urlsafe(32)
    visitor = Visitor(token_digest=digest_of(token), expires_at=now() + VISIT_LENGTH)
    insert_now(visitor)
    return visitor.id, token


def find_visitor_id(token: str) -> int | None:
    """The browser whose cookie holds `token`, while its visit lasts."""
    values = {"digest": digest_of(token), "moment": now()}
    found: int | None = db.session.scalar(_visitor_by_token(), values)
    return found


def keep_visits(visitor_ids: Collection[int]) -> None:
    """Let visits last from now on: an order must stay open to its buyer."""
    if visitor_ids:
        values = {"visitors": sorted(visitor_ids), "expires_at": now() + VISIT_LENGTH}
        db.session.execute(_lengthening(), values)


def forget_ended_visits(most: int = MOST_AT_ONCE) -> bool:
    """Delete visits that have run out, with their carts and their access to orders.

    The orders stay; their link in the text message opens them again. At most `most`
    visits at once, so that no writer waits long: True while there may be more.
    """
    ended = select(Visitor.id).where(Visitor.expires_at < now())
    ids = db.session.scalars(ended.order_by(Visitor.expires_at).limit(most)).all()
    if ids:
        carts = select(Cart.id).where(Cart.visitor_id.in_(ids))
        for doomed in (
            delete(CartItem).where(CartItem.cart_id.in_(carts)),
            delete(Cart).where(Cart.visitor_id.in_(ids)),
            delete(OrderAccess).where(OrderAccess.visitor_id.in_(ids)),
            update(Checkout)
            .where(Checkout.visitor_id.in_(ids))
            .values(visitor_id=None),
            delete(Visitor).where(Visitor.id.in_(ids)),
        ):
            db.session.execute(doomed.execution_options(synchronize_session=False))
    return len(ids) == most


@kept
def _visitor_by_token() -> AnySelect:
    visitor = table_of(Visitor).c
    return select(visitor.id).where(
        visitor.token_digest == bindparam("digest"),
        visitor.expires_at > bindparam("moment"),
    )


@kept
def _lengthening() -> Update:
    visitors = table_of(Visitor)
    these = visitors.c.id.in_(bindparam("visitors", expanding=True))
    return update(visitors).where(these).values(expires_at=bindparam("expires_at"))
