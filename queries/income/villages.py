"""Villages' own books and the work they were paid for."""

from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, Select, func, literal, select, union_all

from core.database import db
from domain.ledger.legs import EntryKind
from domain.periods import Period
from models.income import Employment
from models.ledger import JournalEntry, LedgerAccount, Posting
from queries.income.figures import VillageIncome
from queries.income.scope import Narrowing

ACCOUNT_FIGURES = {
    "operating_income": "village_other_operating_fen",
    "subsidy_income": "village_subsidy_fen",
}


def village_incomes(
    period: Period, narrowing: Narrowing
) -> dict[int | None, VillageIncome]:
    """Vouchers and employment by village id; None holds all villages together.

    They do not depend on a chosen product.
    """
    found: dict[int | None, VillageIncome] = {None: VillageIncome()}
    for village_id, people, wages_fen in _employment(period, narrowing):
        found[village_id] = VillageIncome(
            people_employed=people, wages_fen=int(wages_fen)
        )
    for village_id, account, fen in _vouchers(period, narrowing):
        for key in (village_id, None):
            before = found.get(key, VillageIncome())
            name = ACCOUNT_FIGURES[account]
            found[key] = replace(before, **{name: getattr(before, name) + int(fen)})
    return found


def _vouchers(period: Period, narrowing: Narrowing) -> Any:
    return db.session.execute(
        select(
            LedgerAccount.village_id,
            LedgerAccount.kind,
            -func.sum(Posting.amount_fen),
        )
        .select_from(JournalEntry)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .join(LedgerAccount, LedgerAccount.id == Posting.ledger_account_id)
        .where(
            JournalEntry.kind == EntryKind.VILLAGE_INCOME,
            JournalEntry.effective_on.between(period.first, period.last),
            LedgerAccount.kind.in_(ACCOUNT_FIGURES),
            narrowing.holds_village(LedgerAccount.village_id),
        )
        .group_by(LedgerAccount.village_id, LedgerAccount.kind)
    )


def _employment(period: Period, narrowing: Narrowing) -> Any:
    """Distinct people and wages by village, and of all villages with id None."""
    work = employed(period, narrowing).cte("work")
    sums = (
        func.count(work.c.person_key.distinct()),
        func.coalesce(func.sum(work.c.wages_fen), 0),
    )
    return db.session.execute(
        union_all(
            select(work.c.village_id, *sums).group_by(work.c.village_id),
            select(literal(None, BigInteger), *sums),
        )
    )


def employed(period: Period, narrowing: Narrowing) -> Select[*tuple[Any, ...]]:
    """The employment rows of every month that `period` touches."""
    return select(
        Employment.village_id, Employment.person_key, Employment.wages_fen
    ).where(
        Employment.month.between(period.first.replace(day=1), period.last),
        Employment.voided_at.is_(None),
        narrowing.holds(Employment.cooperative_id, Employment.village_id),
    )
