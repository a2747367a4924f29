"""Villages' own books: vouchers and employment as entered, and what they sum up to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    func,
    literal,
    select,
    union_all,
)

from core.access import Actor
from core.database import AnyRow, AnySelect, Base, db
from core.errors import NotFound
from core.pages.paging import Page, paginate
from domain.ledger.entries import VillageIncomeKind
from domain.ledger.legs import EntryKind
from domain.periods import Period
from domain.roles import Role
from models.accounts import Account
from models.alliances import Village
from models.cooperative import Cooperative
from models.income import BookEntry, Employment, IncomeVoucher
from models.ledger import JournalEntry, LedgerAccount, Posting
from queries.income.figures import VillageIncome
from queries.income.movements import whole
from queries.income.scope import Narrowing
from queries.scopes import visible

EARNED = IncomeVoucher.kind == VillageIncomeKind.OPERATING
DAYS: Mapping[type[BookEntry], Any] = {
    IncomeVoucher: IncomeVoucher.received_on,
    Employment: Employment.month,
}
SUMS: Mapping[type[BookEntry], Mapping[str, Any]] = {
    IncomeVoucher: {
        "operating_fen": func.sum(IncomeVoucher.amount_fen).filter(EARNED),
        "subsidy_fen": func.sum(IncomeVoucher.amount_fen).filter(~EARNED),
    },
    Employment: {
        "people_employed": func.count(Employment.person_key.distinct()),
        "days": func.sum(Employment.days),
        "wages_fen": func.sum(Employment.wages_fen),
    },
}
"""Figures of a table's rows, by the names that the report calls them."""
BOOKED = {
    "operating_income": "village_other_operating_fen",
    "subsidy_income": "village_subsidy_fen",
}
"""A figure by the kind of account that it is the balance of."""


def areas_kept(table: type[Base], actor: Actor) -> Sequence[tuple[int, str]]:
    """The villages or cooperatives whose books `actor` keeps: id and name, by name."""
    columns = table.__mapper__.columns
    kept = visible(table, actor, Role.ACCOUNTANT)
    query = select(columns.id, columns.name).where(kept)
    rows = db.session.execute(query.order_by(columns.name, columns.id))
    return [(row.id, row.name) for row in rows]


def get_entry(table: type[BookEntry], entry_id: int, actor: Actor) -> AnyRow:
    """An entry that `actor` may void. Raises NotFound."""
    kept = visible(table, actor, Role.ACCOUNTANT)
    found = db.session.execute(_named(table).where(table.id == entry_id, kept))
    row = found.one_or_none()
    if row is None:
        raise NotFound()
    return row


def entries_in(
    table: type[BookEntry],
    narrowing: Narrowing,
    period: Period | None,
    page: int,
    per_page: int,
) -> Page[AnyRow]:
    """The entries in scope. period: vouchers received, months touched by these days."""
    query = _named(table).where(*_chosen(table, narrowing, period))
    newest = (DAYS[table].desc(), table.id.desc())
    return paginate(query.order_by(*newest), page, per_page)


def entry_sums(
    table: type[BookEntry], narrowing: Narrowing, period: Period | None
) -> Mapping[str, int]:
    """The SUMS of those of `entries_in` that are not void. One query."""
    columns = [value.label(name) for name, value in SUMS[table].items()]
    chosen = _chosen(table, narrowing, period)
    query = select(*columns).where(*chosen, table.voided_at.is_(None))
    row = db.session.execute(query).one()
    return {name: int(value or 0) for name, value in row._mapping.items()}


def _named(table: type[BookEntry]) -> AnySelect:
    """All columns, with the names of what they refer to."""
    names = [Village.name.label("village"), Account.name.label("entered_by")]
    query = select(*table.__table__.columns, *names)
    query = query.join(Village, Village.id == table.village_id)
    query = query.outerjoin(Account, Account.id == table.account_id)
    if table is not Employment:
        return query
    query = query.join(Cooperative, Cooperative.id == Employment.cooperative_id)
    return query.add_columns(Cooperative.name.label("cooperative"))


def _chosen(
    table: type[BookEntry], narrowing: Narrowing, period: Period | None
) -> Sequence[ColumnElement[bool]]:
    held = narrowing.holds_village(table.village_id)
    first = period and period.first
    if table is Employment:
        held = narrowing.holds(Employment.cooperative_id, Employment.village_id)
        first = first and first.replace(day=1)
    return [held, DAYS[table].between(first, period.last)] if period else [held]


def village_incomes(
    period: Period, narrowing: Narrowing
) -> Mapping[int | None, VillageIncome]:
    """What was booked of vouchers, and who was employed, by village id.

    None holds all villages together, where a person of several counts once. They do
    not depend on a chosen product.
    """
    found: dict[int | None, VillageIncome] = defaultdict(VillageIncome)
    for village_id, *sums in db.session.execute(_employed(period, narrowing)):
        found[village_id] += VillageIncome(0, 0, *sums)
    for village_id, kind, fen in db.session.execute(_booked(period, narrowing)):
        booked = VillageIncome(**{BOOKED[kind]: int(fen)})
        found[village_id] += booked
        found[None] += booked
    return found


def _booked(period: Period, narrowing: Narrowing) -> AnySelect:
    account, entry = LedgerAccount, JournalEntry
    return (
        select(account.village_id, account.kind, -func.sum(Posting.amount_fen))
        .select_from(entry)
        .join(Posting, Posting.entry_id == entry.id)
        .join(account, account.id == Posting.ledger_account_id)
        .where(
            entry.kind == EntryKind.VILLAGE_INCOME,
            entry.effective_on.between(period.first, period.last),
            account.kind.in_(BOOKED),
            narrowing.holds_village(account.village_id),
        )
        .group_by(account.village_id, account.kind)
    )


def _employed(period: Period, narrowing: Narrowing) -> CompoundSelect[*tuple[Any, ...]]:
    """Distinct people and wages by village, and of all villages with id None."""
    chosen = _chosen(Employment, narrowing, period)
    work = select(Employment).where(*chosen, Employment.voided_at.is_(None)).cte()
    sums = (
        func.count(work.c.person_key.distinct()),
        whole(func.sum(work.c.wages_fen)),
    )
    return union_all(
        select(work.c.village_id, *sums).group_by(work.c.village_id),
        select(literal(None, BigInteger), *sums),
    )
