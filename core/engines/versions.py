"""Whether anything was written to the database since one looked last."""

import time
from threading import Lock

from sqlalchemy import Engine

from core.engines.aside import Aside


class DataVersion:
    """What the database holds, as a value that differs after every commit.

    SQLite counts what other connections committed. PostgreSQL has no such number, but
    which transactions a snapshot sees changes with every commit. It asks aside: inside
    a transaction the answer would stand still.
    """

    def __init__(self, engine: Engine) -> None:
        self._aside = Aside(engine)
        self._question = (
            "PRAGMA data_version"
            if engine.dialect.name == "sqlite"
            else "SELECT pg_current_snapshot()::text"
        )
        self._lock = Lock()
        self._known: object = None
        self._asked_at = float("-inf")

    def read(self, max_age_s: float) -> object:
        """The version, at most `max_age_s` old; None while the database is away."""
        if time.monotonic() - self._asked_at > max_age_s:
            with self._lock:
                rows = self._aside.ask(self._question)
                self._known = rows[0][0] if rows else None
                self._asked_at = time.monotonic()
        return self._known

    def close(self) -> None:
        """Give the connection back; the next look opens another."""
        self._aside.close()
