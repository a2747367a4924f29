"""Years of sales in minutes: a few orders sold as the house does, copied by SQL."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, text

from core.access import Grant
from core.clock import today
from core.database import Base, db, forget_reads, transaction
from core.engines.sqlite import WRITING
from core.statements import table_of
from domain.ledger.accounts import CoopAccounts
from domain.ledger.legs import EntryKind, Leg
from domain.roles import Role, ScopeKind
from domain.shares import UNASSIGNED_MEMBERS
from models.catalogue import Product, Variant
from models.ledger import JournalEntry, Posting
from models.ledger_guards import create_statements, drop_statements
from models.orders import Order, OrderLine
from services.rollups import start_anew, sum_some
from tests.support.books import Books
from tests.support.databases import build_app, let_go
from tests.support.factories import Person, make_person
from tests.support.opening import open_books

Strides = Mapping[str, int]
Copied = tuple[type[Base], str, Mapping[str, str]]

DAYS = 730
PATTERNS, KINDS = 36, 6
"""Orders that are copied, and how many sorts each product has."""
LINES, LEAN_LINES = 2, 10
"""Lines of an order."""
AT_ONCE = 2_000
SUMMED_AT_ONCE = 20_000
LAST_MINUTE = 50
"""Orders that are not summed yet."""

RANKED = "SELECT id, row_number() OVER (ORDER BY id) FROM journal_entry"
PREPARING = (
    "CREATE TABLE bench_day (n INTEGER PRIMARY KEY, day DATE)",
    "CREATE TABLE bench_number (k INTEGER PRIMARY KEY)",
    "CREATE TABLE bench_entry (id BIGINT PRIMARY KEY, rank INTEGER)",
    f"INSERT INTO bench_entry {RANKED}",
)
RESTART = "SELECT setval(pg_get_serial_sequence('\"{0}\"', 'id'), max(id)) FROM \"{0}\""
SORT = f"product_id + 100 * ((order_id + position) % {KINDS})"
SPREAD = f"UPDATE order_line SET product_id = {SORT}"
COUNTED = (
    "SELECT (SELECT count(*) FROM bench_entry) AS entries,"
    " (SELECT max(id) FROM posting) AS postings"
)
NUMBERED = "JOIN bench_number ON t.id < 100"
SORTS: tuple[Copied, ...] = (
    (
        Product,
        NUMBERED,
        {"id": "t.id + 100 * k", "slug": "t.slug || k", "name": "t.name || k"},
    ),
    (
        Variant,
        NUMBERED,
        {"id": "t.id + 100 * k", "product_id": "t.product_id + 100 * k"},
    ),
)
BY_DAY = f"JOIN bench_day ON n = (k * 7 + t.{{}} * 5) % {DAYS}"
OF_ENTRY = "JOIN bench_entry e ON e.id = t.{} JOIN bench_number ON "
ORDER_ID, ENTRY_ID = "t.order_id + {orders} * k", "e.rank + {entries} * k"
COPIES: tuple[Copied, ...] = (
    (
        Order,
        "JOIN bench_number ON t.id <= {orders} " + BY_DAY.format("id"),
        {
            "id": "t.id + {orders} * k",
            "number": "t.number || '-' || k",
            "token_digest": "'bench-' || k || '-' || t.id",
            "delivered_on": "day",
        },
    ),
    (
        OrderLine,
        "JOIN bench_number ON t.id <= {lines}",
        {"id": "t.id + {lines} * k", "order_id": ORDER_ID},
    ),
    (
        Posting,
        OF_ENTRY.format("entry_id") + "t.id <= {postings}",
        {
            "id": "t.id + {postings} * k",
            "entry_id": ENTRY_ID,
            "order_line_id": "t.order_line_id + {lines} * k",
        },
    ),
    (
        JournalEntry,
        OF_ENTRY.format("id") + "true " + BY_DAY.format("order_id"),
        {
            "id": ENTRY_ID,
            "key": "t.key || ':' || k",
            "order_id": ORDER_ID,
            "effective_on": "day",
        },
    ),
)
"""Tables, the patterns' rows `t` with what lies beside, and what a copy has instead."""


def fill_history(url: str, folder: Path, lines: int, *, is_lean: bool) -> Person:
    """Sell `lines` lines in two years; the last minute's are not summed yet.

    is_lean: ten lines an order instead of two, with one posting each instead of nine.
    Returns the cooperative's accountant.
    """
    app = build_app(url, folder)
    of_order = LEAN_LINES if is_lean else LINES
    copies = lines // (of_order * PATTERNS)
    with app.app_context():
        with transaction():
            books = open_books()
            _sell_patterns(books, is_lean=is_lean)
            right = Grant(Role.ACCOUNTANT, ScopeKind.COOPERATIVE, books.cooperative.id)
            person = make_person("账房", right)
        with _unguarded() as connection:
            strides = _prepare(connection, of_order)
            for first in range(1, copies, AT_ONCE):
                numbers = range(first, min(first + AT_ONCE, copies))
                _copy(connection, strides, numbers)
        sum_all()
        with transaction():
            for _order in range(LAST_MINUTE):
                books.sell([("蜜薯", 1)], on=today(), fee_fen=15)
    let_go(app)
    return person


def _sell_patterns(books: Books, *, is_lean: bool) -> None:
    for number in range(PATTERNS):
        lines = [("蜜薯", 1 + number % 3), ("大姜", 1 + number % 2)]
        if not is_lean:
            books.sell(lines, on=today(), fee_fen=60 + number)
            continue
        order = books.sell(lines * (LEAN_LINES // LINES), on=None)
        order.delivered_on, accounts = today(), CoopAccounts(order.cooperative_id)
        owed = [(line.goods_fen, line.id) for line in order.lines]
        unassigned = accounts.party(UNASSIGNED_MEMBERS)
        legs = [Leg(unassigned, -fen, line_id) for fen, line_id in owed]
        legs.append(Leg(accounts.order_clearing, sum(fen for fen, _id in owed)))
        books.book(order, EntryKind.DELIVERED, legs, today())


@contextmanager
def _unguarded() -> Iterator[Connection]:
    """A connection that checks nothing and waits for no disk."""
    with db.engine.connect().execution_options(**WRITING) as connection:
        dialect = connection.dialect.name
        if dialect == "sqlite":
            driver = connection.connection.driver_connection
            assert driver is not None
            for setting in (
                "foreign_keys=OFF",
                "synchronous=OFF",
                "cache_size=-400000",
            ):
                driver.execute(f"PRAGMA {setting}")
            before, after = drop_statements(dialect), create_statements(dialect)
        else:
            before = ["SET session_replication_role = replica"]
            before.append("SET synchronous_commit = off")
            after = [
                RESTART.format(name) for name in ("order", "order_line", "posting")
            ]
        for statement in before:
            connection.execute(text(statement))
        yield connection
        for statement in after:
            connection.execute(text(statement))
        connection.commit()
        connection.invalidate()


def _prepare(connection: Connection, of_order: int) -> Strides:
    """More sorts of produce, the days, and the entries of the patterns by number."""
    for statement in PREPARING:
        connection.execute(text(statement))
    days = [{"n": n, "day": f"{today() - timedelta(days=n)}"} for n in range(DAYS)]
    connection.execute(text("INSERT INTO bench_day VALUES (:n, :day)"), days)
    _number(connection, range(1, KINDS))
    for model, source, changed in SORTS:
        _copy_rows(connection, model, source, changed)
    connection.execute(text(SPREAD))
    counted = connection.execute(text(COUNTED)).one()
    return {"orders": PATTERNS, "lines": PATTERNS * of_order, **counted._mapping}


def _number(connection: Connection, numbers: range) -> None:
    connection.execute(text("DELETE FROM bench_number"))
    values = [{"k": number} for number in numbers]
    connection.execute(text("INSERT INTO bench_number VALUES (:k)"), values)


def _copy(connection: Connection, strides: Strides, numbers: range) -> None:
    """Copy every pattern with its lines, entries and postings, on other days."""
    _number(connection, numbers)
    for model, source, changed in COPIES:
        filled = {name: value.format(**strides) for name, value in changed.items()}
        _copy_rows(connection, model, source.format(**strides), filled)
    connection.commit()


def _copy_rows(
    connection: Connection, model: type[Base], source: str, changed: Mapping[str, str]
) -> None:
    names = [column.name for column in table_of(model).columns]
    values = ", ".join(changed.get(name, f"t.{name}") for name in names)
    into = f'"{model.__tablename__}" ({", ".join(names)})'
    rows = f'SELECT {values} FROM "{model.__tablename__}" t {source}'
    connection.execute(text(f"INSERT INTO {into} {rows}"))


def sum_all() -> None:
    """Sum the ledger: copies on PostgreSQL were not noted."""
    with transaction():
        start_anew()
    is_left = True
    while is_left:
        with transaction():
            is_left = sum_some(SUMMED_AT_ONCE)
    if db.engine.dialect.name == "postgresql":
        forget_reads()
        with db.engine.connect() as connection:  # as it does by itself, within minutes
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("VACUUM ANALYZE"))
