"""The database refuses what no program may do: raw SQL against both engines."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.database import db
from models.ledger_guards import INSERT_ONLY, missing_guards

WRITING = {"tianbo_writing": True}
MOMENT = datetime(2026, 3, 10, tzinfo=UTC).replace(tzinfo=None)
CASH, DEBT = "village:1:funds", "village:1:operating_income"


@pytest.fixture
def sql(app: Flask) -> Iterator[Connection]:
    """A raw connection, in a transaction, with the books' first entry written."""
    with (
        app.app_context(),
        db.engine.connect().execution_options(**WRITING) as connection,
    ):
        _add_village(connection)
        _add_accounts(connection)
        _write(connection, 1, (100, -100))
        connection.commit()
        yield connection
        connection.rollback()


def _add_village(sql: Connection) -> None:
    sql.execute(text("INSERT INTO town (id, name) VALUES (1, '苗山镇')"))
    sql.execute(
        text("INSERT INTO village (id, town_id, name, slug) VALUES (1, 1, '村', 'cun')")
    )


def _add_accounts(sql: Connection) -> None:
    sql.execute(
        text(
            "INSERT INTO ledger_account (id, code, kind, village_id)"
            f" VALUES (1, '{CASH}', 'funds', 1), (2, '{DEBT}', 'operating_income', 1)"
        )
    )


def _postings(sql: Connection, entry_id: int, amounts: tuple[int, ...]) -> None:
    for index, fen in enumerate(amounts):
        sql.execute(
            text(
                "INSERT INTO posting (id, entry_id, ledger_account_id, amount_fen)"
                " VALUES (:id, :entry, :account, :fen)"
            ),
            {
                "id": entry_id * 100 + index,
                "entry": entry_id,
                "account": 1 + index % 2,
                "fen": fen,
            },
        )


def _entry(
    sql: Connection, entry_id: int, count: int, *, key: str = "", verb: str = "INSERT"
) -> None:
    sql.execute(
        text(
            f"{verb} INTO journal_entry (id, key, kind, memo, posting_count,"
            " effective_on, effective_at, posted_at) VALUES"
            " (:id, :key, 'village_income', '', :count, :day, :at, :at)"
        ),
        {
            "id": entry_id,
            "key": key or f"entry {entry_id}",
            "count": count,
            "day": MOMENT.date().isoformat(),
            "at": MOMENT.isoformat(" "),
        },
    )


def _write(sql: Connection, entry_id: int, amounts: tuple[int, ...]) -> None:
    _postings(sql, entry_id, amounts)
    _entry(sql, entry_id, len(amounts))


def test_a_balanced_entry_is_taken(sql: Connection) -> None:
    _write(sql, 2, (300, -100, -200))
    sql.commit()

    assert sql.scalar(text("SELECT count(*) FROM journal_entry")) == 2


@pytest.mark.parametrize("amounts", [(), (5,), (100, -99), (100, 100), (2**62, 2**62)])
def test_an_entry_that_does_not_balance_is_refused(
    sql: Connection, amounts: tuple[int, ...]
) -> None:
    _postings(sql, 2, amounts)

    with pytest.raises(DBAPIError):
        _entry(sql, 2, max(2, len(amounts)))


def test_an_entry_before_its_postings_is_refused(sql: Connection) -> None:
    with pytest.raises(IntegrityError):
        _entry(sql, 2, 2)


@pytest.mark.parametrize("count", [2, 4])
def test_an_entry_that_miscounts_its_postings_is_refused(
    sql: Connection, count: int
) -> None:
    _postings(sql, 2, (300, -100, -200))

    with pytest.raises(IntegrityError):
        _entry(sql, 2, count)


def test_a_posting_of_nothing_is_refused(sql: Connection) -> None:
    with pytest.raises(IntegrityError):
        _postings(sql, 2, (0,))


def test_a_closed_entry_takes_no_more_postings(sql: Connection) -> None:
    with pytest.raises(IntegrityError):
        sql.execute(
            text(
                "INSERT INTO posting (id, entry_id, ledger_account_id, amount_fen)"
                " VALUES (900, 1, 1, 7)"
            )
        )


def test_postings_without_an_entry_are_refused_at_commit(sql: Connection) -> None:
    _postings(sql, 2, (100, -100))

    with pytest.raises(IntegrityError):
        sql.commit()


def test_a_key_is_taken_once(sql: Connection) -> None:
    _postings(sql, 2, (100, -100))

    with pytest.raises(IntegrityError):
        _entry(sql, 2, 2, key="entry 1")


@pytest.mark.parametrize("table", ["journal_entry", "posting", "ledger_account"])
@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_books_are_never_changed(sql: Connection, table: str, act: str) -> None:
    with pytest.raises(IntegrityError, match="insert only"):
        sql.execute(text(act.format(table)))


def test_histories_are_never_changed(sql: Connection) -> None:
    sql.execute(
        text(
            "INSERT INTO state_change"
            " (id, record_kind, record_id, to_state, reason, at)"
            " VALUES (1, 'order', 1, 'paid', '', :at)"
        ),
        {"at": MOMENT.isoformat(" ")},
    )
    sql.commit()

    with pytest.raises(IntegrityError, match="insert only"):
        sql.execute(text("UPDATE state_change SET reason = 'other'"))


@pytest.mark.parametrize("table", INSERT_ONLY)
def test_no_table_of_the_books_is_emptied(sql: Connection, table: str) -> None:
    if sql.dialect.name == "sqlite":
        pytest.skip("SQLite knows no TRUNCATE")

    with pytest.raises(IntegrityError, match="insert only"):
        sql.execute(text(f"TRUNCATE {table} CASCADE"))


def test_a_replacing_insert_changes_nothing(sql: Connection) -> None:
    """SQLite's REPLACE deletes without asking delete triggers, unless told to."""
    if sql.dialect.name != "sqlite":
        pytest.skip("PostgreSQL knows no REPLACE")
    _postings(sql, 2, (100, -100))

    for entry_id, key in ((1, "other"), (2, "entry 1")):
        with pytest.raises(IntegrityError):
            _entry(sql, entry_id, 2, key=key, verb="INSERT OR REPLACE")


def test_a_posting_of_half_a_fen_is_refused(sql: Connection) -> None:
    if sql.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's column holds whole numbers only")

    with pytest.raises(IntegrityError):
        sql.execute(
            text(
                "INSERT INTO posting (id, entry_id, ledger_account_id, amount_fen)"
                " VALUES (900, 2, 1, 0.5)"
            )
        )


def test_a_posting_cannot_slip_into_an_entry_not_yet_visible(sql: Connection) -> None:
    """Two transactions: neither sees the other's rows until it has committed."""
    if sql.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    with sql.engine.connect() as other:
        _postings(other, 2, (100, -100))
        sql.execute(
            text(
                "INSERT INTO posting (id, entry_id, ledger_account_id, amount_fen)"
                " VALUES (900, 2, 1, 7), (901, 2, 2, -7)"
            )
        )
        _entry(other, 2, 2)
        other.commit()

    with pytest.raises(IntegrityError, match="closed"):
        sql.commit()


def test_a_missing_guard_is_found(sql: Connection) -> None:
    on = "" if sql.dialect.name == "sqlite" else " ON posting"
    sql.execute(text(f"DROP TRIGGER posting_open{on}"))

    assert missing_guards(sql) == ["posting_open"]
