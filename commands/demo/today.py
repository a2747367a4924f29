"""Orders of the last hours: one in each state that waits for somebody, live sales."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from commands.demo.buyers import addresses
from commands.demo.fates import Course, Fate, first_line, live_through
from commands.demo.sales import Market, order_at
from commands.demo.shows import Show
from core import clock
from core.clock import now
from core.database import transaction
from domain.orders.states import PaymentMethod
from services.orders import drafts, fulfilling, refunding
from services.orders.drafts import PlacedOrder, RefundDraft

STRIPE = PaymentMethod.STRIPE
TRANSFER = PaymentMethod.BANK_TRANSFER
CASH = PaymentMethod.CASH_ON_DELIVERY
FIRST_COUNT = 900_000
FIRST_LIVE_COUNT = 950_000


def leave_work_for_today(market: Market) -> None:
    """Unpaid, paid, accepted, packed, sent; and two refunds to decide."""
    homes = addresses(market.rng)
    placed = [
        (order_at(market, now() - ago, next(homes), FIRST_COUNT + index, method), ago)
        for index, (ago, method, _then) in enumerate(WAITING)
    ]
    for ([order], ago), (_ago, _method, then) in zip(placed, WAITING, strict=True):
        _go_on(market, order, ago, then)


def sell_on_air(market: Market, show: Show) -> None:
    """What the running session has sold, after all its products were pinned."""
    homes = addresses(market.rng)
    in_the_room = replace(market, shows=[show])
    for minutes in range(2, 8):
        ago = timedelta(minutes=minutes)
        count = FIRST_LIVE_COUNT + minutes
        [order] = order_at(in_the_room, now() - ago, next(homes), count, STRIPE)
        _go_on(market, order, ago, "paid")


WAITING: tuple[tuple[timedelta, PaymentMethod, str], ...] = (
    (timedelta(minutes=12), STRIPE, "placed"),
    (timedelta(hours=3), TRANSFER, "placed"),
    (timedelta(hours=2), CASH, "placed"),
    (timedelta(hours=4), STRIPE, "paid"),
    (timedelta(hours=5), STRIPE, "paid"),
    (timedelta(hours=6), CASH, "accepted"),
    (timedelta(hours=20), STRIPE, "packed"),
    (timedelta(hours=44), STRIPE, "shipped"),
    (timedelta(days=5), STRIPE, "complained"),
    (timedelta(days=6), TRANSFER, "complained"),
)


def _go_on(market: Market, order: PlacedOrder, ago: timedelta, then: str) -> None:
    started_at = now() - ago
    if then == "accepted":
        with clock.at(started_at + timedelta(hours=1)), transaction():
            fulfilling.accept_cash_order(order.order_id, market.people.by_number[2])
        return
    if then == "placed":
        return
    fate = replace(Fate.draw(market.rng), course=Course.DELIVERED, **PACES[then])
    live_through([order], fate, started_at, market.people, market.till)
    if then == "complained":
        _complain(order)


FAR = timedelta(days=3650)
HOUR = timedelta(hours=1)
PACES: dict[str, dict[str, Any]] = {
    "paid": {"pays_after": timedelta(minutes=1), "packs_after": FAR},
    "packed": {"packs_after": 8 * HOUR, "ships_after": FAR},
    "shipped": {"packs_after": 8 * HOUR, "ships_after": 20 * HOUR, "travels": FAR},
    "complained": {
        "packs_after": 8 * HOUR,
        "ships_after": 20 * HOUR,
        "travels": 40 * HOUR,
    },
}


def _complain(order: PlacedOrder) -> None:
    """The buyer asks for a fifth of the first line: some arrived spoiled."""
    with clock.at(now() - timedelta(hours=2)), transaction():
        line = first_line(order.order_id)
        draft = RefundDraft(
            request_id=f"demo-claim-{order.order_id:06d}",
            lines=[drafts.RefundDraftLine(line.id, 0, line.goods_fen // 5)],
            freight_fen=0,
            reason="有几个烂的，拍了照发在微信上了",
        )
        refunding.request_refund(order.order_id, draft, None)
