"""Books written by raw SQL, past every program of ours."""

from datetime import UTC, datetime

from sqlalchemy import Connection, text

MOMENT = datetime(2026, 3, 10, tzinfo=UTC).replace(tzinfo=None)
CASH, DEBT = "village:1:funds", "village:1:operating_income"


def start_books(sql: Connection) -> None:
    """Write a village, two of its accounts and the books' first entry."""
    _add_village(sql)
    _add_accounts(sql)
    add_balanced(sql, 1, (100, -100))


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


def add_postings(sql: Connection, entry_id: int, amounts: tuple[int, ...]) -> None:
    """Insert postings of an entry, on the two accounts in turn."""
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


def add_entry(
    sql: Connection, entry_id: int, count: int, *, key: str = "", verb: str = "INSERT"
) -> None:
    """Insert a journal entry that says it has `count` postings."""
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


def add_balanced(sql: Connection, entry_id: int, amounts: tuple[int, ...]) -> None:
    """Insert postings and then their entry."""
    add_postings(sql, entry_id, amounts)
    add_entry(sql, entry_id, len(amounts))
