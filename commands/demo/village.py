"""What the villages took in besides sales, and who was paid to work."""

from datetime import date, timedelta
from random import Random

from commands.demo.names import some_name
from commands.demo.places import Ground
from core import clock
from core.access import Actor
from core.clock import today
from core.database import db
from domain.ledger import VillageIncomeKind
from domain.periods import day_starts_at
from services import income

VOUCHERS = (
    (VillageIncomeKind.OPERATING, 1_860_000, "冷库租金"),
    (VillageIncomeKind.SUBSIDY, 5_000_000, "高标准农田补助"),
    (VillageIncomeKind.OPERATING, 960_000, "烘干房加工费"),
    (VillageIncomeKind.SUBSIDY, 1_200_000, "电商服务站补助"),
)
MONTHS = 24


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
    """A steady few sort and pack; many more come in the autumn."""
    workers = [some_name(rng) for _index in range(26)]
    month = today().replace(day=1)
    for _index in range(MONTHS):
        month = (month - timedelta(days=1)).replace(day=1)
        busy = month.month in (9, 10, 11)
        for index, name in enumerate(workers[: 26 if busy else 6]):
            days = rng.randint(8, 24) if busy else rng.randint(12, 22)
            _work(ground, village_id, accountant, month, index, name, days)
        db.session.expunge_all()


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
        wages_fen=days * 12_000,
    )
    entered_at = min(day_starts_at(month) + timedelta(days=33), clock.now())
    with clock.at(entered_at):
        income.record_employment(draft, accountant)
