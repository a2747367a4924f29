"""What a checkout is going to write: reckoned before anything is written."""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.clock import now, today
from core.database import AnyRow
from core.errors import N_, Conflict
from domain.freight import quote
from domain.orders.holds import HELD_FOR
from domain.orders.numbers import ORDER_NUMBERS, order_number
from domain.orders.states import (
    OrderState,
    PaymentMethod,
    PaymentState,
    ReservationState,
)
from domain.pricing import CartLine, cart_totals, order_total_fen, split_freight
from models.orders import Order, OrderLine, StockReservation
from models.payments import Payment
from queries.cooperative import RulesInForce
from services.orders.drafts import Submission


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


@dataclass(frozen=True, eq=False)
class Plan:
    """A checkout that nothing stands against, and its orders with their lines."""

    submission: Submission
    orders: Sequence[tuple[Order, Sequence[Wanted]]]


def planned_order(
    submission: Submission, group: Sequence[Wanted], rules: Mapping[int, RulesInForce]
) -> tuple[Order, Sequence[Wanted]]:
    """One cooperative's order, which has neither id, number nor checkout yet.

    Raises CooperativeNotReady, NoDelivery or OrderTooLarge.
    """
    draft, cooperative_id = submission.draft, group[0].row.cooperative_id
    rule = rules.get(cooperative_id)
    if rule is None:
        raise CooperativeNotReady()
    totals = cart_totals([each.line for each in group])
    freight_fen = quote(
        rule.freight, draft.province, totals.weight_g, goods_fen=totals.goods_fen
    ).fen
    order = Order(
        cooperative_id=cooperative_id,
        account_id=submission.buyer.account_id,
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
        split_policy_id=rule.split_policy_id,
        freight_policy_id=rule.freight_policy_id,
        placed_at=now(),
        pay_before=pay_before(draft.payment_method),
    )
    return order, group


def pay_before(method: PaymentMethod) -> datetime | None:
    """Until when an order placed or renewed now holds its boxes unpaid; None for cash,
    which is paid at the door, whenever that is.
    """
    is_cash = method is PaymentMethod.CASH_ON_DELIVERY
    return None if is_cash else now() + HELD_FOR[method]


def random_number() -> str:
    """An order number of today; taken ones are rare."""
    return order_number(today(), secrets.randbelow(ORDER_NUMBERS.serials))


def new_lines(order: Order, group: Sequence[Wanted]) -> list[OrderLine]:
    """The lines of an order that has its id."""
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


def new_reservation(order: Order, each: Wanted) -> StockReservation:
    """The boxes of one line, held for the order."""
    return StockReservation(
        order_id=order.id,
        variant_id=each.row.variant_id,
        quantity=each.line.quantity,
        state=ReservationState.HELD,
        expires_at=order.pay_before,
    )


def new_payment(order: Order) -> Payment:
    """How the order is to be paid."""
    return Payment(
        order_id=order.id,
        method=order.payment_method,
        state=PaymentState.CREATED,
        amount_fen=order.total_fen,
        idempotency_key=f"order-{uuid.uuid4().hex}",
        attempt=1,
        expires_at=order.pay_before,
    )
