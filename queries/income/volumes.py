"""Weight and number of orders of sales, from the lines behind the postings.

What was refunded by the piece goes off the weight: with the sale when it was
refunded before delivery, else on the refund's own day.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from core.database import db
from core.statements import filled
from domain.ledger.legs import EntryKind
from domain.periods import Period
from models.ledger import JournalEntry
from models.orders import Order, OrderLine
from models.payments import RefundLine
from queries.income.figures import Sums
from queries.income.movements import whole
from queries.income.scope import Narrowing

ByPlace = Mapping[tuple[int | None, int | None], Sums]
"""By village id and product id; None in their place stands for all of them."""


def volumes(period: Period, narrowing: Narrowing) -> ByPlace:
    """Weight and orders by village and product, by village, and of all together."""
    parts = (_sold, _returned_later, _returned_before)
    moved = union_all(*(part(period, narrowing) for part in parts)).cte("moved")
    village, product = moved.c.village_id, moved.c.product_id
    sums = (
        whole(func.sum(moved.c.weight_g)).label("weight_g"),
        func.count(moved.c.order_id.distinct()).label("orders"),
    )
    no_id = literal(None, BigInteger)
    statement = union_all(
        select(village, product, *sums).group_by(village, product),
        select(village, no_id, *sums).group_by(village),
        select(no_id, no_id, *sums),
    )
    rows = db.session.execute(statement)
    return {(row[0], row[1]): filled(Sums, row) for row in rows}


def _sold(period: Period, narrowing: Narrowing) -> Select[*tuple[Any, ...]]:
    sale = aliased(JournalEntry)
    grams = OrderLine.weight_g * OrderLine.quantity
    return (
        _line_columns(sale.order_id, grams)
        .select_from(sale)
        .join(Order, Order.id == sale.order_id)
        .join(OrderLine, OrderLine.order_id == sale.order_id)
        .where(_is_sale(sale, period), _within(narrowing))
    )


def _returned_later(period: Period, narrowing: Narrowing) -> Select[*tuple[Any, ...]]:
    refund = aliased(JournalEntry)
    undone = aliased(JournalEntry)
    return _returned(refund, undone, EntryKind.REFUND, narrowing).where(
        refund.kind.in_((EntryKind.REFUND, EntryKind.REFUND_FAILED)),
        refund.effective_on.between(period.first, period.last),
    )


def _returned_before(period: Period, narrowing: Narrowing) -> Select[*tuple[Any, ...]]:
    sale, refund = aliased(JournalEntry), aliased(JournalEntry)
    undone = aliased(JournalEntry)
    kinds = (EntryKind.REFUND_UNDELIVERED, EntryKind.REFUND_FAILED)
    return (
        _returned(refund, undone, EntryKind.REFUND_UNDELIVERED, narrowing)
        .join(sale, sale.order_id == refund.order_id)
        .where(_is_sale(sale, period), refund.kind.in_(kinds))
    )


def _returned(
    refund: Any, undone: Any, kind: EntryKind, narrowing: Narrowing
) -> Select[*tuple[Any, ...]]:
    """Lines of refunds of one kind; a failed refund gives its weight back."""
    sign = case((refund.kind == kind, -1), else_=1)
    grams = OrderLine.weight_g * RefundLine.quantity * sign
    return (
        _line_columns(null(), grams)
        .select_from(refund)
        .join(Order, Order.id == refund.order_id)
        .outerjoin(undone, undone.id == refund.reverses_id)
        .join(
            RefundLine,
            RefundLine.refund_id == func.coalesce(refund.refund_id, undone.refund_id),
        )
        .join(OrderLine, OrderLine.id == RefundLine.order_line_id)
        .where(or_(refund.kind == kind, undone.kind == kind), _within(narrowing))
    )


def _line_columns(order_id: Any, grams: Any) -> Select[*tuple[Any, ...]]:
    return select(
        OrderLine.village_id.label("village_id"),
        OrderLine.product_id.label("product_id"),
        order_id.label("order_id"),
        grams.label("weight_g"),
    )


def _is_sale(sale: Any, period: Period) -> Any:
    return and_(
        sale.kind == EntryKind.DELIVERED,
        sale.effective_on.between(period.first, period.last),
    )


def _within(narrowing: Narrowing) -> Any:
    return narrowing.holds(
        Order.cooperative_id, OrderLine.village_id, OrderLine.product_id
    )
