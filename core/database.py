"""The database: engines set up alike, and the one place that commits."""

import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

import structlog
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    DateTime,
    Engine,
    MetaData,
    Row,
    Select,
    and_,
    event,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.types import TypeDecorator

from core.engines.sqlite import WRITING, prepare, turn_to_write

log = structlog.get_logger("tianbo")

AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]
AnyColumns = ReadOnlyColumnCollection[str, Any]

CONNECT_S = 5
"""A server that is not there must not hold a request for two minutes."""
PRIMARY_CODE = 0xFF
SQLITE_TROUBLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
    }
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Root of every table; constraints carry names that migrations can use."""

    metadata = MetaData(naming_convention=NAMING)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC moment; SQLite keeps it without a zone, PostgreSQL with one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value


def one_of(column: str, states: type[StrEnum]) -> CheckConstraint:
    """A CHECK that `column` holds one of the values of `states`."""
    values = ", ".join(f"'{state.value}'" for state in states)
    return CheckConstraint(f"{column} IN ({values})", name=f"{column}_known")


db = SQLAlchemy(model_class=Base, session_options={"autoflush": False})


@contextmanager
def transaction() -> Iterator[Session]:
    """One unit of work: everything inside is kept together, or not at all.

    Opened by routes, commands and job handlers, and by one service: decisions/0013.
    Reads that came before are closed first, so that SQLite can begin IMMEDIATE: a
    deferred transaction that reads and then writes fails whatever the busy timeout.
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("a transaction is open already")
    session.rollback()
    calls: list[Callable[[], object]] = []
    with turn_to_write(db.engine):
        session.info.update(writing=True, after_commit=calls)
        try:
            session.connection(execution_options=WRITING)
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.pop("writing", None)
            session.info.pop("after_commit", None)
    _make(calls)


@contextmanager
def savepoint() -> Iterator[None]:
    """What is written inside can be undone alone, to be tried again by other reads.

    For statements that pass the ORM by. On SQLite nobody else writes meanwhile, and a
    second try would read the same.
    """
    if db.engine.dialect.name == "sqlite":
        yield
        return
    with db.session.connection().begin_nested():
        yield


def after_commit(call: Callable[[], object]) -> None:
    """Have `call` made once the open transaction is kept; never if it is not.

    What was kept stays kept whatever the call does: its errors are only logged, and
    a process that dies in between never makes it. What must happen is a job.
    """
    calls: list[Callable[[], object]] | None = db.session().info.get("after_commit")
    if calls is None:
        raise RuntimeError("no transaction is open")
    calls.append(call)


def _make(calls: Iterable[Callable[[], object]]) -> None:
    for call in calls:
        try:
            call()
        except Exception:
            log.exception("call after commit failed")


def insert_into(table: type[Base]) -> postgresql.Insert:
    """An INSERT that may say ON CONFLICT, which both engines write alike."""
    if db.engine.dialect.name == "postgresql":
        return postgresql.insert(table.__table__)  # type: ignore[arg-type]
    return cast("postgresql.Insert", sqlite.insert(table.__table__))  # type: ignore[arg-type]


def begins_with(column: Any, start: str) -> ColumnElement[bool]:
    """The condition that a text begins with `start`, letter by letter, by an index.

    On PostgreSQL the index is one of text_pattern_ops; SQLite's LIKE takes no case.
    """
    if db.engine.dialect.name == "postgresql":
        found: ColumnElement[bool] = column.startswith(start, autoescape=True)
        return found
    return and_(column >= start, column < start + chr(sys.maxunicode))


def only_writer_of(table: type[Base]) -> None:
    """Let others who say so wait with `table`, and see one moment until the end.

    The first thing in a transaction: PostgreSQL locks before it looks. Readers are not
    kept waiting. SQLite has one writer at a time, who sees one moment, anyway.
    """
    if db.engine.dialect.name == "postgresql":
        name = table.__tablename__
        db.session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        db.session.execute(text(f"LOCK TABLE {name} IN EXCLUSIVE MODE"))


def forget_reads() -> None:
    """End the current read transaction: before a network call, between polls."""
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("what is being written would be forgotten")
    session.rollback()


def read_one_moment() -> None:
    """Let what is read from here on be of one moment, however many statements it takes.

    Until `forget_reads`, a transaction or the end of the request. On SQLite every
    read transaction is like that.
    """
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def is_out_of_reach(error: BaseException) -> bool:
    """Whether the database is away, busy or full, rather than asked something wrong."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, OperationalError):
        return False
    code = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_BUSY)
    return code & PRIMARY_CODE in SQLITE_TROUBLE


def prepare_engine(engine: Engine) -> None:
    """Give an engine the behaviour every part relies on, on both databases."""
    if engine.dialect.name == "sqlite":
        prepare(engine)
    else:
        event.listen(engine, "connect", _set_up_postgresql)


def _set_up_postgresql(connection: Any, _record: Any) -> None:
    from core.engines.postgresql import set_up

    set_up(connection)
    connection.commit()


def engine_options(url: str, pool_size: int = 8) -> dict[str, Any]:
    """Pool settings for `url`: one connection a thread, checked before use.

    Errors keep their statements' values to themselves: those may be personal data.
    """
    options: dict[str, Any] = {"pool_size": pool_size, "hide_parameters": True}
    if url.startswith("sqlite"):
        return {**options, "connect_args": {"check_same_thread": False}}
    connecting = {"connect_timeout": CONNECT_S}
    return {
        **options,
        "max_overflow": 0,
        "pool_pre_ping": True,
        "connect_args": connecting,
    }


class LateMigrate:
    """Stands where Flask-Migrate looks for itself, and steps aside when it does."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __getattr__(self, attribute: str) -> Any:
        from flask_migrate import Migrate

        Migrate(self._app, db, directory=str(Path(self._app.root_path) / "migrations"))
        return getattr(self._app.extensions["migrate"], attribute)


def init_migrations(app: Flask) -> None:
    """Let `flask db` and Flask-Migrate's functions work on `app`."""
    app.extensions["migrate"] = LateMigrate(app)
