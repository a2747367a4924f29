"""Village income apart from sales, and employment: entered by the accountant."""

import hashlib
import hmac
import unicodedata

from sqlalchemy import select

from core.access import Actor
from core.clock import now, today
from core.database import db
from core.errors import N_, Invalid, StateChanged
from domain.ledger.entries import VillageIncomeKind, village_income
from domain.ledger.legs import EntryKind, reverse
from domain.periods import day_starts_at
from domain.roles import Role, ScopeKind
from models.alliances import Village
from models.history import record_change
from models.income import BookEntry, Employment, IncomeVoucher
from queries.scopes import lock
from services.ledger import find_entry_id, post
from services.requests import add_first, find_known


class VoucherNumberTaken(Invalid):
    """Another voucher has this number."""

    code = "voucher_number_taken"
    message = N_("凭证号 %(number)s 已经登记过，请核对，别记两遍。")
    field = "number"


class WorkEnteredAlready(Invalid):
    """This person's month in this village is there already."""

    code = "work_entered_already"
    message = N_("%(name)s 这个月在这个村的用工已经登记过；要改请先作废原来那条。")
    field = "person_name"


class DayAhead(Invalid):
    """The day has not come yet."""

    code = "day_ahead"
    message = N_("日期还没到，请填今天或以前的日期。")
    field = "received_on"


class MonthAhead(DayAhead):
    """The month has not begun yet."""

    message = N_("这个月还没到，请核对月份。")
    field = "month"


class VoidReasonMissing(Invalid):
    """An entry is only voided with a reason."""

    code = "void_reason_missing"
    message = N_("请写明为什么作废，几个字就行。")
    field = "reason"


def record_voucher(actor: Actor, voucher: IncomeVoucher) -> int:
    """Enter a new voucher and post it to the village's books; returns its id.

    The same request id again returns the first voucher's id.
    Raises NotFound for a village out of scope, DayAhead, VoucherNumberTaken.
    """
    known = find_known(IncomeVoucher, voucher.request_id)
    if known is not None:
        return known
    lock(Village, voucher.village_id, actor, Role.ACCOUNTANT)
    if voucher.received_on > today():
        raise DayAhead()
    if _is_there(IncomeVoucher, number=voucher.number):
        raise VoucherNumberTaken(number=voucher.number)
    return _enter(actor, voucher)


def record_employment(actor: Actor, work: Employment) -> int:
    """Enter one person's paid work of one month; returns its id.

    The same request id again returns the first record's id.
    Raises NotFound for a cooperative out of scope or a village that is none of it,
    MonthAhead, WorkEnteredAlready.
    """
    known = find_known(Employment, work.request_id)
    if known is not None:
        return known
    in_books = actor.within(ScopeKind.COOPERATIVE, work.cooperative_id)
    lock(Village, work.village_id, in_books, Role.ACCOUNTANT)
    if work.month > today():
        raise MonthAhead()
    same = ("person_key", "month", "cooperative_id", "village_id")
    values = {name: getattr(work, name) for name in same}
    if _is_there(Employment, **values, voided_at=None):
        raise WorkEnteredAlready(name=work.person_name)
    return _enter(actor, work)


def void(actor: Actor, table: type[BookEntry], entry_id: int, reason: str) -> None:
    """Take back an entry made by mistake; a voucher's posting is undone on its day.

    Raises NotFound, VoidReasonMissing, StateChanged when it is void already.
    """
    entry = lock(table, entry_id, actor, Role.ACCOUNTANT)
    why = reason.strip()
    if not why:
        raise VoidReasonMissing()
    if entry.voided_at is not None:
        raise StateChanged()
    entry.voided_at = now()
    db.session.flush()
    if isinstance(entry, IncomeVoucher):
        _post(actor, entry, is_void=True)
    record_change(
        entry, "voided", from_state="entered", account_id=actor.account_id, reason=why
    )


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


def _is_there(table: type[BookEntry], **values: object) -> bool:
    found = select(table.id).filter_by(**values)
    return db.session.scalar(found) is not None


def _enter(actor: Actor, entry: BookEntry) -> int:
    entry.account_id = actor.account_id
    twin = add_first(entry)
    if twin is not None:
        return twin
    if isinstance(entry, IncomeVoucher):
        _post(actor, entry)
    record_change(entry, "entered", account_id=actor.account_id)
    return entry.id


def _post(actor: Actor, voucher: IncomeVoucher, *, is_void: bool = False) -> None:
    key, kind = f"voucher:{voucher.id}", VillageIncomeKind(voucher.kind)
    legs = village_income(voucher.village_id, voucher.amount_fen, kind)
    post(
        EntryKind.VILLAGE_INCOME,
        f"{key}:void" if is_void else key,
        reverse(legs) if is_void else legs,
        effective_at=day_starts_at(voucher.received_on),
        account_id=actor.account_id,
        memo=voucher.number,
        reverses_id=find_entry_id(key) if is_void else None,
    )
