"""The rows of one order: lines with their origin, reservations, payment, link."""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from core.clock import now, today
from core.database import db
from core.errors import N_, Conflict
from domain.freight import quote
from domain.orders import (
    ORDER_NUMBERS,
    OrderState,
    PaymentMethod,
    PaymentState,
    ReservationState,
    order_number,
)
from domain.orders.buyers import Buyer
from domain.pricing import CartLine, cart_totals, order_total_fen, split_freight
from models import (
    CartItem,
    HarvestBatch,
    LiveSession,
    Order,
    OrderAccess,
    OrderLine,
    Payment,
    Product,
    StockReservation,
    Variant,
)
from models.history import record_change
from queries.cooperative import find_freight_policy, find_split_policy
from services import outbox
from services.orders.drafts import CheckoutDraft
from services.orders.links import new_link_token, send_link
from services.payments.watching import watch

PAY_WITHIN = {
    PaymentMethod.STRIPE: timedelta(minutes=35),
    PaymentMethod.BANK_TRANSFER: timedelta(days=3),
    PaymentMethod.CASH_ON_DELIVERY: None,
}
"""Stripe's sessions live 30 minutes at least; five more let opening one be retried."""

ACCEPT_WITHIN = timedelta(days=3)
"""How long an order paid at the door holds stock until the cooperative takes it on."""


class CooperativeNotReady(Conflict):
    """A cooperative without rules in force cannot sell yet."""

    code = "cooperative_not_ready"
    message = N_("这家合作社还没定好运费和分配办法，暂时不能下单，请过几天再来。")


@dataclass(frozen=True)
class Wanted:
    """One line on its way from the cart into an order."""

    item: CartItem
    variant: Variant
    product: Product
    line: CartLine


def write_order(
    buyer: Buyer, draft: CheckoutDraft, checkout_id: int, group: Sequence[Wanted]
) -> tuple[Order, str]:
    """Write one cooperative's order with all that belongs to it.

    group: the lines, their stock already taken. Returns the order and the token that
    opens it for a guest.
    Raises CooperativeNotReady, NoDelivery or OrderTooLarge.
    """
    order = _new_order(buyer, draft, checkout_id, group)
    token = new_link_token(order)
    db.session.add(order)
    db.session.flush()
    record_change(order, OrderState.PLACED, account_id=buyer.account_id)
    _add_lines(order, group)
    _reserve(order, group)
    if buyer.visitor_id is not None:
        db.session.add(OrderAccess(visitor_id=buyer.visitor_id, order_id=order.id))
    payment = _new_payment(order)
    db.session.add(payment)
    db.session.flush()
    watch(payment)
    _watch_acceptance(order)
    send_link(order, None if buyer.account_id else token, key=f"placed:{order.id}")
    return order, token


def _new_order(
    buyer: Buyer, draft: CheckoutDraft, checkout_id: int, group: Sequence[Wanted]
) -> Order:
    cooperative_id = group[0].product.cooperative_id
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
        number=_free_number(),
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


def _watch_acceptance(order: Order) -> None:
    """Anybody may order without paying: such an order must not hold stock for ever."""
    if order.payment_method == PaymentMethod.CASH_ON_DELIVERY:
        outbox.enqueue(
            "release_unaccepted",
            {"order_id": order.id},
            key=f"release_unaccepted:{order.id}",
            due_at=order.placed_at + ACCEPT_WITHIN,
        )


def _pay_before(method: PaymentMethod) -> datetime | None:
    within = PAY_WITHIN[method]
    return now() + within if within else None


def _free_number() -> str:
    """A random number of today; taken ones are rare, and the column is unique."""
    while True:
        serial = secrets.randbelow(ORDER_NUMBERS.serials)
        number = order_number(today(), serial)
        if not db.session.scalar(select(Order.id).where(Order.number == number)):
            return number


def _add_lines(order: Order, group: Sequence[Wanted]) -> None:
    freight = split_freight(order.freight_fen, [each.line for each in group])
    batches = _newest_batches({each.product.id for each in group})
    rooms = _rooms({each.item.session_id for each in group if each.item.session_id})
    for position, (each, freight_fen) in enumerate(zip(group, freight, strict=True)):
        room = rooms.get(each.item.session_id or 0)
        db.session.add(
            OrderLine(
                order_id=order.id,
                position=position,
                variant_id=each.variant.id,
                product_id=each.product.id,
                village_id=each.product.village_id,
                batch_id=batches.get(each.product.id),
                product_name=each.product.name,
                variant_name=each.variant.name,
                weight_g=each.line.weight_g,
                price_fen=each.line.price_fen,
                quantity=each.line.quantity,
                goods_fen=each.line.goods_fen,
                freight_fen=freight_fen,
                session_id=each.item.session_id,
                pin_event_id=each.item.pin_event_id,
                alliance_id=room.alliance_id if room else each.product.alliance_id,
                host_id=room.host_id if room else None,
            )
        )


def _newest_batches(product_ids: set[int]) -> Mapping[int, int]:
    """Per product the batch harvested last, up to today."""
    rows = db.session.execute(
        select(HarvestBatch.product_id, HarvestBatch.id)
        .where(
            HarvestBatch.product_id.in_(product_ids),
            HarvestBatch.harvested_on <= today(),
        )
        .order_by(HarvestBatch.harvested_on, HarvestBatch.id)
    )
    return {row.product_id: row.id for row in rows}


def _rooms(session_ids: set[int]) -> Mapping[int, LiveSession]:
    query = select(LiveSession).where(LiveSession.id.in_(session_ids))
    return {session.id: session for session in db.session.scalars(query)}


def _reserve(order: Order, group: Sequence[Wanted]) -> None:
    for each in group:
        db.session.add(
            StockReservation(
                order_id=order.id,
                variant_id=each.variant.id,
                quantity=each.line.quantity,
                state=ReservationState.HELD,
                expires_at=order.pay_before,
            )
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
