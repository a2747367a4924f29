"""Vouchers and employment as entered, newest first."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from core.database import db
from core.pages.paging import Page, paginate
from domain.ledger.entries import VillageIncomeKind
from domain.periods import Period
from models.accounts import Account
from models.alliances import Village
from models.cooperative import Cooperative
from models.income import Employment, IncomeVoucher
from queries.income.scope import IncomeScope, Narrowing

PER_PAGE = 25


@dataclass(frozen=True)
class VoucherRow:
    """An income voucher as entered; voided ones stay in sight."""

    id: int
    village: str
    number: str
    kind: VillageIncomeKind
    amount_fen: int
    received_on: date
    memo: str
    entered_by: str | None
    voided_at: datetime | None


@dataclass(frozen=True)
class EmploymentRow:
    """One person's paid work in one month."""

    id: int
    cooperative: str
    village: str
    person_name: str
    month: date
    days: int
    wages_fen: int
    entered_by: str | None
    voided_at: datetime | None


@dataclass(frozen=True)
class VoucherTotals:
    """Sums of vouchers in fen, by what kind of income they are."""

    operating_fen: int
    subsidy_fen: int


@dataclass(frozen=True)
class EmploymentTotals:
    """Distinct people, their days and wages."""

    people_employed: int
    days: int
    wages_fen: int


def vouchers_in(
    narrowing: Narrowing,
    page: int,
    *,
    period: Period | None = None,
    per_page: int = PER_PAGE,
) -> Page[VoucherRow]:
    """The vouchers of villages in scope. period: received on these days."""
    query = (
        _vouchers()
        .where(*_received(narrowing, period))
        .order_by(IncomeVoucher.received_on.desc(), IncomeVoucher.id.desc())
    )
    found = paginate(query, page, per_page)
    rows = [_voucher(row) for row in found.items]
    return Page(rows, found.page, found.per_page, found.total)


def voucher_totals(narrowing: Narrowing, period: Period | None) -> VoucherTotals:
    """The sums of the vouchers of `vouchers_in` that stand. One query."""
    operating = IncomeVoucher.kind == VillageIncomeKind.OPERATING
    amount = IncomeVoucher.amount_fen
    row = db.session.execute(
        select(
            func.sum(case((operating, amount), else_=0)),
            func.sum(case((operating, 0), else_=amount)),
        ).where(*_received(narrowing, period), IncomeVoucher.voided_at.is_(None))
    ).one()
    return VoucherTotals(int(row[0] or 0), int(row[1] or 0))


def find_voucher(voucher_id: int, scope: IncomeScope) -> VoucherRow | None:
    """One voucher of a village in scope, or None."""
    row = db.session.execute(
        _vouchers().where(
            IncomeVoucher.id == voucher_id,
            scope.holds_village(IncomeVoucher.village_id),
        )
    ).one_or_none()
    return _voucher(row) if row else None


def employment_in(
    narrowing: Narrowing,
    page: int,
    *,
    period: Period | None = None,
    per_page: int = PER_PAGE,
) -> Page[EmploymentRow]:
    """The employment records in scope. period: of every month that it touches."""
    query = (
        _employment()
        .where(*_worked(narrowing, period))
        .order_by(Employment.month.desc(), Employment.id.desc())
    )
    found = paginate(query, page, per_page)
    rows = [EmploymentRow(**row._mapping) for row in found.items]
    return Page(rows, found.page, found.per_page, found.total)


def employment_totals(narrowing: Narrowing, period: Period | None) -> EmploymentTotals:
    """The sums of the records of `employment_in` that stand. One query."""
    row = db.session.execute(
        select(
            func.count(Employment.person_key.distinct()),
            func.sum(Employment.days),
            func.sum(Employment.wages_fen),
        ).where(*_worked(narrowing, period), Employment.voided_at.is_(None))
    ).one()
    return EmploymentTotals(row[0], int(row[1] or 0), int(row[2] or 0))


def find_employment(employment_id: int, scope: IncomeScope) -> EmploymentRow | None:
    """One employment record in scope, or None."""
    row = db.session.execute(
        _employment().where(
            Employment.id == employment_id,
            scope.holds(Employment.cooperative_id, Employment.village_id),
        )
    ).one_or_none()
    return EmploymentRow(**row._mapping) if row else None


def _received(narrowing: Narrowing, period: Period | None) -> list[ColumnElement[bool]]:
    conditions = [narrowing.holds_village(IncomeVoucher.village_id)]
    if period:
        day = IncomeVoucher.received_on
        conditions.append(day.between(period.first, period.last))
    return conditions


def _worked(narrowing: Narrowing, period: Period | None) -> list[ColumnElement[bool]]:
    conditions = [narrowing.holds(Employment.cooperative_id, Employment.village_id)]
    if period:
        first_month = period.first.replace(day=1)
        conditions.append(Employment.month.between(first_month, period.last))
    return conditions


def _vouchers() -> Select[*tuple[Any, ...]]:
    return (
        select(
            IncomeVoucher.id,
            Village.name.label("village"),
            IncomeVoucher.number,
            IncomeVoucher.kind,
            IncomeVoucher.amount_fen,
            IncomeVoucher.received_on,
            IncomeVoucher.memo,
            Account.name.label("entered_by"),
            IncomeVoucher.voided_at,
        )
        .join(Village, Village.id == IncomeVoucher.village_id)
        .outerjoin(Account, Account.id == IncomeVoucher.account_id)
    )


def _voucher(row: Any) -> VoucherRow:
    values = dict(row._mapping)
    return VoucherRow(**values | {"kind": VillageIncomeKind(row.kind)})


def _employment() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Employment.id,
            Cooperative.name.label("cooperative"),
            Village.name.label("village"),
            Employment.person_name,
            Employment.month,
            Employment.days,
            Employment.wages_fen,
            Account.name.label("entered_by"),
            Employment.voided_at,
        )
        .join(Cooperative, Cooperative.id == Employment.cooperative_id)
        .join(Village, Village.id == Employment.village_id)
        .outerjoin(Account, Account.id == Employment.account_id)
    )
