"""What is to happen once a transaction is kept, and never when it is not."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.database import after_commit, db, forget_reads, transaction
from models.alliances import Town
from tests.support.raw_books import add_postings, start_books


def names() -> list[str]:
    found = list(db.session.scalars(select(Town.name)))
    db.session.rollback()
    return found


def test_it_happens_after_the_rows_are_there(context: Flask) -> None:
    seen: list[list[str]] = []

    with transaction() as session:
        session.add(Town(name="苗山镇"))
        after_commit(lambda: seen.append(names()))
        assert seen == []

    assert seen == [["苗山镇"]]


def test_several_happen_in_their_order_and_only_once(context: Flask) -> None:
    seen: list[int] = []

    with transaction():
        after_commit(lambda: seen.append(1))
        after_commit(lambda: seen.append(2))
    with transaction():
        pass

    assert seen == [1, 2]


def test_it_never_happens_when_the_work_fails(context: Flask) -> None:
    seen: list[int] = []

    def work() -> None:
        with transaction() as session:
            session.add(Town(name="苗山镇"))
            after_commit(lambda: seen.append(1))
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        work()
    assert (seen, names()) == ([], [])


def test_it_never_happens_when_the_commit_fails(context: Flask) -> None:
    """Postings without an entry are refused by the commit alone."""
    seen: list[int] = []
    steps: list[str] = []

    def work() -> None:
        with transaction() as session:
            start_books(session.connection())
            add_postings(session.connection(), 2, (100, -100))
            after_commit(lambda: seen.append(1))
            steps.append("written")

    with pytest.raises(IntegrityError):
        work()
    assert (seen, steps) == ([], ["written"])


def test_its_errors_leave_what_was_kept_alone(
    context: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[int] = []

    def fail() -> None:
        raise ArithmeticError

    with transaction() as session:
        session.add(Town(name="苗山镇"))
        after_commit(fail)
        after_commit(lambda: seen.append(2))

    assert (seen, names()) == ([2], ["苗山镇"])
    assert "ArithmeticError" in capsys.readouterr().err


def test_it_may_open_a_transaction_of_its_own(context: Flask) -> None:
    def write() -> None:
        with transaction() as session:
            session.add(Town(name="雪野镇"))

    with transaction():
        after_commit(write)

    assert names() == ["雪野镇"]


def test_outside_a_transaction_there_is_nothing_to_wait_for(context: Flask) -> None:
    with pytest.raises(RuntimeError):
        after_commit(print)


def test_reads_are_not_forgotten_in_the_middle_of_a_write(context: Flask) -> None:
    with transaction() as session:
        session.add(Town(name="苗山镇"))
        session.flush()
        with pytest.raises(RuntimeError):
            forget_reads()

    assert names() == ["苗山镇"]
