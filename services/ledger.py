"""Posting to the ledger, and proving that it is right."""

import secrets
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Insert, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from core.clock import local_day, now
from core.database import AnySelect, Base, db
from core.statements import kept, table_of
from domain.ledger.accounts import find_party
from domain.ledger.legs import Leg, check_balanced
from domain.shares import PartyKind
from models.ledger import JournalEntry, LedgerAccount, Posting

EPOCH_US = 1_735_689_600_000_000
RANDOM_BITS = 12


def post(
    kind: str,
    key: str,
    legs: Sequence[Leg],
    *,
    order_id: int | None = None,
    refund_id: int | None = None,
    effective_at: datetime | None = None,
    account_id: int | None = None,
    memo: str = "",
    reverses_id: int | None = None,
) -> int:
    """Write one journal entry with its postings; returns the entry's id.

    key: names the event; an entry with this key is left as it is and its id returned.
    effective_at: when the money moved, now by default; the entry counts on that day
    in Asia/Shanghai.
    Raises Unbalanced when the legs are none, hold a zero or do not sum to zero.
    """
    check_balanced(legs)
    existing = find_entry_id(key)
    if existing is not None:
        return existing
    db.session.flush()
    moment = effective_at or now()
    entry = {
        "id": new_entry_id(),
        "key": key,
        "kind": kind,
        "memo": memo,
        "order_id": order_id,
        "refund_id": refund_id,
        "reverses_id": reverses_id,
        "account_id": account_id,
        "posting_count": len(legs),
        "effective_on": local_day(moment),
        "effective_at": moment,
    }
    return _write(entry, legs)


def find_entry_id(key: str) -> int | None:
    """The id of the entry with this key, or None."""
    found: int | None = db.session.scalar(_entry_by_key(), {"key": key})
    return found


@kept
def _entry_by_key() -> AnySelect:
    entry = table_of(JournalEntry).c
    return select(entry.id).where(entry.key == bindparam("key"))


def new_entry_id() -> int:
    """An id for the next entry: microseconds since 2025, then 12 random bits.

    Postings are written before their entry and must know its id. PostgreSQL has
    sequences for that and SQLite has none, so the program makes the id, the same way
    on both and without asking. Ids grow with time, which keeps their index compact,
    and fit 63 bits until 2096. Should two ever meet, the primary key refuses one.
    """
    elapsed_us = time.time_ns() // 1000 - EPOCH_US
    return elapsed_us << RANDOM_BITS | secrets.randbits(RANDOM_BITS)


def _write(entry: dict[str, object], legs: Sequence[Leg]) -> int:
    connection = db.session.connection()
    accounts = _account_ids(connection, sorted({leg.account for leg in legs}))
    postings = [
        {
            "entry_id": entry["id"],
            "ledger_account_id": accounts[leg.account],
            "order_line_id": leg.order_line_id,
            "amount_fen": leg.amount_fen,
        }
        for leg in legs
    ]
    try:
        with connection.begin_nested():
            connection.execute(_inserting(Posting), postings)
            connection.execute(_inserting(JournalEntry), entry)
    except IntegrityError:
        meanwhile = find_entry_id(str(entry["key"]))
        if meanwhile is None:
            raise
        return meanwhile
    return int(str(entry["id"]))


@kept
def _inserting(model: type[Base]) -> Insert:
    return insert(table_of(model))


def _account_ids(connection: Connection, codes: Sequence[str]) -> dict[str, int]:
    known = _known_accounts(connection, codes)
    missing = [code for code in codes if code not in known]
    if not missing:
        return known
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(
        dialect.insert(LedgerAccount).on_conflict_do_nothing(index_elements=["code"]),
        [_describe(code) for code in missing],
    )
    return _known_accounts(connection, codes)


def _known_accounts(connection: Connection, codes: Sequence[str]) -> dict[str, int]:
    rows = connection.execute(_accounts_by_code(), {"codes": list(codes)})
    return {row.code: row.id for row in rows}


@kept
def _accounts_by_code() -> AnySelect:
    account = table_of(LedgerAccount).c
    wanted: BindParameter[Any] = bindparam("codes", expanding=True)
    return select(account.code, account.id).where(account.code.in_(wanted))


def _describe(code: str) -> dict[str, object]:
    """The columns of the account `code`, such as coop:1:member:5 or village:7:funds."""
    books, owner, name = code.split(":", 2)
    party = find_party(code)
    village_id = party.id if party and party.kind is PartyKind.VILLAGE else None
    return {
        "code": code,
        "kind": party.kind if party else name,
        "cooperative_id": int(owner) if books == "coop" else None,
        "village_id": int(owner) if books == "village" else village_id,
        "farmer_id": party.id if party and party.kind is PartyKind.MEMBER else None,
    }
