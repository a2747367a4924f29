"""Village income apart from sales, and employment: entered by the accountant."""

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from core.access import Actor
from core.clock import now, today
from core.database import db
from core.errors import N_, Conflict, Invalid, NotFound, StateChanged
from domain.ledger.entries import VillageIncomeKind, village_income
from domain.ledger.legs import EntryKind, reverse
from domain.periods import day_starts_at
from models.alliances import Village
from models.history import record_change
from models.income import Employment, IncomeVoucher
from queries.income.books import find_employment, find_voucher
from queries.income.scope import IncomeScope, bookkeeping_scope
from services.ledger import find_entry_id, post
from services.requests import add_first, find_known


class VoucherNumberTaken(Conflict):
    """Another voucher has this number."""

    code = "voucher_number_taken"
    message = N_("凭证号 %(number)s 已经登记过，请核对，别记两遍。")


class WorkEnteredAlready(Conflict):
    """This person's month in this village is there already."""

    code = "work_entered_already"
    message = N_("%(name)s 这个月在这个村的用工已经登记过；要改请先作废原来那条。")


class DayAhead(Invalid):
    """The day has not come yet."""

    code = "day_ahead"
    message = N_("日期还没到，请填今天或以前的日期。")


class VoidReasonMissing(Invalid):
    """A record is only voided with a reason."""

    code = "void_reason_missing"
    message = N_("请写明为什么作废，几个字就行。")


@dataclass(frozen=True)
class VoucherDraft:
    """A voucher as typed; amount in fen."""

    request_id: str
    village_id: int
    kind: VillageIncomeKind
    amount_fen: int
    received_on: date
    number: str
    memo: str


@dataclass(frozen=True)
class EmploymentDraft:
    """One person's paid work in one month; wages in fen, month its first day."""

    request_id: str
    cooperative_id: int
    village_id: int
    person_name: str
    person_key: str
    month: date
    days: int
    wages_fen: int


def record_voucher(draft: VoucherDraft, by: Actor) -> int:
    """Enter a voucher and post it to the village's books; returns its id.

    The same request id again returns the first voucher's id.
    Raises NotFound for a village out of scope, DayAhead, VoucherNumberTaken.
    """
    known = find_known(IncomeVoucher, draft.request_id)
    if known is not None:
        return known
    _check_village(draft.village_id, bookkeeping_scope(by))
    if draft.received_on > today():
        raise DayAhead
    if db.session.scalar(
        select(IncomeVoucher.id).where(IncomeVoucher.number == draft.number)
    ):
        raise VoucherNumberTaken(number=draft.number)
    voucher = IncomeVoucher(**vars(draft), account_id=by.account_id)
    twin = add_first(voucher)
    if twin is not None:
        return twin
    post(
        EntryKind.VILLAGE_INCOME,
        _entry_key(voucher.id),
        village_income(draft.village_id, draft.amount_fen, draft.kind),
        effective_at=day_starts_at(draft.received_on),
        account_id=by.account_id,
        memo=draft.number,
    )
    record_change(voucher, "entered", account_id=by.account_id)
    return voucher.id


def void_voucher(voucher_id: int, reason: str, by: Actor) -> None:
    """Undo a voucher entered by mistake, on the day it counted.

    Raises NotFound, VoidReasonMissing, StateChanged when it is void already.
    """
    if find_voucher(voucher_id, bookkeeping_scope(by)) is None:
        raise NotFound
    voucher = _void(IncomeVoucher, voucher_id, reason, by)
    legs = village_income(
        voucher.village_id, voucher.amount_fen, VillageIncomeKind(voucher.kind)
    )
    post(
        EntryKind.VILLAGE_INCOME,
        f"{_entry_key(voucher.id)}:void",
        reverse(legs),
        effective_at=day_starts_at(voucher.received_on),
        account_id=by.account_id,
        memo=voucher.number,
        reverses_id=find_entry_id(_entry_key(voucher.id)),
    )


def record_employment(draft: EmploymentDraft, by: Actor) -> int:
    """Enter one person's paid work of one month; returns its id.

    The same request id again returns the first record's id.
    Raises NotFound for a cooperative or village out of scope, DayAhead,
    WorkEnteredAlready.
    """
    known = find_known(Employment, draft.request_id)
    if known is not None:
        return known
    scope = bookkeeping_scope(by)
    if draft.cooperative_id not in scope.cooperative_ids:
        raise NotFound
    own = IncomeScope(cooperative_ids=frozenset({draft.cooperative_id}))
    _check_village(draft.village_id, own)
    if draft.month > today():
        raise DayAhead
    if _is_entered(draft):
        raise WorkEnteredAlready(name=draft.person_name)
    work = Employment(**vars(draft), account_id=by.account_id)
    twin = add_first(work)
    if twin is not None:
        return twin
    record_change(work, "entered", account_id=by.account_id)
    return work.id


def void_employment(employment_id: int, reason: str, by: Actor) -> None:
    """Take back a record entered by mistake.

    Raises NotFound, VoidReasonMissing, StateChanged when it is void already.
    """
    if find_employment(employment_id, bookkeeping_scope(by)) is None:
        raise NotFound
    _void(Employment, employment_id, reason, by)


def person_key(secret: str, name: str, identity_hint: str) -> str:
    """A keyed digest that tells people apart without keeping their identity number.

    identity_hint: the last characters of the number, or a phone number.
    """
    plain = "\n".join(
        "".join(unicodedata.normalize("NFKC", part).split()).upper()
        for part in (name, identity_hint)
    )
    key = f"employment:{secret}".encode()
    return hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()


def _entry_key(voucher_id: int) -> str:
    return f"voucher:{voucher_id}"


def _check_village(village_id: int, scope: IncomeScope) -> None:
    seen = select(Village.id).where(
        Village.id == village_id, scope.holds_village(Village.id)
    )
    if db.session.scalar(seen) is None:
        raise NotFound


def _is_entered(draft: EmploymentDraft) -> bool:
    found = db.session.scalar(
        select(Employment.id).where(
            Employment.person_key == draft.person_key,
            Employment.month == draft.month,
            Employment.cooperative_id == draft.cooperative_id,
            Employment.village_id == draft.village_id,
            Employment.voided_at.is_(None),
        )
    )
    return found is not None


def _void(table: Any, record_id: int, reason: str, by: Actor) -> Any:
    if not reason.strip():
        raise VoidReasonMissing
    record = db.session.get(table, record_id, with_for_update=True)
    if record is None or record.voided_at is not None:
        raise StateChanged
    record.voided_at = now()
    db.session.flush()
    record_change(
        record,
        "voided",
        from_state="entered",
        account_id=by.account_id,
        reason=reason.strip(),
    )
    return record
