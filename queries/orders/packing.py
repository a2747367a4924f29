"""What packers have before them: queues of orders with address and contents."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Subquery, and_, case, func, or_, select, text

from core.access import Actor
from core.database import AnySelect, db
from core.pages.paging import Page, paginate
from core.statements import filled
from domain.orders.refunds import GRANTED
from domain.orders.states import OrderState, PaymentMethod
from domain.regions import address_line, place_parts
from domain.roles import PACKERS
from models.catalogue import HarvestBatch
from models.cooperative import Cooperative
from models.live import LiveSession
from models.orders import IS_WAITING, Order, OrderLine, Shipment
from models.payments import Refund, RefundLine
from queries.scopes import visible

MOST_AT_ONCE = 100
PER_PAGE = 20
WAITS = text(f'"order".{IS_WAITING}')
"""Written out: a partial index serves what the statement says in the same words."""


class Queue(StrEnum):
    """Where an order waits for a packer."""

    ACCEPT = "accept"
    PACK = "pack"
    SHIP = "ship"
    ON_THE_WAY = "on_the_way"


@dataclass(frozen=True)
class PacketLine:
    """What goes into the box; weight_g is of one."""

    product_name: str
    variant_name: str
    quantity: int
    weight_g: int
    batch_code: str | None
    session_title: str | None


@dataclass(frozen=True)
class Packet:
    """An order as a packer needs it: whom it goes to, and what goes in.

    cash_fen: what the carrier collects at the door; 0 when it is paid.
    """

    id: int
    number: str
    state: OrderState
    cooperative: str
    recipient: str
    phone: str
    place: str
    street: str
    weight_g: int
    cash_fen: int
    placed_at: datetime
    pay_before: datetime | None
    carrier: str | None
    tracking_number: str | None
    shipped_at: datetime | None
    lines: Sequence[PacketLine]


def packets_waiting(actor: Actor, queue: Queue, page: int = 1) -> Page[Packet]:
    """A queue, the oldest order first. Three queries."""
    query = _packets(actor).where(WAITS, waits_in(queue))
    found = paginate(query.order_by(Order.placed_at, Order.id), page, PER_PAGE)
    return Page(_with_lines(found.items), found.page, found.per_page, found.total)


def packets_of(actor: Actor, order_ids: Collection[int]) -> Sequence[Packet]:
    """The packets with these ids in scope, oldest first; at most MOST_AT_ONCE."""
    query = _packets(actor).where(Order.id.in_(list(order_ids)[:MOST_AT_ONCE]))
    return _with_lines(
        db.session.execute(query.order_by(Order.placed_at, Order.id)).all()
    )


def count_waiting(actor: Actor) -> Mapping[Queue, int]:
    """How many orders wait in each queue. One query."""
    counts = [
        func.coalesce(func.sum(case((waits_in(queue), 1), else_=0)), 0)
        for queue in Queue
    ]
    query = select(*counts).where(WAITS, visible(Order, actor, *PACKERS))
    row = db.session.execute(query).one()
    return {queue: int(row[position]) for position, queue in enumerate(Queue)}


def waits_in(queue: Queue) -> ColumnElement[bool]:
    """The condition that an order, one that WAITS, is in that queue."""
    match queue:
        case Queue.ACCEPT:
            return and_(
                Order.state == OrderState.PLACED,
                Order.payment_method == PaymentMethod.CASH_ON_DELIVERY,
            )
        case Queue.PACK:
            return or_(
                Order.state == OrderState.PAID, Order.state == OrderState.ACCEPTED
            )
        case Queue.SHIP:
            return Order.state == OrderState.PACKED
        case Queue.ON_THE_WAY:
            return Order.state == OrderState.SHIPPED


def _packets(actor: Actor) -> AnySelect:
    return (
        select(
            *Order.__table__.c,
            Cooperative.name.label("cooperative"),
            Shipment.carrier,
            Shipment.tracking_number,
            Shipment.shipped_at,
        )
        .join(Cooperative, Cooperative.id == Order.cooperative_id)
        .outerjoin(Shipment, Shipment.order_id == Order.id)
        .where(visible(Order, actor, *PACKERS))
    )


def _with_lines(rows: Sequence[Row[Any]]) -> list[Packet]:
    lines = _lines_of([row.id for row in rows])
    return [_packet(row, lines[row.id]) for row in rows]


def _packet(row: Row[Any], lines: Sequence[PacketLine]) -> Packet:
    is_cash = row.payment_method == PaymentMethod.CASH_ON_DELIVERY
    return filled(
        Packet,
        row,
        place=address_line(place_parts(row.province, row.city, row.district)),
        cash_fen=row.total_fen if is_cash else 0,
        lines=lines,
    )


def _lines_of(order_ids: Sequence[int]) -> Mapping[int, Sequence[PacketLine]]:
    """What goes into each box; what the buyer gave up meanwhile does not."""
    given_up = _given_up(order_ids)
    left = OrderLine.quantity - func.coalesce(given_up.c.boxes, 0)
    rows = db.session.execute(
        select(
            OrderLine.order_id,
            OrderLine.product_name,
            OrderLine.variant_name,
            left,
            OrderLine.weight_g,
            HarvestBatch.code,
            LiveSession.title,
        )
        .outerjoin(HarvestBatch, HarvestBatch.id == OrderLine.batch_id)
        .outerjoin(LiveSession, LiveSession.id == OrderLine.session_id)
        .outerjoin(given_up, given_up.c.order_line_id == OrderLine.id)
        .where(OrderLine.order_id.in_(order_ids), left > 0)
        .order_by(OrderLine.order_id, OrderLine.position)
    )
    lines: dict[int, list[PacketLine]] = defaultdict(list)
    for row in rows:
        lines[row.order_id].append(PacketLine(*row[1:]))
    return lines


def _given_up(order_ids: Sequence[int]) -> Subquery:
    """Boxes per line that a granted refund took off the order."""
    return (
        select(RefundLine.order_line_id, func.sum(RefundLine.quantity).label("boxes"))
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.order_id.in_(order_ids), Refund.state.in_(GRANTED))
        .group_by(RefundLine.order_line_id)
        .subquery()
    )
