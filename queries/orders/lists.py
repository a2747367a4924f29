"""Orders and refunds in pages: a buyer's own, and those of a desk."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    case,
    false,
    func,
    literal_column,
    select,
    union_all,
)

from core.access import Actor
from core.database import begins_with, db
from core.pages.paging import Page, paginate_newest
from core.statements import filled
from domain.orders.numbers import ORDER_NUMBERS
from domain.orders.states import OrderState, PaymentMethod, RefundState
from domain.periods import Period
from domain.roles import Role
from models.catalogue import Product
from models.cooperative import Cooperative
from models.orders import SERIAL, Order, OrderLine
from models.payments import Payment, Refund
from queries.orders.views import OrderRow, RefundView
from queries.scopes import visible

PER_PAGE = 20

REFUND_COLUMNS = (
    *Refund.__table__.c,
    Order.number.label("order_number"),
    Order.payment_method.label("method"),
    Cooperative.name.label("cooperative"),
)


@dataclass(frozen=True)
class RefundTotals:
    """Sums of refunds in fen: not refused, and back with the buyer."""

    asked_fen: int
    returned_fen: int


def own_orders(buyer: Actor, page: int = 1) -> Page[OrderRow]:
    """The buyer's orders, newest first. Four queries."""
    return _orders([visible(Order, buyer)], page)


def orders_in_scope(
    actor: Actor,
    roles: Iterable[Role],
    *,
    states: Collection[OrderState] = (),
    methods: Collection[PaymentMethod] = (),
    period: Period | None = None,
    text: str = "",
    page: int = 1,
    per_page: int = PER_PAGE,
) -> Page[OrderRow]:
    """A desk's orders, newest first. Four queries.

    states, methods: only these; none means all. period: placed on these days. text:
    the number, its last part or the phone number, or how the recipient's name begins.
    """
    return _orders(_chosen(actor, roles, states, methods, period, text), page, per_page)


def orders_total_fen(
    actor: Actor,
    roles: Iterable[Role],
    *,
    states: Collection[OrderState] = (),
    methods: Collection[PaymentMethod] = (),
    period: Period | None = None,
    text: str = "",
) -> int:
    """What the orders of `orders_in_scope` cost together, whatever became of them."""
    conditions = _chosen(actor, roles, states, methods, period, text)
    total = db.session.scalar(select(func.sum(Order.total_fen)).where(*conditions))
    return int(total or 0)


def _chosen(
    actor: Actor,
    roles: Iterable[Role],
    states: Collection[OrderState],
    methods: Collection[PaymentMethod],
    period: Period | None,
    text: str,
) -> list[ColumnElement[bool]]:
    conditions = [visible(Order, actor, *roles)]
    if states:
        conditions.append(Order.state.in_(list(states)))
    if methods:
        conditions.append(Order.payment_method.in_(list(methods)))
    if period:
        conditions.append(Order.placed_at >= period.starts_at)
        conditions.append(Order.placed_at < period.ends_at)
    if text:
        conditions.append(_mentions(text))
    return conditions


def refunds_in_scope(
    actor: Actor,
    roles: Iterable[Role],
    *,
    states: Collection[RefundState] = (),
    period: Period | None = None,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> Page[RefundView]:
    """A desk's refunds, newest first. Three queries.

    states: only these; none means all. period: asked for on these days.
    """
    query = (
        select(*REFUND_COLUMNS)
        .join(Order, Order.id == Refund.order_id)
        .join(Cooperative, Cooperative.id == Order.cooperative_id)
    )
    ids = select(Refund.id).join(Order, Order.id == Refund.order_id)
    ids = ids.where(*_chosen_refunds(actor, roles, states, period))
    found = paginate_newest(query, ids, (Refund.__table__.c.id,), page, per_page)
    items = [filled(RefundView, row) for row in found.items]
    return Page(items, found.page, found.per_page, found.total)


def refund_totals(
    actor: Actor,
    roles: Iterable[Role],
    *,
    states: Collection[RefundState] = (),
    period: Period | None = None,
) -> RefundTotals:
    """The sums of the refunds of `refunds_in_scope`. One query."""
    is_back = Refund.state == RefundState.SUCCEEDED
    is_refused = Refund.state == RefundState.REJECTED
    row = db.session.execute(
        select(
            func.sum(case((is_refused, 0), else_=Refund.amount_fen)),
            func.sum(case((is_back, Refund.amount_fen), else_=0)),
        )
        .join(Order, Order.id == Refund.order_id)
        .where(*_chosen_refunds(actor, roles, states, period))
    ).one()
    return RefundTotals(int(row[0] or 0), int(row[1] or 0))


def _chosen_refunds(
    actor: Actor,
    roles: Iterable[Role],
    states: Collection[RefundState],
    period: Period | None,
) -> list[ColumnElement[bool]]:
    conditions = [visible(Order, actor, *roles)]
    if states:
        conditions.append(Refund.state.in_(list(states)))
    if period:
        conditions.append(Refund.requested_at >= period.starts_at)
        conditions.append(Refund.requested_at < period.ends_at)
    return conditions


def _orders(
    conditions: Sequence[ColumnElement[bool]], page: int, per_page: int = PER_PAGE
) -> Page[OrderRow]:
    newest = (Order.__table__.c.placed_at, Order.__table__.c.id)
    ids = select(Order.id).where(*conditions)
    found = paginate_newest(_rows(), ids, newest, page, per_page)
    lines = _lines_of([row.id for row in found.items])
    items = [_order_row(row, lines[row.id]) for row in found.items]
    return Page(items, found.page, found.per_page, found.total)


def _rows() -> Select[Any]:
    return (
        select(
            *Order.__table__.c,
            Order.payment_method.label("method"),
            Cooperative.name.label("cooperative"),
            Payment.id.label("payment_id"),
            Payment.state.label("payment_state"),
        )
        .join(Cooperative, Cooperative.id == Order.cooperative_id)
        .join(Payment, Payment.order_id == Order.id)
    )


def _mentions(text: str) -> ColumnElement[bool]:
    """By ids, each found by its own index: the list's own order would read them all."""
    part = text.strip()
    if "\x00" in part:
        return false()
    number = ORDER_NUMBERS.find(part) or part.upper().replace(" ", "")
    found = (
        Order.phone == part,
        begins_with(Order.recipient, part),
        Order.number == number,
        literal_column(SERIAL) == number,
    )
    return Order.id.in_(union_all(*(select(Order.id).where(each) for each in found)))


def _lines_of(order_ids: Sequence[int]) -> Mapping[int, Sequence[Any]]:
    rows = db.session.execute(
        select(
            OrderLine.order_id,
            OrderLine.product_name,
            OrderLine.variant_name,
            OrderLine.quantity,
            Product.cover,
            Product.category,
        )
        .join(Product, Product.id == OrderLine.product_id)
        .where(OrderLine.order_id.in_(order_ids))
        .order_by(OrderLine.order_id, OrderLine.position)
    )
    lines: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        lines[row.order_id].append(row)
    return lines


def _order_row(row: Row[Any], lines: Sequence[Any]) -> OrderRow:
    return filled(
        OrderRow,
        row,
        line_names=[
            f"{line.product_name} {line.variant_name} × {line.quantity}"
            for line in lines
        ],
        quantity=sum(line.quantity for line in lines),
        cover=lines[0].cover if lines else "",
        category=lines[0].category if lines else "",
    )
