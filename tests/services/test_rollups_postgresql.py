"""PostgreSQL lets transactions commit in another order than their entries' ids."""

from datetime import date
from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from core.database import db, forget_reads, transaction
from queries.income.proof import count_unsummed, wrong_sums
from queries.income.report import sums_of
from services.rollups import sum_some
from tests.services.test_rollups import MARCH, charge, everything, feed
from tests.support.books import Books
from tests.support.opening import open_books

Known = tuple[int, int, int]


@pytest.fixture
def database_url(postgresql_url: str) -> str:
    return postgresql_url


@pytest.fixture
def books() -> Books:
    with transaction():
        return open_books()


def sell(books: Books) -> Known:
    """An order with a fee, so that no account is new to those who post later."""
    with transaction():
        order = books.sell([("蜜薯", 1)], on=date(2026, 3, 10), fee_fen=1)
        return order.id, order.lines[0].id, order.cooperative_id


def fees(books: Books) -> int:
    forget_reads()
    return sums_of(MARCH, everything(books)).psp_fee_fen


def test_an_entry_that_commits_after_a_younger_one_was_summed_is_not_skipped(
    app: Flask, books: Books
) -> None:
    known = sell(books)
    is_posted, may_commit = Event(), Event()

    def post_slowly() -> None:
        with app.app_context(), transaction():
            charge(*known, "older")
            is_posted.set()
            may_commit.wait(10)

    slow = Thread(target=post_slowly)
    slow.start()
    assert is_posted.wait(10)
    with transaction():
        charge(*known, "younger")
    feed()
    seen = fees(books)
    may_commit.set()
    slow.join(10)

    assert seen == 1 + 50
    assert count_unsummed() == 1
    assert fees(books) == 1 + 50 + 50
    feed()
    assert wrong_sums() == []
    assert fees(books) == 1 + 50 + 50


def test_what_is_posted_while_sums_are_made_waits_for_the_next(
    app: Flask, books: Books
) -> None:
    known = sell(books)

    def post_meanwhile() -> None:
        with app.app_context(), transaction():
            charge(*known, "meanwhile")

    meanwhile = Thread(target=post_meanwhile)

    def before(*arguments: Any) -> None:
        if arguments[2].startswith("INSERT INTO income_sum"):
            meanwhile.start()
            meanwhile.join(10)

    event.listen(db.engine, "before_cursor_execute", before)
    try:
        with transaction():
            sum_some()
    finally:
        event.remove(db.engine, "before_cursor_execute", before)

    assert count_unsummed() == 1
    assert wrong_sums() == []
    assert fees(books) == 1 + 50
