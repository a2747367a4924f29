"""The queue of jobs on both engines: claimed once, tried again, parked, revived."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock
from core.database import db, transaction
from models.outbox import Job
from services import outbox

START = datetime(2026, 3, 10, 8, tzinfo=UTC)
PATIENCE_S = 20


@pytest.fixture(autouse=True)
def at_start() -> object:
    with clock.at(START):
        yield


def queue(*numbers: int, due_at: datetime | None = None) -> None:
    with transaction():
        for number in numbers:
            outbox.enqueue("test", {"n": number}, key=f"test:{number}", due_at=due_at)


def claim(limit: int = 20) -> list[Job]:
    with transaction():
        return outbox.claim_due_jobs(limit)


def numbers(jobs: list[Job]) -> list[int]:
    return [job.payload["n"] for job in jobs]


def only_job() -> Job:
    db.session.rollback()
    return db.session.scalars(select(Job)).one()


def settle(act: Callable[..., None], *arguments: object) -> None:
    with transaction():
        act(*arguments)


def test_two_workers_never_hold_the_same_job(app: Flask) -> None:
    """PostgreSQL skips what is locked; SQLite lets one writer in after the other."""
    queue(*range(6))
    holding, may_go_on = Event(), Event()

    def first() -> list[int]:
        with clock.at(START), app.app_context(), transaction():
            jobs = outbox.claim_due_jobs(4)
            holding.set()
            assert may_go_on.wait(PATIENCE_S)
            return numbers(jobs)

    def second() -> list[int]:
        assert holding.wait(PATIENCE_S)
        with clock.at(START), app.app_context(), transaction():
            return numbers(outbox.claim_due_jobs(4))

    with ThreadPoolExecutor(2) as pool:
        held, rest = pool.submit(first), pool.submit(second)
        if db.engine.dialect.name == "postgresql":
            assert rest.result(PATIENCE_S) == [4, 5]
        may_go_on.set()

        assert held.result(PATIENCE_S) == [0, 1, 2, 3]
        assert rest.result(PATIENCE_S) == [4, 5]


def test_a_claim_that_was_rolled_back_was_none() -> None:
    queue(1)

    def claim_and_fail() -> None:
        with transaction():
            outbox.claim_due_jobs()
            raise LookupError

    with pytest.raises(LookupError):
        claim_and_fail()
    assert numbers(claim()) == [1]


def test_a_job_of_a_transaction_that_failed_was_never_queued() -> None:
    def queue_and_fail() -> None:
        with transaction():
            outbox.enqueue("test", {}, key="test:1")
            raise LookupError

    with pytest.raises(LookupError):
        queue_and_fail()
    assert claim() == []


def test_a_key_is_queued_once() -> None:
    queue(1, 1)
    queue(1)

    assert numbers(claim()) == [1]


def test_the_earliest_due_come_first_and_the_others_wait() -> None:
    queue(1)
    queue(2, due_at=START - timedelta(hours=1))
    queue(3, due_at=START + timedelta(seconds=1))

    assert numbers(claim()) == [2, 1]


def test_a_claimed_job_is_free_again_after_the_lease() -> None:
    queue(1)
    claim()

    assert claim() == []
    with clock.at(START + outbox.LEASE):
        assert claim() == []
    with clock.at(START + outbox.LEASE + timedelta(seconds=1)):
        [job] = claim()
    assert job.attempts == 2


def test_a_lease_that_is_renewed_goes_on() -> None:
    queue(1)
    [job] = claim()
    with clock.at(START + outbox.LEASE):
        settle(outbox.renew, job)

    with clock.at(START + 2 * outbox.LEASE):
        assert claim() == []
    with clock.at(START + 2 * outbox.LEASE + timedelta(seconds=1)):
        assert numbers(claim()) == [1]


def test_a_lease_is_not_renewed_once_it_is_another_s() -> None:
    queue(1)
    [lost] = claim()
    late = START + outbox.LEASE + timedelta(seconds=1)
    with clock.at(late):
        claim()
        settle(outbox.renew, lost)
        settle(outbox.give_back, lost)
        for fail in (outbox.fail, outbox.park, outbox.hold_out):
            settle(fail, lost, "too late")
        settle(outbox.postpone, lost, START + timedelta(days=9))

    job = only_job()
    assert (job.claimed_until, job.attempts) == (late + outbox.LEASE, 2)
    assert (job.parked_at, job.last_error, job.due_at) == (None, "", START)


def test_a_lease_that_was_let_go_of_is_not_renewed() -> None:
    queue(1)
    [job] = claim()
    settle(outbox.fail, job, "no answer")
    settle(outbox.renew, job)

    assert only_job().claimed_until is None


def test_a_finished_job_does_not_come_again() -> None:
    queue(1)
    [job] = claim()
    settle(outbox.finish, job)

    with clock.at(START + timedelta(days=1)):
        assert claim() == []
    assert only_job().done_at == START


def test_a_failed_job_comes_later_with_its_reason() -> None:
    queue(1)
    [job] = claim()
    settle(outbox.fail, job, "no answer" * 1_000)

    assert only_job().last_error.startswith("no answer")
    assert len(only_job().last_error) == 2_000
    with clock.at(START + timedelta(seconds=1)):
        assert claim() == []
    with clock.at(START + timedelta(seconds=2)):
        assert numbers(claim()) == [1]


def test_a_job_given_back_is_free_at_once_and_not_blamed() -> None:
    queue(1)
    [job] = claim()
    settle(outbox.give_back, job)

    [again] = claim()
    assert again.attempts == 1


def test_a_postponed_job_waits_for_its_time_and_is_not_blamed() -> None:
    queue(1)
    [job] = claim()
    settle(outbox.postpone, job, START + timedelta(days=2))

    with clock.at(START + timedelta(days=1)):
        assert claim() == []
    with clock.at(START + timedelta(days=2)):
        [again] = claim()
    assert again.attempts == 1


def test_a_parked_job_waits_for_a_person() -> None:
    queue(1)
    [job] = claim()
    settle(outbox.park, job, "no such phone")

    with clock.at(START + timedelta(days=300)):
        assert claim() == []
    assert only_job().last_error == "no such phone"


def test_a_parked_job_is_revived_once() -> None:
    queue(1)
    [job] = claim()
    settle(outbox.park, job, "no such phone")

    with transaction():
        assert outbox.retry(job.id)
    with transaction():
        assert not outbox.retry(job.id)
        assert not outbox.retry(job.id + 1)
    [again] = claim()
    assert again.attempts == 1


def test_a_job_that_keeps_failing_is_parked() -> None:
    queue(1)
    moment = START
    while only_job().parked_at is None:
        with clock.at(moment):
            [job] = claim()
            settle(outbox.fail, job, "no answer")
        moment = only_job().due_at

    assert only_job().attempts == outbox.MOST_ATTEMPTS
    assert moment - START < timedelta(hours=3)


def test_a_message_is_a_job_with_its_own_key() -> None:
    with transaction():
        outbox.send_sms("13800000001", "您好", key="hello:1")

    [sms] = claim()
    assert (sms.kind, sms.key) == ("send_sms", "sms:hello:1")
    assert sms.payload["to"] == "13800000001"
