"""The worker: every job once it is due, again when it fails, never lost."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from commands.worker.deadline import Stopper
from commands.worker.loop import Terms, work_once, work_until_empty
from core import clock
from core.clock import now
from core.database import db, transaction
from models.outbox import Job
from services import outbox
from services.jobs import (
    HANDLERS,
    PERIODIC,
    GiveUp,
    Handler,
    NotYet,
    Periodic,
    handles,
)

KIND = "for_a_test"
START = datetime(2026, 3, 10, 8, tzinfo=UTC)
PATIENCE_S = 20
Payload = dict[str, Any]


@pytest.fixture
def database_url(engine_url: str) -> str:
    """Each engine in turn: jobs are claimed in different ways."""
    return engine_url


@pytest.fixture
def handler() -> Iterator[Callable[[Handler], Handler]]:
    """Register the handler of KIND; PERIODIC is emptied meanwhile."""
    kept = PERIODIC[:]
    PERIODIC.clear()
    yield handles(KIND)
    HANDLERS.pop(KIND, None)
    PERIODIC[:] = kept


def queue(*numbers: int, due_at: datetime | None = None) -> None:
    with transaction():
        for number in numbers:
            key = f"{KIND}:{number}"
            outbox.enqueue(KIND, {"number": number}, key=key, due_at=due_at)


def only_job() -> Job:
    db.session.rollback()
    return db.session.scalars(select(Job)).one()


def work() -> int:
    return work_until_empty(Stopper())


def test_due_jobs_are_done_in_their_order(context: Flask, handler: Any) -> None:
    done: list[int] = []
    handler(lambda payload: done.append(payload["number"]))
    with clock.at(START):
        queue(3, 1)
        queue(2, due_at=START - timedelta(minutes=1))
        queue(9, due_at=START + timedelta(seconds=1))

        assert work() == 3
        assert done == [2, 3, 1]
        assert work() == 0


def test_a_key_is_queued_once(context: Flask, handler: Any) -> None:
    queue(1)
    queue(1, 1)

    assert only_job().payload == {"number": 1}


def test_a_failing_job_is_tried_later_and_later_then_parked(
    context: Flask, handler: Any
) -> None:
    def fail(_payload: Payload) -> None:
        raise OSError("no answer")

    handler(fail)
    waits = []
    with clock.at(START):
        queue(1)
    moment = START
    while only_job().parked_at is None:
        with clock.at(moment):
            assert work() == 1
        job = only_job()
        waits.append(job.due_at - moment)
        moment = job.due_at

    assert job.last_error == "OSError: no answer"
    assert job.attempts == outbox.MOST_ATTEMPTS == len(waits)
    assert waits[:3] == [timedelta(seconds=2), timedelta(seconds=4)] + [
        timedelta(seconds=8)
    ]
    assert max(waits) <= timedelta(hours=1)


def test_a_job_whose_time_has_not_come_waits_without_blame(
    context: Flask, handler: Any
) -> None:
    later = START + timedelta(days=2)

    def wait(_payload: Payload) -> None:
        raise NotYet(later)

    handler(wait)
    with clock.at(START):
        queue(1)
        assert work() == 1

    job = only_job()
    assert (job.due_at, job.attempts, job.last_error) == (later, 0, "")


def test_a_hopeless_job_is_parked_at_once(context: Flask, handler: Any) -> None:
    def give_up(_payload: Payload) -> None:
        raise GiveUp("no such phone")

    handler(give_up)
    queue(1)
    work()

    job = only_job()
    assert job.parked_at
    assert job.last_error == "no such phone"


def test_a_job_of_an_unknown_kind_waits_for_a_newer_release(
    context: Flask, handler: Any
) -> None:
    queue(1)
    work()

    job = only_job()
    assert job.parked_at is None
    assert "no handler" in job.last_error


def test_a_failed_transaction_leaves_nothing_but_the_note(
    context: Flask, handler: Any
) -> None:
    def write_and_fail(_payload: Payload) -> None:
        with transaction():
            outbox.enqueue("other", {}, key="other")
            raise ValueError("13800000001")

    handler(write_and_fail)
    queue(1)
    work()

    assert only_job().last_error.startswith("ValueError")


def test_what_the_database_says_does_not_reach_the_note(
    context: Flask, handler: Any
) -> None:
    def clash(_payload: Payload) -> None:
        with transaction() as session:
            for _ in range(2):
                session.add(Job(kind="x", payload={}, key="secret", due_at=now()))
            session.flush()

    handler(clash)
    queue(1)
    work()

    error = only_job().last_error
    assert error.startswith("IntegrityError")
    assert "secret" not in error


def test_a_job_comes_again_when_its_worker_died(context: Flask, handler: Any) -> None:
    done: list[int] = []
    handler(lambda payload: done.append(payload["number"]))
    with clock.at(START):
        queue(1)
        with transaction():
            assert len(outbox.claim_due_jobs()) == 1
        assert work() == 0

    with clock.at(START + outbox.LEASE + timedelta(seconds=1)):
        assert work() == 1
    assert done == [1]


def test_work_that_was_done_twice_is_noted_once(context: Flask, handler: Any) -> None:
    """The first worker was slow and lost its lease: both report the job done."""
    with clock.at(START):
        queue(1)
        with transaction():
            first = outbox.claim_due_jobs()[0]
    with clock.at(START + outbox.LEASE + timedelta(seconds=1)):
        with transaction():
            second = outbox.claim_due_jobs()[0]
        for job in (first, second):
            with transaction():
                outbox.finish(job)
        with transaction():
            outbox.fail(first, "late")

    job = only_job()
    assert job.done_at
    assert job.last_error == ""


def test_many_workers_do_each_job_once(app: Flask, handler: Any) -> None:
    done: list[int] = []
    handler(lambda payload: done.append(payload["number"]))
    with app.app_context():
        queue(*range(40))
    barrier = Barrier(4)

    def worker(_number: int) -> int:
        with app.app_context():
            barrier.wait()
            return work()

    with ThreadPoolExecutor(4) as pool:
        handled = list(pool.map(worker, range(4)))

    assert sorted(done) == list(range(40))
    assert sum(handled) == 40


def test_once_does_one_job(context: Flask, handler: Any) -> None:
    handler(lambda _payload: None)
    queue(1, 2)

    assert work_once(Stopper())
    open_jobs = select(func.count(Job.id)).where(Job.done_at.is_(None))
    assert db.session.scalar(open_jobs) == 1


def test_a_periodic_job_comes_once_a_period(context: Flask, handler: Any) -> None:
    done: list[datetime] = []
    handler(lambda _payload: done.append(now()))
    PERIODIC.append(Periodic(KIND, timedelta(hours=1)))
    moments = [START + timedelta(minutes=minutes) for minutes in (5, 30, 59, 61, 300)]

    for moment in moments:
        with clock.at(moment):
            work()
            work()

    assert done == [moments[0], moments[3], moments[4]]


def test_a_stopped_worker_takes_no_more_jobs(context: Flask, handler: Any) -> None:
    stopper = Stopper()
    handler(lambda _payload: stopper.stop())
    queue(1, 2)

    assert work_until_empty(stopper) == 1


def test_a_job_over_its_limit_is_ended_and_tried_again(
    context: Flask, handler: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_on(_payload: Payload) -> None:
        while True:
            pass

    monkeypatch.setattr("commands.worker.deadline.JOB_LIMIT_S", 0.05)
    handler(run_on)
    queue(1)
    stopper = Stopper()
    with stopper.listening():
        work_until_empty(stopper)

    assert only_job().last_error == "took too long"


def test_jobs_long_done_are_forgotten(context: Flask, handler: Any) -> None:
    handler(lambda _payload: None)
    with clock.at(START):
        queue(1)
        with transaction():
            outbox.enqueue(KIND, {}, key=f"periodic:{KIND}:1")
        work()
    left = []
    for days in (0.5, 2, 89, 91):
        with clock.at(START + timedelta(days=days)), transaction():
            outbox.forget_done_jobs()
            left.append(db.session.scalar(select(func.count(Job.id))))

    assert left == [2, 1, 1, 0]


def test_a_long_job_is_kept_from_other_workers(context: Flask, handler: Any) -> None:
    """The lease is renewed while its worker lives: the second one finds nothing."""
    lease = timedelta(seconds=0.3)
    found: list[list[Job]] = []

    def run_long(_payload: Payload) -> None:
        first = only_job().claimed_until
        assert first
        deadline = time.monotonic() + PATIENCE_S
        while now() < first + lease:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        with transaction():
            found.append(outbox.claim_due_jobs())

    handler(run_long)
    queue(1)
    assert work_once(Stopper(), Terms(lease))

    assert found == [[]]
    job = only_job()
    assert job.done_at
    assert (job.attempts, job.last_error) == (1, "")
