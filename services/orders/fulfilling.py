"""From paid to completed: packing, sending, arriving; money taken outside Stripe."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from core.access import HOUSE, Actor
from core.clock import local_day, now
from core.database import db
from core.errors import N_, Invalid
from domain.ledger import entries
from domain.ledger.legs import EntryKind, Leg
from domain.orders.refunds import GRANTED
from domain.orders.states import (
    SHIPMENT,
    OrderState,
    PaymentMethod,
    PaymentState,
    RefundState,
    ShipmentState,
)
from domain.roles import PACKERS
from models.catalogue import Product
from models.history import move, record_change
from models.orders import Order, Shipment
from models.payments import Payment, Refund
from services import ledger, outbox
from services.orders import notices, stock
from services.orders.records import (
    lines_of,
    lock_order,
    move_order,
    payment_of,
    what_is_left,
)
from services.orders.shares import sale_lines

COMPLETED_AFTER = timedelta(days=7)
LOOK_AGAIN_AFTER = timedelta(days=1)
OPEN_REFUNDS = (RefundState.REQUESTED, RefundState.APPROVED, RefundState.PENDING)


class NotCashOnDelivery(Invalid):
    """The order is not paid at the door."""

    code = "not_cash_on_delivery"
    message = N_("这张订单不是货到付款，不用接单。")


class CarrierTells(Invalid):
    """Whether a parcel paid at the door arrived is the carrier's to say."""

    code = "carrier_tells"
    message = N_("货到付款的单子，钱交给快递员就行，签收由合作社来记。")


def accept_cash_order(actor: Actor, order_id: int) -> None:
    """Take on an order that is paid at the door. Raises NotCashOnDelivery."""
    order = lock_order(actor, order_id, *PACKERS)
    if order.payment_method != PaymentMethod.CASH_ON_DELIVERY:
        raise NotCashOnDelivery()
    move_order(actor, order, OrderState.ACCEPTED)
    stock.consume(order.id)
    notices.tell_accepted(order)


def pack(actor: Actor, order_id: int) -> None:
    """The goods are packed; from now on the buyer cannot cancel by themselves."""
    order = lock_order(actor, order_id, *PACKERS)
    move_order(actor, order, OrderState.PACKED)


def ship(actor: Actor, order_id: int, *, carrier: str, tracking_number: str) -> None:
    """The parcel is with the carrier; the buyer is told its number."""
    order = lock_order(actor, order_id, *PACKERS)
    move_order(actor, order, OrderState.SHIPPED)
    parcel = Shipment(
        order_id=order.id,
        carrier=carrier,
        tracking_number=tracking_number,
        state=ShipmentState.SHIPPED,
        shipped_at=now(),
    )
    db.session.add(parcel)
    db.session.flush()
    record_change(parcel, ShipmentState.SHIPPED, account_id=actor.account_id)
    notices.tell_shipped(order, parcel)


def confirm_receipt(actor: Actor, order_id: int) -> None:
    """The buyer says that the parcel arrived. Raises CarrierTells or OrderMoved.

    Cash at the door is in the books once the parcel is delivered: a buyer's word must
    not put it there.
    """
    order = lock_order(actor, order_id)
    if order.payment_method == PaymentMethod.CASH_ON_DELIVERY:
        raise CarrierTells()
    _deliver(actor, order, now())


def confirm_delivery(actor: Actor, order_id: int, at: datetime | None = None) -> None:
    """The parcel arrived: the parties are owed their shares from this day on.

    at: when it arrived, now by default; the sale counts on that day. When all was
    given back on the way nothing was sold: the order counts as one never delivered.
    """
    _deliver(actor, lock_order(actor, order_id, *PACKERS), at or now())


def _deliver(actor: Actor, order: Order, moment: datetime) -> None:
    sale = entries.delivered(order.cooperative_id, sale_lines(order))
    move_order(
        actor,
        order,
        OrderState.DELIVERED,
        delivered_at=moment,
        delivered_on=local_day(moment) if sale else None,
    )
    end_parcel(actor, order, ShipmentState.DELIVERED, delivered_at=moment)
    if order.payment_method == PaymentMethod.CASH_ON_DELIVERY:
        _collect_cash(order, payment_of(order), moment)
    if sale:
        _divide(order, sale, moment)
    _count_sold(order)
    outbox.enqueue(
        "complete_order",
        {"order_id": order.id},
        key=f"complete_order:{order.id}",
        due_at=moment + COMPLETED_AFTER,
    )


def complete(order_id: int) -> datetime | None:
    """Close an order a week after it arrived, unless a refund is open.

    Returns when to look again, or None when nothing is left to do.
    """
    order = lock_order(HOUSE, order_id)
    if order.state != OrderState.DELIVERED or order.delivered_at is None:
        return None
    due_at = order.delivered_at + COMPLETED_AFTER
    if due_at > now():
        return due_at
    if _has_open_refunds(order):
        return now() + LOOK_AGAIN_AFTER
    move_order(HOUSE, order, OrderState.COMPLETED)
    return None


def end_parcel(actor: Actor, order: Order, state: ShipmentState, **values: Any) -> None:
    """Move the order's parcel to a state in which it rests. Raises ShipmentMoved."""
    parcel = db.session.scalars(
        select(Shipment).where(Shipment.order_id == order.id)
    ).one()
    SHIPMENT.check(parcel.state, state)
    move(parcel, state, account_id=actor.account_id, **values)


def _collect_cash(order: Order, payment: Payment, moment: datetime) -> None:
    move(payment, PaymentState.PAID, paid_at=moment)
    order.paid_at = moment
    ledger.post(
        EntryKind.CASH_COLLECTED,
        f"paid:{payment.id}",
        entries.cash_collected(order.cooperative_id, payment.amount_fen),
        order_id=order.id,
        effective_at=moment,
    )


def _divide(order: Order, sale: Sequence[Leg], moment: datetime) -> None:
    ledger.post(
        EntryKind.DELIVERED,
        f"delivered:{order.id}",
        sale,
        order_id=order.id,
        effective_at=moment,
    )


def _count_sold(order: Order) -> None:
    sold: dict[int, int] = {}
    lines = lines_of(order)
    lefts = what_is_left(lines, GRANTED)
    for line in lines:
        boxes = lefts[line.id].quantity
        sold[line.product_id] = sold.get(line.product_id, 0) + boxes
    for product_id in sorted(sold):
        db.session.execute(
            update(Product)
            .where(Product.id == product_id)
            .values(sold_count=Product.sold_count + sold[product_id])
            .execution_options(synchronize_session=False)
        )


def _has_open_refunds(order: Order) -> bool:
    query = select(Refund.id).where(
        Refund.order_id == order.id, Refund.state.in_(OPEN_REFUNDS)
    )
    return db.session.scalar(query.limit(1)) is not None
