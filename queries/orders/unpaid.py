"""What the phones and buyers of some checkouts have ordered and not paid."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, text

from core.clock import now
from core.database import AnySelect, db
from core.statements import kept, table_of
from domain.orders.holds import UnpaidOrder
from models.cooperative import Cooperative
from models.orders import IS_UNPAID, Checkout, Order, StockReservation

LOOKED_BACK = timedelta(days=30)
"""How long an order that ran out tells something about a phone."""


def unpaid_orders(
    phones: Iterable[str], owners: Iterable[tuple[str, int | None]]
) -> Sequence[UnpaidOrder]:
    """Orders of these phones, accounts and browsers that wait for money or ran out.

    owners: as `cart_owner` answers them. One query; those that ran out hold nothing.
    """
    named = list(owners)
    values: dict[str, Any] = {
        f"{column}s": [owner for name, owner in named if name == column]
        for column in ("account_id", "visitor_id")
    }
    values |= {"phones": list(set(phones)), "since": now() - LOOKED_BACK}
    return [
        UnpaidOrder(
            row.phone,
            (("account_id", row.account_id), ("visitor_id", row.visitor_id)),
            row.boxes,
        )
        for row in db.session.execute(_unpaid(), values)
    ]


def seller_phone(cooperative_id: int) -> str:
    """Whom to call about an order."""
    query = select(Cooperative.phone).where(Cooperative.id == cooperative_id)
    return db.session.scalars(query).one()


@kept
def _unpaid() -> AnySelect:
    order, checkout, held = map(table_of, (Order, Checkout, StockReservation))
    theirs = order.alias("theirs")
    of_phone = select(theirs.c.id).where(
        theirs.c.phone.in_(bindparam("phones", expanding=True)),
        # Word for word as in the index: SQLite takes it for nothing less.
        text(f"theirs.{IS_UNPAID}"),
        theirs.c.placed_at > bindparam("since"),
    )
    of_account = select(theirs.c.id).where(
        theirs.c.account_id.in_(bindparam("account_ids", expanding=True)),
        text(f"theirs.{IS_UNPAID}"),
        theirs.c.placed_at > bindparam("since"),
    )
    of_browser = (
        select(theirs.c.id)
        .join_from(checkout, theirs, theirs.c.checkout_id == checkout.c.id)
        .where(
            checkout.c.visitor_id.in_(bindparam("visitor_ids", expanding=True)),
            text(f"theirs.{IS_UNPAID}"),
            theirs.c.placed_at > bindparam("since"),
        )
    )
    boxes = func.coalesce(func.sum(held.c.quantity), 0).label("boxes")
    is_held = (held.c.order_id == order.c.id) & (held.c.state == "held")
    return (
        select(order.c.phone, order.c.account_id, checkout.c.visitor_id, boxes)
        .join_from(order, checkout, checkout.c.id == order.c.checkout_id)
        .outerjoin(held, is_held)
        .where(order.c.id.in_(of_phone.union(of_account, of_browser)))
        .group_by(order.c.id, order.c.phone, order.c.account_id, checkout.c.visitor_id)
    )
