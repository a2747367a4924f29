"""What SQLite alone would let through."""

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from tests.support.raw_books import add_entry, add_postings


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def test_a_replacing_insert_changes_nothing(sql: Connection) -> None:
    """REPLACE deletes without asking delete triggers, unless told to."""
    add_postings(sql, 2, (100, -100))

    for entry_id, key in ((1, "other"), (2, "entry 1")):
        with pytest.raises(IntegrityError):
            add_entry(sql, entry_id, 2, key=key, verb="INSERT OR REPLACE")


def test_a_posting_of_half_a_fen_is_refused(sql: Connection) -> None:
    with pytest.raises(IntegrityError):
        sql.execute(
            text(
                "INSERT INTO posting (id, entry_id, ledger_account_id, amount_fen)"
                " VALUES (900, 2, 1, 0.5)"
            )
        )
