"""What the villages took in besides sales, and who was paid to work."""

from collections import Counter
from datetime import date, timedelta
from itertools import count
from random import Random

from sqlalchemy import func, select

from commands.demo.names import some_name
from commands.demo.places import Ground
from core import clock
from core.access import Actor
from core.clock import today
from core.database import db
from domain.ledger.entries import VillageIncomeKind
from domain.money import allocate
from domain.periods import day_starts_at
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
        day = today() - timedelta(days=20 + quarter * 91)
        _voucher(village_id, quarter, day, accountant, rng)
    _pay_workers(ground, village_id, accountant, rng)


def _voucher(
    village_id: int, quarter: int, day: date, accountant: Actor, rng: Random
) -> None:
    kind, amount_fen, memo = VOUCHERS[quarter % len(VOUCHERS)]
    draft = income.VoucherDraft(
        request_id=f"demo-voucher-{village_id}-{quarter}",
        village_id=village_id,
        kind=kind,
        amount_fen=amount_fen + rng.randrange(0, 400_000, 100),
        received_on=day,
        number=f"演-{day:%Y%m}-{village_id:02d}{quarter:02d}",
        memo=memo,
    )
    with clock.at(day_starts_at(day) + timedelta(hours=10)):
        income.record_voucher(draft, accountant)


def _pay_workers(
    ground: Ground, village_id: int, accountant: Actor, rng: Random
) -> None:
    """Sorting and packing by turns, paid out of what each month's sales brought."""
    workers = [some_name(rng) for _index in range(WORKERS)]
    sold_fen = _sold_by_month(village_id)
    turns, left_fen = count(), 0
    for month in _past_months():
        left_fen += sold_fen.get(month, 0) * WAGES_BP // 10_000
        days, left_fen = divmod(left_fen, DAY_FEN)
        for share in _shares(days):
            index = next(turns) % WORKERS
            name = workers[index]
            _work(ground, village_id, accountant, month, index, name, share)
        db.session.expunge_all()


def _sold_by_month(village_id: int) -> dict[date, int]:
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


def _shares(days: int) -> list[int]:
    """Days of one person each: a few days a head, each head once a month."""
    heads = min(WORKERS, -(-days // DAYS_A_HEAD))
    return allocate(days, [1] * heads) if heads else []


def _work(
    ground: Ground,
    village_id: int,
    accountant: Actor,
    month: date,
    index: int,
    name: str,
    days: int,
) -> None:
    draft = income.EmploymentDraft(
        request_id=f"demo-work-{village_id}-{month:%Y%m}-{index}",
        cooperative_id=ground.cooperative_id,
        village_id=village_id,
        person_name=name,
        person_key=income.person_key("demo", name, f"{village_id}{index:04d}"),
        month=month,
        days=days,
        wages_fen=days * DAY_FEN,
    )
    entered_at = min(day_starts_at(month) + timedelta(days=33), clock.now())
    with clock.at(entered_at):
        income.record_employment(draft, accountant)
