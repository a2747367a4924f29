"""The rows of one order: lines with their origin, reservations, payment, link."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.sql.dml import ReturningInsert

from core.access import Actor
from core.clock import now, today
from core.database import AnyRow, db, insert_into
from core.errors import N_, Conflict
from core.statements import insert_all, insert_now, kept, table_of, values_of
from domain.freight import quote
from domain.orders.numbers import ORDER_NUMBERS, order_number
from domain.orders.states import (
    OrderState,
    PaymentMethod,
    PaymentState,
    ReservationState,
)
from domain.pricing import CartLine, cart_totals, order_total_fen, split_freight
from models.history import record_change
from models.orders import Order, OrderAccess, OrderLine, StockReservation
from models.payments import Payment
from queries.cooperative import find_freight_policy, find_split_policy
from services.orders.drafts import CheckoutDraft, PlacedOrder
from services.orders.links import new_link_token, send_link
from services.orders.watching import watch, watch_acceptance

PAY_WITHIN = {
    PaymentMethod.STRIPE: timedelta(minutes=35),
    PaymentMethod.BANK_TRANSFER: timedelta(days=3),
    PaymentMethod.CASH_ON_DELIVERY: None,
}
"""Stripe's sessions live 30 minutes at least; five more let opening one be retried."""


class CooperativeNotReady(Conflict):
    """A cooperative without rules in force cannot sell yet."""

    code = "cooperative_not_ready"
    message = N_("这家合作社还没定好运费和分配办法，暂时不能下单，请过几天再来。")


@dataclass(frozen=True)
class Wanted:
    """One line on its way from the cart into an order.

    row: the box, its product, batch and village, and whose room it was tapped in.
    """

    row: AnyRow
    line: CartLine


@dataclass(frozen=True)
class Written:
    """An order that was just written, and what it costs in fen."""

    placed: PlacedOrder
    total_fen: int


def write_order(
    buyer: Actor, draft: CheckoutDraft, checkout_id: int, group: Sequence[Wanted]
) -> Written:
    """Write one cooperative's order with all that belongs to it.

    group: the lines, their stock already taken.
    Raises CooperativeNotReady, NoDelivery or OrderTooLarge.
    """
    order = _new_order(buyer, draft, checkout_id, group)
    token = new_link_token(order)
    _insert_numbered(order)
    record_change(order, OrderState.PLACED, account_id=buyer.account_id)
    insert_all(_lines(order, group))
    insert_all([_reservation(order, each) for each in group])
    if buyer.visitor_id is not None:
        insert_now(OrderAccess(visitor_id=buyer.visitor_id, order_id=order.id))
    payment = _new_payment(order)
    insert_now(payment)
    watch(payment)
    watch_acceptance(order)
    send_link(order, None if buyer.account_id else token, key=f"placed:{order.id}")
    placed = PlacedOrder(
        order.id, payment.id, order.number, draft.payment_method, token
    )
    return Written(placed, order.total_fen)


def _new_order(
    buyer: Actor, draft: CheckoutDraft, checkout_id: int, group: Sequence[Wanted]
) -> Order:
    cooperative_id = group[0].row.cooperative_id
    day = today()
    freight = find_freight_policy(cooperative_id, day)
    split = find_split_policy(cooperative_id, day)
    if freight is None or split is None:
        raise CooperativeNotReady()
    totals = cart_totals([each.line for each in group])
    freight_fen = quote(
        freight.rule, draft.province, totals.weight_g, goods_fen=totals.goods_fen
    ).fen
    return Order(
        checkout_id=checkout_id,
        cooperative_id=cooperative_id,
        account_id=buyer.account_id,
        state=OrderState.PLACED,
        payment_method=draft.payment_method,
        recipient=draft.recipient,
        phone=draft.phone,
        province=draft.province,
        city=draft.city,
        district=draft.district,
        street=draft.street,
        goods_fen=totals.goods_fen,
        freight_fen=freight_fen,
        total_fen=order_total_fen(totals.goods_fen, freight_fen),
        weight_g=totals.weight_g,
        split_policy_id=split.policy_id,
        freight_policy_id=freight.policy_id,
        placed_at=now(),
        pay_before=_pay_before(draft.payment_method),
    )


def _pay_before(method: PaymentMethod) -> datetime | None:
    within = PAY_WITHIN[method]
    return now() + within if within else None


def _insert_numbered(order: Order) -> None:
    """Insert the order under a random number of today; taken ones are rare."""
    found = None
    while found is None:
        serial = secrets.randbelow(ORDER_NUMBERS.serials)
        order.number = order_number(today(), serial)
        found = db.session.scalar(_inserting(), values_of(order))
    order.id = found


@kept
def _inserting() -> ReturningInsert[Any]:
    if_free = insert_into(Order).on_conflict_do_nothing(index_elements=["number"])
    return if_free.returning(table_of(Order).c.id)


def _lines(order: Order, group: Sequence[Wanted]) -> list[OrderLine]:
    freight = split_freight(order.freight_fen, [each.line for each in group])
    return [
        OrderLine(
            order_id=order.id,
            position=position,
            variant_id=row.variant_id,
            product_id=row.product_id,
            village_id=row.village_id,
            batch_id=row.batch_id,
            product_name=row.product_name,
            variant_name=row.variant_name,
            weight_g=line.weight_g,
            price_fen=line.price_fen,
            quantity=line.quantity,
            goods_fen=line.goods_fen,
            freight_fen=freight[position],
            session_id=row.session_id,
            pin_event_id=row.pin_event_id,
            alliance_id=row.alliance_id,
            host_id=row.host_id,
        )
        for position, (row, line) in enumerate((each.row, each.line) for each in group)
    ]


def _reservation(order: Order, each: Wanted) -> StockReservation:
    return StockReservation(
        order_id=order.id,
        variant_id=each.row.variant_id,
        quantity=each.line.quantity,
        state=ReservationState.HELD,
        expires_at=order.pay_before,
    )


def _new_payment(order: Order) -> Payment:
    return Payment(
        order_id=order.id,
        method=order.payment_method,
        state=PaymentState.CREATED,
        amount_fen=order.total_fen,
        idempotency_key=f"order-{uuid.uuid4().hex}",
        attempt=1,
        expires_at=order.pay_before,
    )
