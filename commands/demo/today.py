"""Orders of the last hours: one in each state that waits for somebody, live sales."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from commands.demo.fates import CASH, STRIPE, TRANSFER, Course, Fate, Life, first_line
from commands.demo.sales import Market, order_at
from commands.demo.shows import Show
from core import clock
from core.access import HOUSE
from core.clock import now
from core.database import db, transaction
from domain.orders.states import PaymentMethod
from models.outbox import Job
from services.orders import fulfilling, refunding
from services.orders.drafts import PlacedOrder, RefundDraft, RefundDraftLine

FIRST_COUNT = 900_000
FIRST_LIVE_COUNT = 950_000
RECENT = timedelta(hours=6)
FAR = timedelta(days=3650)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

PAID = {"pays_after": timedelta(minutes=1), "packs_after": FAR}
PACKED = {"packs_after": 8 * HOUR, "ships_after": FAR}
SHIPPED = {"packs_after": 8 * HOUR, "ships_after": 20 * HOUR, "travels": FAR}
ARRIVED = SHIPPED | {"travels": 40 * HOUR}


@dataclass(frozen=True)
class Work:
    """An order that waits: since when, how it is paid, and how far it has come."""

    ago: timedelta
    method: PaymentMethod
    pace: dict[str, Any] = field(default_factory=dict)
    is_accepted: bool = False
    is_complained_of: bool = False


WAITING = (
    Work(timedelta(minutes=12), STRIPE),
    Work(3 * HOUR, TRANSFER),
    Work(2 * HOUR, CASH),
    Work(4 * HOUR, STRIPE, PAID),
    Work(5 * HOUR, STRIPE, PAID),
    Work(6 * HOUR, CASH, is_accepted=True),
    Work(20 * HOUR, STRIPE, PACKED),
    Work(44 * HOUR, STRIPE, SHIPPED),
    Work(5 * DAY, STRIPE, ARRIVED, is_complained_of=True),
    Work(6 * DAY, TRANSFER, ARRIVED, is_complained_of=True),
)


def leave_work_for_today(market: Market) -> None:
    """Unpaid, paid, accepted, packed, sent; and two refunds to decide."""
    placed = [
        order_at(market, now() - work.ago, FIRST_COUNT + index, work.method)
        for index, work in enumerate(WAITING)
    ]
    for [order], work in zip(placed, WAITING, strict=True):
        _go_on(market, order, work)


def sell_on_air(market: Market, show: Show) -> None:
    """What the running session has sold, after all its products were pinned."""
    in_the_room = replace(market, shows=[show])
    for minutes in range(2, 8):
        work = Work(timedelta(minutes=minutes), STRIPE, PAID)
        count = FIRST_LIVE_COUNT + minutes
        [order] = order_at(in_the_room, now() - work.ago, count, work.method)
        _go_on(market, order, work)


def settle_history() -> None:
    """Jobs that fell due long ago were done then: nobody is texted about them now."""
    db.session.execute(
        update(Job)
        .where(Job.done_at.is_(None), Job.due_at < now() - RECENT)
        .values(done_at=Job.due_at)
        .execution_options(synchronize_session=False)
    )


def _go_on(market: Market, order: PlacedOrder, work: Work) -> None:
    moment = now() - work.ago
    if work.is_accepted:
        with clock.at(moment + HOUR), transaction():
            fulfilling.accept_cash_order(market.people.actor(2), order.order_id)
    if work.pace:
        drawn = Fate.draw(market.rng)
        fate = replace(drawn, course=Course.DELIVERED, **work.pace)
        Life(order, fate, moment, market.people, market.till).go_on()
    if work.is_complained_of:
        _complain(order)


def _complain(order: PlacedOrder) -> None:
    """The buyer asks for a fifth of the first line: some arrived spoiled."""
    with clock.at(now() - 2 * HOUR), transaction():
        line = first_line(order.order_id)
        draft = RefundDraft(
            request_id=f"demo-claim-{order.order_id:06d}",
            lines=[RefundDraftLine(line.id, 0, line.goods_fen // 5)],
            freight_fen=0,
            reason="有几个烂的，拍了照发在微信上了",
        )
        refunding.request_refund(HOUSE, order.order_id, draft)
