"""`flask worker` as a process: quick to start on a job, quick and clean to stop."""

import signal
import subprocess
import time

import pytest
from flask import Flask
from sqlalchemy import select

from core.database import db, transaction
from models.outbox import Job
from services import outbox
from tests.support.carriers import Gateway
from tests.support.workers import START_LIMIT_S, StartWorker

# A second or two on an idle machine; several tests may share this one. A gateway
# that hangs holds a job for ten.
LATENCY_S = 5.0
STOP_S = 7.0


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Processes behave alike on both engines."""
    return sqlite_url


def send_sms(app: Flask, key: str = "1") -> None:
    with app.app_context(), transaction():
        outbox.send_sms("13800000001", "【田播】订单已发货", key=key)


def find_job(app: Flask, kind: str = "send_sms") -> Job:
    with app.app_context():
        return db.session.scalars(select(Job).where(Job.kind == kind)).one()


def stop(worker: subprocess.Popen[bytes]) -> float:
    """Ask a worker to stop; seconds until it did."""
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(START_LIMIT_S) == 0
    return time.monotonic() - began


def test_a_job_starts_soon_and_an_idle_worker_stops_at_once(
    app: Flask, gateway: Gateway, start_worker: StartWorker
) -> None:
    send_sms(app)
    worker = start_worker()
    assert gateway.heard.wait(START_LIMIT_S)
    gateway.heard.clear()

    queued = time.monotonic()
    send_sms(app, "2")
    assert gateway.heard.wait(START_LIMIT_S)

    assert time.monotonic() - queued < LATENCY_S
    assert stop(worker) < STOP_S


def test_a_stop_lets_the_present_job_finish(
    app: Flask, gateway: Gateway, start_worker: StartWorker
) -> None:
    gateway.may_answer.clear()
    send_sms(app)
    worker = start_worker()
    assert gateway.heard.wait(START_LIMIT_S)

    worker.send_signal(signal.SIGTERM)
    gateway.may_answer.set()

    assert worker.wait(START_LIMIT_S) == 0
    assert find_job(app).done_at


def test_a_stop_does_not_wait_for_a_job_that_hangs(
    app: Flask, gateway: Gateway, start_worker: StartWorker
) -> None:
    gateway.may_answer.clear()
    send_sms(app)
    worker = start_worker()
    assert gateway.heard.wait(START_LIMIT_S)

    assert stop(worker) < STOP_S
    gateway.may_answer.set()

    job = find_job(app)
    assert (job.done_at, job.claimed_until, job.attempts) == (None, None, 0)


def test_a_long_job_runs_beside_a_quick_one(
    app: Flask, gateway: Gateway, start_worker: StartWorker
) -> None:
    gateway.may_answer.clear()
    send_sms(app)
    with app.app_context(), transaction():
        outbox.enqueue("make_export", {"code": "none"}, key="export:none")
    worker = start_worker()
    assert gateway.heard.wait(START_LIMIT_S)

    deadline = time.monotonic() + START_LIMIT_S
    while not find_job(app, "make_export").done_at:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert find_job(app).done_at is None
    gateway.may_answer.set()
    assert stop(worker) < STOP_S
