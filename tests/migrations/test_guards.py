"""The database refuses what no program may do: raw SQL against both engines."""

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from models.ledger_guards import missing_guards
from tests.support.raw_books import MOMENT, add_balanced, add_entry, add_postings


def test_a_balanced_entry_is_taken(sql: Connection) -> None:
    add_balanced(sql, 2, (300, -100, -200))
    sql.commit()

    assert sql.scalar(text("SELECT count(*) FROM journal_entry")) == 2


@pytest.mark.parametrize("amounts", [(), (5,), (100, -99), (100, 100), (2**62, 2**62)])
def test_an_entry_that_does_not_balance_is_refused(
    sql: Connection, amounts: tuple[int, ...]
) -> None:
    add_postings(sql, 2, amounts)

    with pytest.raises(DBAPIError):
        add_entry(sql, 2, max(2, len(amounts)))


def test_an_entry_before_its_postings_is_refused(sql: Connection) -> None:
    with pytest.raises(IntegrityError):
        add_entry(sql, 2, 2)


@pytest.mark.parametrize("count", [2, 4])
def test_an_entry_that_miscounts_its_postings_is_refused(
    sql: Connection, count: int
) -> None:
    add_postings(sql, 2, (300, -100, -200))

    with pytest.raises(IntegrityError):
        add_entry(sql, 2, count)


def test_a_posting_of_nothing_is_refused(sql: Connection) -> None:
    with pytest.raises(IntegrityError):
        add_postings(sql, 2, (0,))


def test_a_closed_entry_takes_no_more_postings(sql: Connection) -> None:
    with pytest.raises(IntegrityError):
        sql.execute(
            text(
                "INSERT INTO posting (id, entry_id, ledger_account_id, amount_fen)"
                " VALUES (900, 1, 1, 7)"
            )
        )


def test_postings_without_an_entry_are_refused_at_commit(sql: Connection) -> None:
    add_postings(sql, 2, (100, -100))

    with pytest.raises(IntegrityError):
        sql.commit()


def test_a_key_is_taken_once(sql: Connection) -> None:
    add_postings(sql, 2, (100, -100))

    with pytest.raises(IntegrityError):
        add_entry(sql, 2, 2, key="entry 1")


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


def test_a_missing_guard_is_found(sql: Connection) -> None:
    on = "" if sql.dialect.name == "sqlite" else " ON posting"
    sql.execute(text(f"DROP TRIGGER posting_open{on}"))

    assert missing_guards(sql) == ["posting_open"]
