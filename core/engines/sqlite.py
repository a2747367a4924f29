"""What only SQLite needs: its settings, and writers one after the other."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event

WAIT_S = 10
SETTINGS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "recursive_triggers=ON",
    "synchronous=FULL",
    f"busy_timeout={WAIT_S * 1000}",
    "mmap_size=268435456",
    "cache_size=-16000",
)
MAY_WRITE = "tianbo_writing"
WRITING = {MAY_WRITE: True}
"""The execution options of a connection that is going to write."""

_turns: WeakKeyDictionary[Engine, Lock] = WeakKeyDictionary()


def prepare(engine: Engine) -> None:
    """Give an engine's connections the behaviour every part relies on."""
    _turns[engine] = Lock()
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)


@contextmanager
def turn_to_write(engine: Engine) -> Iterator[None]:
    """Wait until no other thread of this process writes; nothing on other engines.

    SQLite lets writers of one file wait by sleeping, longer and longer, while others
    overtake. Other processes are still waited for that way.
    """
    turn = _turns.get(engine)
    is_mine = turn is not None and turn.acquire(timeout=WAIT_S)
    try:
        yield
    finally:
        if turn is not None and is_mine:
            turn.release()


@contextmanager
def hurrying(engine: Engine) -> Iterator[None]:
    """Let commits not wait for the disk; after a power cut the last may be missing.

    For what can be made again, on an engine that only this thread uses.
    """
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
    if engine.dialect.name != "sqlite" or driver is None:
        yield
        return
    driver.execute("PRAGMA synchronous=NORMAL")
    try:
        yield
    finally:
        driver.execute("PRAGMA synchronous=FULL")


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for setting in SETTINGS:
        connection.execute(f"PRAGMA {setting}")


def _begin(connection: Connection) -> None:
    writing = bool(connection.get_execution_options().get(MAY_WRITE))
    driver = connection.connection.driver_connection
    if driver is not None and connection.info.get(MAY_WRITE) is not writing:
        driver.execute(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
        connection.info[MAY_WRITE] = writing
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
