"""One refund as the accountant decides it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.database import AnyRow, AnySelect, db
from core.errors import NotFound
from core.statements import filled
from domain.orders.refunds import Amounts, RefundedLine, left_of_lines
from domain.orders.states import UNSENT, RefundState
from models.cooperative import Cooperative
from models.orders import Order, OrderLine
from models.payments import Refund, RefundLine
from queries.history import Step, steps_of
from queries.orders.lists import REFUND_COLUMNS
from queries.orders.views import RefundView


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
    """A refund with its lines and history. is_delivered: the parcel had arrived.

    rest_fen: what goes back beside it when granting it leaves nothing to send, so
    that the order is cancelled; None while something is left to send.
    """

    refund: RefundView
    recipient: str
    phone: str
    is_delivered: bool
    rest_fen: int | None
    parts: Sequence[RefundPart]
    history: Sequence[Step]

    @property
    def granted_fen(self) -> int:
        """What the buyer gets back once this refund is granted."""
        return self.refund.amount_fen + (self.rest_fen or 0)


def bought_of(line: Any) -> Amounts:
    """What a line came to when it was ordered."""
    return Amounts(line.quantity, line.goods_fen, line.freight_fen)


def refunded_lines(order_id: int) -> list[RefundedLine]:
    """What each refund of an order names of its lines, whatever its state."""
    rows = db.session.execute(
        select(
            RefundLine.order_line_id,
            Refund.id,
            Refund.state,
            RefundLine.quantity,
            RefundLine.goods_fen,
            RefundLine.freight_fen,
        )
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.order_id == order_id)
    )
    return [
        RefundedLine(line_id, refund_id, RefundState(state), Amounts(*amounts))
        for line_id, refund_id, state, *amounts in rows
    ]


def refund_details(refund_id: int) -> RefundDetails:
    """The refund with this id. At most five queries. Raises NotFound."""
    query: AnySelect = (
        select(
            *REFUND_COLUMNS,
            Order.recipient,
            Order.phone,
            Order.delivered_at,
            Order.state.label("order_state"),
            Order.total_fen,
        )
        .join(Order, Order.id == Refund.order_id)
        .join(Cooperative, Cooperative.id == Order.cooperative_id)
        .where(Refund.id == refund_id)
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return RefundDetails(
        refund=filled(RefundView, row),
        recipient=row.recipient,
        phone=row.phone,
        is_delivered=row.delivered_at is not None,
        rest_fen=_rest_fen(row),
        parts=_parts(refund_id),
        history=steps_of(Refund, [refund_id]),
    )


def _rest_fen(row: AnyRow) -> int | None:
    """What stays of the order once this refund is granted, if no box does."""
    if row.state != RefundState.REQUESTED or row.order_state not in UNSENT:
        return None
    lines = db.session.scalars(select(OrderLine).filter_by(order_id=row.order_id))
    bought = {line.id: bought_of(line) for line in lines}
    parts = refunded_lines(row.order_id)
    granted = [part for part in parts if part.refund_id == row.id or part.is_granted]
    lefts = left_of_lines(bought, granted).values()
    if any(left.quantity for left in lefts):
        return None
    return sum(left.goods_fen + left.freight_fen for left in lefts)


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
