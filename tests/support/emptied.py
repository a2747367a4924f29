"""One PostgreSQL database for one test after the other, emptied in between.

A new database costs 12 ms, and 80 more until its backend has read the catalogue and
compiled the triggers again. Here the database stays, and so do its connections.
"""

from collections.abc import Sequence
from typing import LiteralString

import psycopg
from psycopg import sql

from tests.support.postgresql import PostgresServer

MOST_USES = 100
"""Then it is made anew: what is deleted stays in its files."""
KEPT = "alembic_version"
SCHEMA: LiteralString = " UNION ALL ".join(
    f"SELECT count(*), max(xmin::text::bigint) FROM {catalogue}"
    for catalogue in (
        "pg_class",
        "pg_attribute",
        "pg_constraint",
        "pg_trigger",
        "pg_proc",
    )
)
"""What tells of every change of the schema: the rows, and who wrote the last."""
NAMES: LiteralString = """
    SELECT relname FROM pg_class
    WHERE relkind = %s AND relnamespace = 'public'::regnamespace ORDER BY relname
    """


class EmptiedDatabase:
    """`name` on `server`, a copy of `template`; `url` before a test, `empty` after."""

    def __init__(self, server: PostgresServer, name: str, template: str) -> None:
        self._server, self._name, self._template = server, name, template
        self._connection: psycopg.Connection | None = None
        self._uses = 0

    def url(self) -> str:
        """Where a test finds it, migrated and empty."""
        if self._connection is None:
            self._create()
        self._uses += 1
        return self._server.url(self._name)

    def empty(self) -> None:
        """Take out what a test wrote, or the whole database if that is not enough."""
        assert self._connection is not None
        try:
            if self._uses < MOST_USES and self._schema() == self._created:
                self._connection.execute(self._emptying)
                return
        except psycopg.Error:  # somebody holds a lock, or our connection was cut
            pass
        self.drop()

    def drop(self) -> None:
        """Remove it, whoever is connected; the next test gets another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._server.drop(self._name)

    def _create(self) -> None:
        self._server.create(self._name, self._template)
        self._connection = self._server.connect(self._name)
        # Neither foreign keys nor the ledger's guards stand in the way.
        self._connection.execute("SET session_replication_role = replica")
        self._connection.execute("SET lock_timeout = '2s'")
        self._created = self._schema()
        self._emptying = self._deletes() + self._restarts()
        self._uses = 0

    def _schema(self) -> list[tuple[int, int]]:
        assert self._connection is not None
        return self._connection.execute(SCHEMA).fetchall()

    def _deletes(self) -> sql.Composed:
        delete = sql.SQL("DELETE FROM {};")
        tables = [name for name in self._names("r") if name != KEPT]
        return sql.Composed([delete.format(sql.Identifier(name)) for name in tables])

    def _restarts(self) -> sql.Composed:
        restart = sql.SQL("SELECT setval({}, 1, false);")
        sequences = self._names("S")
        return sql.Composed([restart.format(sql.Literal(name)) for name in sequences])

    def _names(self, kind: str) -> Sequence[str]:
        assert self._connection is not None
        return [name for (name,) in self._connection.execute(NAMES, [kind])]
