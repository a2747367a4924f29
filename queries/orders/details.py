"""One order: found by its number, with everything its page shows."""

from collections.abc import Sequence

from sqlalchemy import select

from core.access import Actor
from core.database import db
from core.errors import NotFound
from core.statements import filled
from domain.orders.numbers import parse_order_number
from domain.orders.refunds import left_of_lines, left_to_refund_fen
from domain.orders.states import PaymentState
from domain.roles import Role
from models.alliances import Village
from models.catalogue import HarvestBatch, Product
from models.cooperative import Cooperative
from models.live import LiveSession
from models.orders import Order, OrderLine, Shipment
from models.payments import Payment, Refund
from queries.history import steps_of
from queries.orders.lists import REFUND_COLUMNS
from queries.orders.refunds import bought_of, refunded_lines
from queries.orders.views import (
    LineView,
    OrderView,
    PaymentView,
    RefundView,
)
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


def order_view(order_id: int) -> OrderView:
    """The order with lines, payment, parcel, refunds and history. Six queries.

    Raises NotFound. Whether the reader may see it is asked before, see `access`.
    """
    row = db.session.execute(
        select(Order, Cooperative, Payment)
        .join(Cooperative, Cooperative.id == Order.cooperative_id)
        .join(Payment, Payment.order_id == Order.id)
        .where(Order.id == order_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    order, seller, payment = row
    refunds, lines = _refunds(order_id), _lines(order_id)
    return filled(
        OrderView,
        order,
        seller=seller,
        payment=filled(PaymentView, payment, settled_at=payment.available_at),
        lines=lines,
        parcel=db.session.scalar(select(Shipment).filter_by(order_id=order_id)),
        refunds=refunds,
        history=steps_of(Order, [order_id]),
        refundable_fen=_refundable(payment, refunds),
        refundable_freight_fen=sum(line.left.freight_fen for line in lines),
    )


def _lines(order_id: int) -> list[LineView]:
    rows = db.session.execute(
        select(
            *OrderLine.__table__.c,
            Product.slug,
            Product.cover,
            Product.category,
            Village.name.label("village"),
            HarvestBatch.code.label("batch_code"),
            LiveSession.slug.label("session_slug"),
            LiveSession.title.label("session_title"),
        )
        .join(Product, Product.id == OrderLine.product_id)
        .join(Village, Village.id == OrderLine.village_id)
        .outerjoin(HarvestBatch, HarvestBatch.id == OrderLine.batch_id)
        .outerjoin(LiveSession, LiveSession.id == OrderLine.session_id)
        .where(OrderLine.order_id == order_id)
        .order_by(OrderLine.position)
    )
    found = rows.all()
    lefts = left_of_lines(
        {row.id: bought_of(row) for row in found}, refunded_lines(order_id)
    )
    return [filled(LineView, row, left=lefts[row.id]) for row in found]


def _refunds(order_id: int) -> list[RefundView]:
    query = (
        select(*REFUND_COLUMNS)
        .join(Order, Order.id == Refund.order_id)
        .join(Cooperative, Cooperative.id == Order.cooperative_id)
        .where(Refund.order_id == order_id)
        .order_by(Refund.id)
    )
    return [filled(RefundView, row) for row in db.session.execute(query)]


def _refundable(payment: Payment, refunds: Sequence[RefundView]) -> int:
    """What the buyer may still ask for."""
    if payment.state != PaymentState.PAID:
        return 0
    own = [(one.state, one.amount_fen) for one in refunds if not one.is_surplus]
    return left_to_refund_fen(payment.amount_fen, own)
