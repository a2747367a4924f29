"""A connection beside the pool, for questions so short that a session costs more."""

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

import structlog
from sqlalchemy import Engine

log = structlog.get_logger("tianbo")


class Aside:
    """Asks one thing at a time, without a transaction: each answer is of its moment."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Any = None
        self._lock = Lock()

    def ask(
        self, question: str, values: Mapping[str, object] | Sequence[object] = ()
    ) -> list[Any] | None:
        """The rows, as the driver has them; None while the database is away.

        values: as the driver takes them.
        """
        errors = self._engine.dialect.loaded_dbapi.Error
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._connect()
                rows: list[Any] = self._connection.execute(question, values).fetchall()
            except errors as error:
                log.warning("not answered aside", why=type(error).__name__)
                self._connection = None
                return None
        return rows

    def close(self) -> None:
        """Give the connection back; the next question opens another."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _connect(self) -> Any:
        dialect = self._engine.dialect
        arguments, options = dialect.create_connect_args(self._engine.url)
        if dialect.name == "sqlite":
            own: dict[str, Any] = {"isolation_level": None, "check_same_thread": False}
        else:
            own = {"autocommit": True, "connect_timeout": 2}
        return dialect.loaded_dbapi.connect(*arguments, **{**options, **own})
