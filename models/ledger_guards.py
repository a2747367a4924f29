"""Triggers that keep books and histories right whatever a program does.

Migrations install them; `missing_guards` finds those that are gone. Both engines
follow one way: postings are inserted first (their foreign key is deferred), the
entry last. A posting whose entry exists is refused, an entry whose postings do not
sum to zero is refused, and rows of these tables are never changed or deleted.

PostgreSQL counts the postings once more at commit: two transactions cannot see each
other's entry, so only then does a posting slipped into another's entry show.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from models.income_sums import FEED

INSERT_ONLY = (
    "journal_entry",
    "posting",
    "ledger_account",
    "live_event",
    "state_change",
    "webhook_event",
)


def create_statements(dialect: str) -> list[str]:
    """The DDL that installs every guard on `dialect` (sqlite or postgresql)."""
    if dialect == "sqlite":
        return [*SQLITE_LEDGER, *_sqlite_insert_only()]
    return [*POSTGRESQL_FUNCTIONS, *POSTGRESQL_LEDGER, *_postgresql_insert_only()]


def drop_statements(dialect: str) -> list[str]:
    """The DDL that removes what `create_statements` installed."""
    on = "" if dialect == "sqlite" else " ON {table}"
    drops = [
        f"DROP TRIGGER {name}{on.format(table=table)}"
        for table, name in expected_guards(dialect)
    ]
    if dialect == "sqlite":
        return drops
    return drops + [f"DROP FUNCTION {name}()" for name in FUNCTION_NAMES]


def expected_guards(dialect: str) -> list[tuple[str, str]]:
    """Table and name of each trigger that must stand."""
    acts = ("update", "delete") if dialect == "sqlite" else ("change", "truncate")
    ledger = [("posting", "posting_open"), ("journal_entry", "journal_entry_balanced")]
    if dialect == "postgresql":
        ledger.append(("posting", "posting_counted"))
    return ledger + [
        (table, f"{table}_no_{act}") for table in INSERT_ONLY for act in acts
    ]


def missing_guards(connection: Connection) -> list[str]:
    """The names of triggers that ought to stand and do not, or are switched off.

    That which feeds the sums of income is among them: without it they grow wrong.
    """
    catalogue = {
        "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": (
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
            " WHERE tgenabled <> 'D'"
        ),
    }
    dialect = connection.dialect.name
    standing = {
        (row[0], row[1]) for row in connection.execute(text(catalogue[dialect]))
    }
    return [
        name
        for table, name in [*expected_guards(dialect), FEED]
        if (table, name) not in standing
    ]


SQLITE_LEDGER = (
    """
    CREATE TRIGGER posting_open BEFORE INSERT ON posting
    WHEN typeof(NEW.amount_fen) <> 'integer'
      OR EXISTS (SELECT 1 FROM posting WHERE id = NEW.id)
      OR EXISTS (SELECT 1 FROM journal_entry WHERE id = NEW.entry_id)
    BEGIN SELECT RAISE(ABORT, 'posting: its entry is closed'); END
    """,
    """
    CREATE TRIGGER journal_entry_balanced BEFORE INSERT ON journal_entry
    WHEN EXISTS (
        SELECT 1 FROM journal_entry WHERE id = NEW.id OR key = NEW.key
      ) OR (
        SELECT count(*) < 2 OR count(*) <> NEW.posting_count OR sum(amount_fen) <> 0
        FROM posting WHERE entry_id = NEW.id
      )
    BEGIN SELECT RAISE(ABORT, 'journal_entry: its postings do not balance'); END
    """,
)


def _sqlite_insert_only() -> Iterator[str]:
    for table in INSERT_ONLY:
        for act in ("update", "delete"):
            yield (
                f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table}: rows are insert only'); END"
            )


FUNCTION_NAMES = (
    "guard_posting_open",
    "guard_entry_balanced",
    "guard_posting_counted",
    "guard_insert_only",
)

POSTGRESQL_FUNCTIONS = (
    """
    CREATE FUNCTION guard_posting_open() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT 1 FROM journal_entry WHERE id = NEW.entry_id) THEN
        RAISE EXCEPTION 'posting: its entry is closed' USING ERRCODE = '23000';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION guard_entry_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE postings bigint; total numeric;
    BEGIN
      SELECT count(*), sum(amount_fen) INTO postings, total
      FROM posting WHERE entry_id = NEW.id;
      IF postings < 2 OR postings <> NEW.posting_count OR total <> 0 THEN
        RAISE EXCEPTION 'journal_entry: its postings do not balance'
          USING ERRCODE = '23000';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION guard_posting_counted() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE postings bigint; counted bigint;
    BEGIN
      SELECT count(*) INTO postings FROM posting WHERE entry_id = NEW.entry_id;
      SELECT posting_count INTO counted FROM journal_entry WHERE id = NEW.entry_id;
      IF postings IS DISTINCT FROM counted THEN
        RAISE EXCEPTION 'posting: its entry is closed' USING ERRCODE = '23000';
      END IF;
      RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION guard_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '%: rows are insert only', TG_TABLE_NAME
        USING ERRCODE = '23000';
    END $$
    """,
)

POSTGRESQL_LEDGER = (
    """
    CREATE TRIGGER posting_open BEFORE INSERT ON posting
    FOR EACH ROW EXECUTE FUNCTION guard_posting_open()
    """,
    """
    CREATE TRIGGER journal_entry_balanced BEFORE INSERT ON journal_entry
    FOR EACH ROW EXECUTE FUNCTION guard_entry_balanced()
    """,
    """
    CREATE CONSTRAINT TRIGGER posting_counted AFTER INSERT ON posting
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION guard_posting_counted()
    """,
)


def _postgresql_insert_only() -> Iterator[str]:
    for table in INSERT_ONLY:
        yield (
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION guard_insert_only()"
        )
        yield (
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION guard_insert_only()"
        )
