"""A clock that is a day fast and then put right, or put back: nothing is lost."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from core import clock
from core.access import FRESH_FOR
from core.database import db, transaction
from domain.orders.states import OrderState, PaymentMethod
from models.outbox import Job
from queries.accounts import find_session_actor
from services import outbox
from services.accounts import codes, sessions
from tests.support.counter import Counter, order_of
from tests.support.factories import Goods, Person

RIGHT = datetime(2026, 3, 10, 8, tzinfo=UTC)
DAY = timedelta(days=1)
FAST = RIGHT + DAY
SECOND = timedelta(seconds=1)
BROWSER = "the browser that asked"


def queue(key: str, wait: timedelta = timedelta(0)) -> None:
    with transaction():
        outbox.enqueue("test", {}, key=key, due_at=clock.now() + wait)


def claimed() -> list[str]:
    """What a worker finds that looks at the clock first, as each does."""
    with transaction():
        outbox.follow_clock()
    with transaction():
        return [job.key for job in outbox.claim_due_jobs()]


def test_what_was_queued_under_a_fast_clock_waits_no_day() -> None:
    with clock.at(FAST):
        queue("now")
        queue("in an hour", timedelta(hours=1))

    with clock.at(RIGHT):
        assert claimed() == ["now"]
    with clock.at(RIGHT + timedelta(minutes=61)):
        assert "in an hour" in claimed()


def test_what_failed_under_a_fast_clock_waits_no_day() -> None:
    with clock.at(RIGHT):
        queue("failing")
    with clock.at(FAST), transaction():
        [job] = outbox.claim_due_jobs()
        outbox.fail(job, "no answer")

    with clock.at(RIGHT):
        assert claimed() == ["failing"]


def test_a_lease_of_a_fast_clock_is_none() -> None:
    """Its worker was killed; the clock was put right before another looked."""
    with clock.at(RIGHT):
        queue("held")
    with clock.at(FAST), transaction():
        outbox.claim_due_jobs()

    with clock.at(RIGHT):
        assert claimed() == ["held"]


def test_what_is_to_wait_for_days_still_waits() -> None:
    """Neither a long wait nor one that a handler asked for is the clock's doing."""
    with clock.at(RIGHT):
        queue("in a week", 7 * DAY)
        queue("put off")
        with transaction():
            [job] = outbox.claim_due_jobs()
            outbox.postpone(job, RIGHT + 7 * DAY)
    with clock.at(RIGHT + DAY):
        assert claimed() == []
    with clock.at(RIGHT + 7 * DAY):
        assert set(claimed()) == {"in a week", "put off"}


def test_clocks_of_two_machines_may_differ_a_little() -> None:
    with clock.at(RIGHT + timedelta(minutes=1)):
        queue("ahead", timedelta(minutes=5))
    with clock.at(RIGHT):
        claimed()
        due = db.session.scalars(select(Job.due_at)).one()
    assert due == RIGHT + timedelta(minutes=6)


def test_a_hold_is_looked_at_again_when_the_clock_was_put_back(
    counter: Counter, charlie: Person, goods: Goods
) -> None:
    """Its job was claimed under the fast clock, and asked under the right one."""
    order = counter.place(charlie, goods, method=PaymentMethod.BANK_TRANSFER)
    pay_before = order_of(order).pay_before
    assert pay_before
    with transaction():
        held = select(Job).where(Job.kind == "release_expired")
        db.session.scalars(held).one().due_at = clock.now()
    counter.work()
    assert order_of(order).state == OrderState.PLACED

    with clock.at(pay_before + SECOND):
        counter.work()
    assert order_of(order).state == OrderState.EXPIRED


def test_a_card_s_hold_is_looked_at_again_too(
    counter: Counter, charlie: Person, goods: Goods
) -> None:
    order = counter.place(charlie, goods)
    counter.open(order)
    with transaction():
        watched = select(Job).where(Job.kind == "sync_payment")
        db.session.scalars(watched).one().due_at = clock.now()
    counter.work()

    job = db.session.scalars(select(Job).where(Job.kind == "sync_payment")).one()
    assert job.done_at is None
    assert job.due_at == order_of(order).pay_before


def test_sessions_outlive_a_clock_that_was_fast(charlie: Person) -> None:
    with clock.at(RIGHT), transaction():
        token = sessions.open_session(charlie.id)
    with clock.at(RIGHT + 40 * DAY):
        assert find_session_actor(token) is None
    with clock.at(RIGHT):
        assert find_session_actor(token)


def test_a_password_typed_under_a_fast_clock_is_not_fresh_for_a_day(
    charlie: Person,
) -> None:
    with clock.at(FAST), transaction():
        token = sessions.open_session(charlie.id)
    with clock.at(RIGHT):
        found = find_session_actor(token)
    assert found
    with clock.at(RIGHT):
        assert not found.is_fresh
    with clock.at(FAST + FRESH_FOR - SECOND):
        assert found.is_fresh


@pytest.mark.parametrize("asked_at", [FAST, RIGHT - DAY], ids=["fast", "slow"])
def test_a_code_of_another_clock_opens_nothing(
    charlie: Person, asked_at: datetime
) -> None:
    with clock.at(asked_at), transaction():
        codes.send_code(charlie.phone, BROWSER)
    job = db.session.scalars(select(Job).where(Job.kind == "send_sms")).one()
    [code] = re.findall(r"\d{6}", job.payload["body"])

    def use(moment: datetime) -> bool:
        with clock.at(moment), transaction():
            return codes.use_code(charlie.phone, code, BROWSER, codes.Purpose.LOGIN)

    assert not use(RIGHT)
    assert use(asked_at)
