"""0004 notes what was posted before it: reports are right before anything is summed."""

from datetime import date

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.exc import OperationalError, ProgrammingError

from core.database import db, transaction
from domain.periods import Period
from queries.income.proof import count_unsummed, wrong_sums
from queries.income.report import sums_of
from services.rollups import sum_some
from tests.services.test_rollups import everything
from tests.support.opening import open_books

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


def test_what_was_posted_before_is_reported_and_summed(context: Flask) -> None:
    with transaction():
        books = open_books()
        books.sell([("蜜薯", 1), ("大姜", 1)], on=date(2026, 3, 10), fee_fen=33)
    with transaction():
        sum_some()
    before, reader = sums_of(MARCH, everything(books)), everything(books)
    db.session.remove()

    downgrade(revision="0003")
    with pytest.raises((OperationalError, ProgrammingError)):
        count_unsummed()
    db.session.remove()
    upgrade()

    assert count_unsummed() == 4
    assert sums_of(MARCH, reader) == before
    with transaction():
        sum_some()
    assert wrong_sums() == []
    assert sums_of(MARCH, reader) == before
