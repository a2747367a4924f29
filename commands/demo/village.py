"""What the villages took in besides sales, and who was paid to work."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import cycle
from random import Random

from sqlalchemy import func, select

from commands.demo.people import some_name
from commands.demo.places import Ground
from core import clock
from core.access import Actor
from core.clock import today
from core.database import db
from domain.ledger.entries import VillageIncomeKind
from domain.money import allocate
from domain.periods import day_starts_at
from models.income import Employment, IncomeVoucher
from models.orders import Order, OrderLine
from services import income

VOUCHERS = (
    (VillageIncomeKind.OPERATING, 1_860_000, "冷库租金"),
    (VillageIncomeKind.SUBSIDY, 5_000_000, "高标准农田补助"),
    (VillageIncomeKind.OPERATING, 960_000, "烘干房加工费"),
    (VillageIncomeKind.SUBSIDY, 1_200_000, "电商服务站补助"),
)
MONTHS = 24
WORKERS = 26
WAGES_BP, DAY_FEN, DAYS_A_HEAD = 1_250, 12_000, 2
"""An eighth of what is sold pays for the work, by the day."""


def keep_village_books(
    ground: Ground, village_id: int, accountant: Actor, rng: Random
) -> None:
    """A voucher a quarter, and each month's paid work."""
    for quarter in range(8):
        kind, amount_fen, memo = VOUCHERS[quarter % len(VOUCHERS)]
        day = today() - timedelta(days=20 + quarter * 91)
        voucher = IncomeVoucher(
            request_id=f"demo-voucher-{village_id}-{quarter}",
            village_id=village_id,
            kind=kind,
            amount_fen=amount_fen + rng.randrange(0, 400_000, 100),
            received_on=day,
            number=f"演-{day:%Y%m}-{village_id:02d}{quarter:02d}",
            memo=memo,
        )
        with clock.at(day_starts_at(day) + timedelta(hours=10)):
            income.record_voucher(accountant, voucher)
    workers = [some_name(rng) for _index in range(WORKERS)]
    for work in _work(ground.cooperative_id, village_id, workers):
        entered_at = day_starts_at(work.month) + timedelta(days=33)
        with clock.at(min(entered_at, clock.now())):
            income.record_employment(accountant, work)


def _work(
    cooperative_id: int, village_id: int, workers: Sequence[str]
) -> Iterator[Employment]:
    """Sorting and packing by turns, paid out of what each month's sales brought."""
    sold_fen = _sold_by_month(village_id)
    turns, left_fen = cycle(enumerate(workers)), 0
    for month in _past_months():
        left_fen += sold_fen[month] * WAGES_BP // 10_000
        days, left_fen = divmod(left_fen, DAY_FEN)
        heads = min(len(workers), -(-days // DAYS_A_HEAD))
        shares = allocate(days, [1] * heads) if heads else []
        for share, (index, name) in zip(shares, turns, strict=False):
            yield Employment(
                request_id=f"demo-work-{village_id}-{month:%Y%m}-{index}",
                cooperative_id=cooperative_id,
                village_id=village_id,
                person_name=name,
                person_key=income.person_key("demo", name, f"{village_id}{index:04d}"),
                month=month,
                days=share,
                wages_fen=share * DAY_FEN,
            )


def _sold_by_month(village_id: int) -> Counter[date]:
    """Goods in fen that reached their buyers, by the first day of the month."""
    rows = db.session.execute(
        select(Order.delivered_on, func.sum(OrderLine.goods_fen))
        .join(Order, Order.id == OrderLine.order_id)
        .where(OrderLine.village_id == village_id, Order.delivered_on.is_not(None))
        .group_by(Order.delivered_on)
    )
    months: Counter[date] = Counter()
    for day, fen in rows:
        if day:
            months[day.replace(day=1)] += int(fen)
    return months


def _past_months() -> list[date]:
    """The months that are over, the earliest first."""
    months, month = [], today().replace(day=1)
    for _index in range(MONTHS):
        month = (month - timedelta(days=1)).replace(day=1)
        months.append(month)
    return months[::-1]
