"""`flask worker` as a process: quick to start on a job, quick and clean to stop."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from commands.worker.cli import load_handlers
from commands.worker.deadline import Stopper
from commands.worker.loop import work_until_empty
from core import clock
from core.clock import now
from core.database import db, transaction
from models.outbox import Job, SentMessage
from services import outbox
from tests.support.carriers import Gateway, running_gateway
from tests.support.databases import NEUTRAL, SECRET

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 60
# A second or two on an idle machine; several tests may share this one. A gateway
# that hangs holds a job for ten.
LATENCY_S = 5.0
STOP_S = 7.0

StartWorker = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Processes behave alike on both engines."""
    return sqlite_url


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as running:
        yield running


@pytest.fixture
def start_worker(app: Flask, gateway: Gateway, tmp_path: Path) -> Iterator[StartWorker]:
    """Start workers that send real text messages, to the gateway of this test."""
    started: list[subprocess.Popen[bytes]] = []
    settings = {
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "INSTANCE_PATH": str(tmp_path),
        "SECRET_KEY": SECRET,
        "SMS_URL": gateway.url,
        "SMS_TOKEN": "secret",
    }

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "worker"],
            cwd=ROOT,
            env={**os.environ, **NEUTRAL, **settings},
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def send_sms(app: Flask, key: str = "1") -> None:
    with app.app_context(), transaction():
        outbox.send_sms("13800000001", "【田播】订单已发货", key=key)


def find_job(app: Flask) -> Job:
    with app.app_context():
        return db.session.scalars(select(Job).where(Job.kind == "send_sms")).one()


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


def test_a_killed_worker_loses_nothing(
    app: Flask, gateway: Gateway, start_worker: StartWorker
) -> None:
    gateway.may_answer.clear()
    send_sms(app)
    worker = start_worker()
    assert gateway.heard.wait(START_LIMIT_S)
    worker.kill()
    gateway.may_answer.set()
    assert find_job(app).claimed_until

    load_handlers()
    later = now() + outbox.CLAIM + timedelta(seconds=1)
    with clock.at(later), app.app_context():
        work_until_empty(Stopper())
        assert len(db.session.scalars(select(SentMessage)).all()) == 1
    assert find_job(app).done_at
