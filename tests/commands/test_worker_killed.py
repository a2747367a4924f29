"""kill -9 of a worker in the middle of a job: another has it when the lease ends."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from core.database import db, transaction
from models.outbox import Job, SentMessage
from services import outbox
from tests.support.carriers import Gateway
from tests.support.workers import START_LIMIT_S, StartWorker

LEASE_S = 0.6
RECOVERED_S = LEASE_S + 4
"""The lease, half a second between two looks, and a machine with other work."""


@pytest.fixture
def database_url(engine_url: str) -> str:
    """Each engine in turn: jobs are claimed in different ways."""
    return engine_url


def test_a_killed_worker_s_job_is_soon_another_s(
    app: Flask, gateway: Gateway, start_worker: StartWorker
) -> None:
    gateway.may_answer.clear()
    queue(app, lambda: outbox.send_sms("13800000001", "【田播】订单已发货", key="1"))
    first = start_worker("--lease", str(LEASE_S))
    assert gateway.heard.wait(START_LIMIT_S)
    start_worker("--lease", str(LEASE_S))
    queue(app, lambda: outbox.enqueue("look_at_payment", HOPELESS, key="is_up"))
    wait_until(lambda: find_job(app, "is_up").parked_at, START_LIMIT_S)
    # The first is long past its lease, and lives: nobody took its job.
    assert find_job(app, "sms:1").attempts == 1

    first.kill()
    gateway.may_answer.set()
    killed_at = time.monotonic()
    wait_until(lambda: find_job(app, "sms:1").done_at, START_LIMIT_S)

    assert time.monotonic() - killed_at < RECOVERED_S
    assert find_job(app, "sms:1").attempts == 2
    with app.app_context():
        assert len(db.session.scalars(select(SentMessage)).all()) == 1


HOPELESS = {"payment_id": 0, "why": "nobody"}


def queue(app: Flask, write: Callable[[], None]) -> None:
    with app.app_context(), transaction():
        write()


def find_job(app: Flask, key: str) -> Job:
    with app.app_context():
        return db.session.scalars(select(Job).where(Job.key == key)).one()


def wait_until(condition: Callable[[], Any], limit_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
