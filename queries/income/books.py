"""Vouchers and employment as entered, newest first."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select

from core.database import db
from core.paging import Page, paginate
from domain.ledger import VillageIncomeKind
from models import Account, Cooperative, Employment, IncomeVoucher, Village
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


def vouchers_in(narrowing: Narrowing, page: int) -> Page[VoucherRow]:
    """The vouchers of villages in scope."""
    query = (
        _vouchers()
        .where(narrowing.holds_village(IncomeVoucher.village_id))
        .order_by(IncomeVoucher.received_on.desc(), IncomeVoucher.id.desc())
    )
    found = paginate(query, page, PER_PAGE)
    rows = [_voucher(row) for row in found.items]
    return Page(rows, found.page, found.per_page, found.total)


def find_voucher(voucher_id: int, scope: IncomeScope) -> VoucherRow | None:
    """One voucher of a village in scope, or None."""
    row = db.session.execute(
        _vouchers().where(
            IncomeVoucher.id == voucher_id,
            scope.holds_village(IncomeVoucher.village_id),
        )
    ).one_or_none()
    return _voucher(row) if row else None


def employment_in(narrowing: Narrowing, page: int) -> Page[EmploymentRow]:
    """The employment records in scope."""
    query = (
        _employment()
        .where(narrowing.holds(Employment.cooperative_id, Employment.village_id))
        .order_by(Employment.month.desc(), Employment.id.desc())
    )
    found = paginate(query, page, PER_PAGE)
    rows = [EmploymentRow(**row._mapping) for row in found.items]
    return Page(rows, found.page, found.per_page, found.total)


def find_employment(employment_id: int, scope: IncomeScope) -> EmploymentRow | None:
    """One employment record in scope, or None."""
    row = db.session.execute(
        _employment().where(
            Employment.id == employment_id,
            scope.holds(Employment.cooperative_id, Employment.village_id),
        )
    ).one_or_none()
    return EmploymentRow(**row._mapping) if row else None


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
