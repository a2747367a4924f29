"""Counting what may not happen too often: one table for all processes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import func, select

from core import clock
from core.database import db, transaction
from models.accounts import RateCounter
from services.rates import RateLimit, count, forget_old_counts, uncount

START = datetime(2026, 3, 10, 8, tzinfo=UTC)
LIMIT = RateLimit("test", 3, timedelta(minutes=15))
OTHER = RateLimit("other", 3, timedelta(minutes=15))
PHONE = "13800000001"


def hit(limit: RateLimit = LIMIT, subject: str = PHONE) -> int:
    with transaction():
        return count(limit, subject)


def test_the_limit_is_reached_and_then_passed() -> None:
    with clock.at(START):
        assert [hit() for _ in range(5)] == [0, 0, 0, 900, 900]


def test_the_wait_ends_with_the_window() -> None:
    with clock.at(START + timedelta(minutes=14, seconds=50.5)):
        assert [hit() for _ in range(4)][-1] == 10
    with clock.at(START + timedelta(minutes=14, seconds=59.9)):
        assert hit() == 1
    with clock.at(START + timedelta(minutes=15)):
        assert hit() == 0


def test_a_refused_attempt_is_counted() -> None:
    with clock.at(START):
        for _ in range(5):
            hit()

    assert db.session.scalars(select(RateCounter.hits)).one() == 5


def test_what_was_rightful_is_taken_back() -> None:
    with clock.at(START):
        for _ in range(6):
            assert hit() == 0
            with transaction():
                uncount(LIMIT, PHONE)
        with transaction():
            uncount(LIMIT, PHONE)
        assert [hit() for _ in range(4)] == [0, 0, 0, 900]


def test_subjects_and_limits_do_not_mix() -> None:
    with clock.at(START):
        for _ in range(4):
            hit()

        assert hit(subject="13800000002") == 0
        assert hit(OTHER) == 0
        assert hit() > 0


def test_who_is_counted_does_not_stand_in_the_table() -> None:
    hit()

    bucket = db.session.scalars(select(RateCounter.bucket)).one()
    assert bucket.startswith("test:")
    assert PHONE not in bucket


def test_an_odd_subject_is_counted_too() -> None:
    for subject in ("", "\x00", "x" * 10_000, "蜜薯", "'; DROP TABLE"):
        assert hit(subject=subject) == 0


def test_two_processes_share_the_counter(
    app: Flask, make_app: Callable[..., Flask], database_url: str
) -> None:
    other = make_app(database_url)
    waits = []
    with clock.at(START):
        for process in (app, other, app, other, app):
            with process.app_context():
                waits.append(hit() > 0)

    assert waits == [False, False, False, True, True]


def test_no_hit_is_lost_when_many_come_at_once(app: Flask) -> None:
    def worker(_number: int) -> int:
        with clock.at(START), app.app_context():
            return hit()

    with ThreadPoolExecutor(6) as pool:
        waits = list(pool.map(worker, range(24)))

    assert waits.count(0) == LIMIT.hits
    assert db.session.scalars(select(RateCounter.hits)).one() == 24


def test_counters_long_past_are_forgotten() -> None:
    left = []
    with clock.at(START):
        hit()
    for hours in (23, 25):
        with clock.at(START + timedelta(hours=hours)), transaction():
            forget_old_counts()
        left.append(db.session.scalar(select(func.count(RateCounter.id))))

    assert left == [1, 0]
