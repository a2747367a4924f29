"""Messages leave the house once, and say nothing of it when they may not."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from commands.worker.cli import load_handlers
from commands.worker.deadline import Stopper
from commands.worker.loop import work_until_empty
from core import clock
from core.clock import now
from core.database import db, transaction
from models.outbox import Job, SentMessage
from services import outbox
from services.jobs import HANDLERS
from tests.support.carriers import Gateway, running_gateway

BODY = "【田播】验证码 123456，5 分钟内有效"
MakeApp = Callable[..., Flask]


@pytest.fixture(autouse=True)
def handlers() -> None:
    load_handlers()


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as running:
        yield running


def send(app: Flask) -> Job:
    """Queue a text message, work, and return its job."""
    with app.app_context():
        with transaction():
            outbox.send_sms("13800000001", BODY, key="code:1")
        work_until_empty(Stopper())
        return db.session.scalars(select(Job).where(Job.kind == "send_sms")).one()


def sent(app: Flask) -> list[SentMessage]:
    with app.app_context():
        return list(db.session.scalars(select(SentMessage)))


def production(make_app: MakeApp, url: str, **settings: str) -> Flask:
    return make_app(url, TESTING="", TIANBO_DEMO="", **settings)


def test_the_demo_keeps_what_it_would_have_sent(app: Flask) -> None:
    job = send(app)

    message = sent(app)[0]
    assert job.done_at
    assert (message.channel, message.recipient) == ("sms", "13800000001")
    assert message.body == BODY


def test_a_sent_text_stays_nowhere(
    make_app: MakeApp, database_url: str, gateway: Gateway
) -> None:
    """It may hold a code or a link that opens an order."""
    app = production(make_app, database_url, SMS_URL=gateway.url, SMS_TOKEN="t")

    job = send(app)

    assert gateway.requests[0][1]["text"] == BODY
    assert sent(app)[0].body == ""
    assert job.payload == {"key": "sms:code:1"}


def test_a_message_already_with_its_carrier_is_not_sent_again(
    make_app: MakeApp, database_url: str, gateway: Gateway
) -> None:
    """The worker died after the record and before the job was noted as done."""
    app = production(make_app, database_url, SMS_URL=gateway.url, SMS_TOKEN="t")
    send(app)
    with app.app_context(), transaction():
        db.session.execute(update(Job).values(done_at=None))

    assert send(app).done_at
    assert len(gateway.requests) == len(sent(app)) == 1


def test_a_gateway_in_trouble_is_asked_again_later(
    make_app: MakeApp, database_url: str, gateway: Gateway
) -> None:
    gateway.status = 503
    app = production(make_app, database_url, SMS_URL=gateway.url, SMS_TOKEN="t")

    job = send(app)

    assert job.parked_at is None
    assert "503" in job.last_error
    assert sent(app) == []


def test_a_refused_message_is_parked(
    make_app: MakeApp, database_url: str, gateway: Gateway
) -> None:
    gateway.status = 422
    app = production(make_app, database_url, SMS_URL=gateway.url, SMS_TOKEN="t")

    assert send(app).parked_at


def test_without_a_gateway_messages_wait_for_a_person(
    make_app: MakeApp, database_url: str
) -> None:
    job = send(production(make_app, database_url))

    assert job.parked_at
    assert job.last_error == "SMS_URL is not set"


def test_records_of_old_messages_are_forgotten(app: Flask) -> None:
    send(app)
    left = []
    for days in (179, 181):
        later = now() + timedelta(days=days)
        with app.app_context(), clock.at(later):
            HANDLERS["forget_old"]({})
        left.append(len(sent(app)))

    assert left == [1, 0]
