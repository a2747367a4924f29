"""Vouchers and employment as entered, newest first; voided ones stay in sight."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select

from core.access import Actor
from core.database import AnyRow, AnySelect, Base, db
from core.errors import NotFound
from core.pages.paging import Page, paginate
from domain.ledger.entries import VillageIncomeKind
from domain.periods import Period
from domain.roles import Role
from models.accounts import Account
from models.alliances import Village
from models.cooperative import Cooperative
from models.income import BookEntry, Employment, IncomeVoucher
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
