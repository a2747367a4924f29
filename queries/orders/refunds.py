"""One refund as the accountant decides it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from core.database import AnySelect, db
from core.errors import NotFound
from models import (
    Account,
    Cooperative,
    Order,
    OrderLine,
    Refund,
    RefundLine,
    StateChange,
)
from queries.orders.lists import REFUND_COLUMNS, refund_view
from queries.orders.views import RefundView, Step


@dataclass(frozen=True)
class RefundPart:
    """What goes back for one line of the order; amounts in fen."""

    product_name: str
    variant_name: str
    quantity: int
    bought: int
    goods_fen: int
    freight_fen: int


@dataclass(frozen=True)
class RefundDetails:
    """A refund with its lines and history. is_delivered: the parcel had arrived."""

    refund: RefundView
    recipient: str
    phone: str
    is_delivered: bool
    parts: Sequence[RefundPart]
    history: Sequence[Step]


def refund_details(refund_id: int) -> RefundDetails:
    """The refund with this id. Three queries. Raises NotFound."""
    query: AnySelect = (
        select(
            *REFUND_COLUMNS,
            Order.recipient,
            Order.phone,
            Order.delivered_at,
        )
        .join(Order, Order.id == Refund.order_id)
        .join(Cooperative, Cooperative.id == Order.cooperative_id)
        .where(Refund.id == refund_id)
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return RefundDetails(
        refund=refund_view(row),
        recipient=row.recipient,
        phone=row.phone,
        is_delivered=row.delivered_at is not None,
        parts=_parts(refund_id),
        history=_history(refund_id),
    )


def _parts(refund_id: int) -> list[RefundPart]:
    rows = db.session.execute(
        select(
            OrderLine.product_name,
            OrderLine.variant_name,
            RefundLine.quantity,
            OrderLine.quantity.label("bought"),
            RefundLine.goods_fen,
            RefundLine.freight_fen,
        )
        .join(OrderLine, OrderLine.id == RefundLine.order_line_id)
        .where(RefundLine.refund_id == refund_id)
        .order_by(OrderLine.position)
    )
    return [RefundPart(*row) for row in rows]


def _history(refund_id: int) -> list[Step]:
    rows = db.session.execute(
        select(
            StateChange.from_state,
            StateChange.to_state,
            StateChange.at,
            Account.name,
            StateChange.reason,
        )
        .outerjoin(Account, Account.id == StateChange.account_id)
        .where(
            StateChange.record_kind == Refund.__tablename__,
            StateChange.record_id == refund_id,
        )
        .order_by(StateChange.id)
    )
    return [Step(row[0], row[1], row[2], row[3] or "", row[4]) for row in rows]
