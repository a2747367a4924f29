"""What the log says, and what it never says."""

import json
import logging
import sys
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from core.access import public
from core.database import transaction
from core.logs import LibraryLines, describe
from models.accounts import Account
from models.outbox import Job
from tests.support.factories import PASSWORD, Goods, Person, place_order
from tests.support.people import sign_in, writing

PHONE = "13712345678"
NAME = "王小明"


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """What was logged so far; ask for it before the app."""
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


Lines = Callable[[], list[dict[str, Any]]]


def break_at(app: Flask, fail: Callable[[], object]) -> FlaskClient:
    """A browser of an app whose page /broken fails."""

    def broken(name: str) -> str:
        fail()
        return name

    app.add_url_rule("/broken/<name>", "broken", public(broken))
    return app.test_client()


def test_a_request_is_one_line_without_its_address(
    lines: Lines, client: FlaskClient
) -> None:
    client.get("/orders/T20261124-0001?token=opensesame", headers={"Cookie": "a=b"})
    client.post("/no/such/page/13712345678", data={"phone": PHONE})
    client.get("/healthz")
    client.get("/static/css/base.css", buffered=True)

    shown, missing = lines()
    assert shown["route"] == "/orders/<number>"
    assert missing["route"] == "(no route)"
    assert (shown["method"], missing["status"]) == ("GET", 404)
    assert shown["event"] == "request"
    assert set(shown) == {
        *("event", "level", "timestamp", "request_id"),
        *("method", "route", "status", "ms"),
    }


def test_an_answer_names_its_line(lines: Lines, client: FlaskClient) -> None:
    answer = client.get("/")

    assert lines()[0]["request_id"] == answer.headers["X-Request-ID"]


def test_a_person_leaves_no_trace(
    capsys: pytest.CaptureFixture[str], app: Flask, goods: Goods, charlie: Person
) -> None:
    client = app.test_client()
    name, wrong, code = "诸葛不亮", "not the password", "918273"
    with writing(app):
        order = place_order(charlie, goods)
    account = {"name": name, "phone": PHONE, "password": PASSWORD}
    client.post("/account/register", data=account)
    client.post("/account/logout")
    client.post("/account/login", data={"phone": PHONE, "password": wrong})
    client.post("/account/codes", data={"phone": PHONE})
    client.post("/account/login/code", data={"phone": PHONE, "code": code})
    client.get(f"/orders/{order.number}?token=opensesame")
    client.get(f"/products?q={name}")
    client.get(f"/account/login?next=/{PHONE}")
    sign_in(client, charlie).get(f"/orders/{order.number}")

    log = capsys.readouterr().err
    assert log.count('"event": "request"') == 9
    secrets = [name, PHONE, PASSWORD, wrong, code, "opensesame", order.number]
    assert [secret for secret in secrets if secret in log] == []


def test_a_failure_names_its_kind_and_place_but_not_its_words(
    lines: Lines, own_app: Flask
) -> None:
    def fail() -> None:
        try:
            int(f"phone {PHONE}")
        except ValueError:
            raise LookupError(f"{NAME} {PHONE}") from None

    answer = break_at(own_app, fail).get(f"/broken/{PHONE}")

    failure, request = lines()
    assert answer.status_code == 500
    assert failure["event"] == "request failed"
    assert failure["error"] == "LookupError from ValueError"
    assert "test_logs.py" in failure["where"]
    assert failure["request_id"] == request["request_id"]
    assert PHONE not in json.dumps(failure, ensure_ascii=False)
    assert NAME not in json.dumps(failure, ensure_ascii=False)


def test_a_mistake_in_the_code_is_logged_in_full(lines: Lines, own_app: Flask) -> None:
    break_at(own_app, lambda: Account().no_such_thing).get("/broken/x")  # type: ignore[attr-defined]

    assert "no attribute 'no_such_thing'" in lines()[0]["error"]


@pytest.mark.parametrize("engine", ["sqlite_url", "postgresql_url"])
def test_what_the_database_says_is_not_logged(
    lines: Lines,
    make_own_app: Callable[..., Flask],
    request: pytest.FixtureRequest,
    engine: str,
) -> None:
    """PostgreSQL quotes the row that clashes."""
    app = make_own_app(request.getfixturevalue(engine))

    def clash() -> None:
        with transaction() as session:
            for _ in range(2):
                session.add(Account(phone=PHONE, name="王小明", password_hash="-"))
            session.flush()

    assert break_at(app, clash).get("/broken/x").status_code == 500
    failure = lines()[0]
    assert failure["error"].startswith("IntegrityError")
    assert PHONE not in json.dumps(failure)


def test_a_failure_while_answering_is_logged_the_same_way(
    lines: Lines, own_app: Flask
) -> None:
    """Flask notes those itself, with the path and the error's words."""

    def fail(response: object) -> object:
        raise LookupError(PHONE)

    own_app.after_request(fail)
    answer = own_app.test_client().get(f"/products?q={PHONE}")

    assert answer.status_code == 500
    assert PHONE not in json.dumps(lines())


def test_a_library_speaks_in_our_form_and_without_numbers() -> None:
    try:
        {"": 1}[PHONE]
    except KeyError:
        record = logging.LogRecord(
            "psycopg.pool",
            logging.WARNING,
            __file__,
            1,
            "no answer for %s",
            (PHONE,),
            sys.exc_info(),
        )

    line = json.loads(LibraryLines().format(record))
    assert line["logger"] == "psycopg.pool"
    assert line["event"] == "no answer for …"
    assert line["error"] == "KeyError"
    assert PHONE not in json.dumps(line)


def test_structlogs_own_way_to_log_an_error_is_as_quiet(
    lines: Lines, app: Flask
) -> None:
    log = structlog.get_logger("test")
    try:
        {"": 1}[PHONE]
    except KeyError:
        log.exception("lost")
    log.error("nothing raised", exc_info=False)

    lost, nothing = lines()
    assert lost["error"] == "KeyError"
    assert PHONE not in json.dumps(lost)
    assert "error" not in nothing


def test_statements_hide_their_values(app: Flask) -> None:
    def clash() -> None:
        with app.app_context(), transaction() as session:
            for _ in range(2):
                session.add(Job(kind="x", payload={"to": PHONE}, key="same"))
            session.flush()

    with pytest.raises(IntegrityError) as failure:
        clash()
    assert "SQL parameters hidden" in str(failure.value)
    assert PHONE not in str(failure.value)
    assert PHONE not in describe(failure.value)["error"]
