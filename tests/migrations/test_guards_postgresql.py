"""What PostgreSQL alone would let through."""

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from models.ledger_guards import INSERT_ONLY
from tests.support.raw_books import add_entry, add_postings


@pytest.fixture
def database_url(postgresql_url: str) -> str:
    return postgresql_url


@pytest.mark.parametrize("table", INSERT_ONLY)
def test_no_table_of_the_books_is_emptied(sql: Connection, table: str) -> None:
    with pytest.raises(IntegrityError, match="insert only"):
        sql.execute(text(f"TRUNCATE {table} CASCADE"))


def test_a_posting_cannot_slip_into_an_entry_not_yet_visible(sql: Connection) -> None:
    """Two transactions: neither sees the other's rows until it has committed."""
    with sql.engine.connect() as other:
        add_postings(other, 2, (100, -100))
        sql.execute(
            text(
                "INSERT INTO posting (id, entry_id, ledger_account_id, amount_fen)"
                " VALUES (900, 2, 1, 7), (901, 2, 2, -7)"
            )
        )
        add_entry(other, 2, 2)
        other.commit()

    with pytest.raises(IntegrityError, match="closed"):
        sql.commit()
