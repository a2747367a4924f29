"""Whether anything was written to the database since one looked last."""

import time
from threading import Lock
from typing import Any

import structlog
from sqlalchemy import Engine

log = structlog.get_logger("tianbo")


class DataVersion:
    """What the database holds, as a value that differs after every commit.

    SQLite counts what other connections committed. PostgreSQL has no such number, but
    which transactions a snapshot sees changes with every commit. It asks by a
    connection of its own, outside the pool and without a transaction: inside one the
    answer would stand still.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Any = None
        self._lock = Lock()
        self._known: object = None
        self._asked_at = float("-inf")

    def read(self, max_age_s: float) -> object:
        """The version, at most `max_age_s` old; None while the database is away."""
        if time.monotonic() - self._asked_at > max_age_s:
            with self._lock:
                self._known = self._ask()
                self._asked_at = time.monotonic()
        return self._known

    def close(self) -> None:
        """Give the connection back; the next look opens another."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _ask(self) -> object:
        errors = self._engine.dialect.loaded_dbapi.Error
        try:
            if self._connection is None:
                self._connection = self._connect()
            question = (
                "PRAGMA data_version"
                if self._engine.dialect.name == "sqlite"
                else "SELECT pg_current_snapshot()::text"
            )
            answer: object = self._connection.execute(question).fetchone()[0]
        except errors as error:
            log.warning("no data version", why=type(error).__name__)
            self._connection = None
            return None
        return answer

    def _connect(self) -> Any:
        dialect = self._engine.dialect
        arguments, options = dialect.create_connect_args(self._engine.url)
        if dialect.name == "sqlite":
            own: dict[str, Any] = {"isolation_level": None, "check_same_thread": False}
        else:
            own = {"autocommit": True, "connect_timeout": 2}
        return dialect.loaded_dbapi.connect(*arguments, **{**options, **own})
