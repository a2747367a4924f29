"""On SQLite the writers of one process wait for each other, not for the file."""

import threading
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from core.database import db, transaction
from core.engines.sqlite import hurrying, prepare, turn_to_write

NORMAL, FULL = 1, 2


def test_a_second_writer_waits_until_the_first_is_done(context: Flask) -> None:
    engine, second_writes = db.engine, threading.Event()

    def write() -> None:
        with turn_to_write(engine):
            second_writes.set()

    with turn_to_write(engine):
        second = threading.Thread(target=write)
        second.start()
        assert not second_writes.wait(0.1)
    assert second_writes.wait(5)
    second.join()


def test_a_turn_ends_with_a_failed_transaction(context: Flask) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        raise ZeroDivisionError
    with transaction() as session:
        assert session.execute(text("SELECT 1")).scalar() == 1


def test_files_have_turns_of_their_own(tmp_path: Path) -> None:
    first, second = (create_engine(f"sqlite:///{tmp_path / name}") for name in "ab")
    prepare(first)
    prepare(second)
    with turn_to_write(first), turn_to_write(second):
        pass


def test_a_connection_writes_only_in_a_transaction(context: Flask) -> None:
    table = "CREATE TABLE scribble (id INTEGER)"
    for _again in range(2):
        with pytest.raises(OperationalError, match="readonly"):
            db.session.execute(text(table))
        db.session.rollback()
        with transaction() as session:
            session.execute(text(table))
            session.execute(text("DROP TABLE scribble"))


def test_hurrying_ends_with_what_was_hurried(context: Flask) -> None:
    with hurrying(db.engine):
        assert level() == NORMAL
    assert level() == FULL


def level() -> int:
    """How long commits of the session's connection wait for the disk."""
    found: int = db.session.execute(text("PRAGMA synchronous")).scalar_one()
    db.session.rollback()
    return found
