"""Error pages: in the design, in both languages, as JSON, and without the database."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from core.access import public
from core.database import db, is_out_of_reach
from core.errors import (
    Conflict,
    DomainError,
    Failure,
    Forbidden,
    Invalid,
    NotFound,
    TooMany,
    Unavailable,
)
from tests.support.databases import build_app, copy_sqlite, let_go
from tests.support.postgresql import PostgresServer

MakeApp = Callable[..., Flask]
JSON = {"Accept": "application/json"}
ERRORS: dict[int, DomainError] = {
    403: Forbidden(),
    404: NotFound(),
    409: Conflict(),
    422: Invalid(),
    429: TooMany(retry_after_s=77),
    503: Unavailable(),
}


@pytest.fixture(scope="module")
def broken_app(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """An app with pages that fail: /raise/409, /abort/400, /bug."""

    def bug() -> str:
        raise LookupError("opensesame")

    def refuse(status: int) -> str:
        raise ERRORS[status]

    def stop(status: int) -> str:
        abort(status)

    folder = tmp_path_factory.mktemp("broken")
    app = build_app(copy_sqlite(sqlite_template, folder / "x.db"), folder)
    app.add_url_rule("/bug", "bug", public(bug))
    app.add_url_rule("/raise/<int:status>", "raise", public(refuse))
    app.add_url_rule("/abort/<int:status>", "abort", public(stop))
    yield app
    let_go(app)


@pytest.fixture
def broken_client(broken_app: Flask) -> FlaskClient:
    """A browser of the app with pages that fail."""
    return broken_app.test_client()


def provoke(client: FlaskClient, status: int, **options: Any) -> TestResponse:
    path = {400: "/abort/400", 500: "/bug"}.get(status, f"/raise/{status}")
    if status == 405:
        return client.delete("/products", **options)
    if status == 413:
        huge = b"x" * (3 * 1024 * 1024)
        options |= {"data": {"next": huge}}
        return client.post("/preferences", **options)
    return client.get(path, **options)


STATUSES = [400, 403, 404, 405, 409, 413, 422, 429, 500, 503]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_error_is_a_page_that_leads_on(
    broken_client: FlaskClient, status: int, language: str
) -> None:
    broken_client.set_cookie("lang", language)
    answer = provoke(broken_client, status)

    assert answer.status_code == status
    page = answer.text
    assert str(status) in page
    assert "<h1>" in page
    assert 'href="/"' in page
    assert "<script>" not in page
    if status == 500:
        assert 'lang="en"' in page
        assert "是我们的错" in page
    else:
        assert f'<html lang="{"en" if language == "en" else "zh-CN"}"' in page


@pytest.mark.parametrize("status", STATUSES)
def test_every_error_is_json_for_programs(
    broken_client: FlaskClient, status: int
) -> None:
    answer = provoke(broken_client, status, headers=JSON)

    assert answer.status_code == status
    body = answer.get_json()
    assert set(body) == {"error", "message"}
    assert body["error"].replace("_", "").isalpha()
    assert body["message"].endswith("。")


def test_a_program_may_read_english(broken_client: FlaskClient) -> None:
    broken_client.set_cookie("lang", "en")

    for status in STATUSES:
        message = provoke(broken_client, status, headers=JSON).get_json()["message"]
        assert message.isascii(), message


@pytest.mark.parametrize("headers", [{}, JSON])
def test_a_failure_leaks_nothing(
    broken_client: FlaskClient, headers: dict[str, str]
) -> None:
    answer = broken_client.get("/bug", headers=headers)

    for word in ("opensesame", "LookupError", "Traceback", "site-packages", ".py"):
        assert word not in answer.text


def test_too_many_says_when_to_come_again(broken_client: FlaskClient) -> None:
    answer = broken_client.get("/raise/429")

    assert answer.headers["Retry-After"] == "77"
    assert "77 秒" in answer.text


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "bad_request"), (415, "bad_request"), (501, "unavailable")],
)
def test_a_rare_error_keeps_its_status(
    broken_client: FlaskClient, status: int, code: str
) -> None:
    assert broken_client.get(f"/abort/{status}").status_code == status
    answer = broken_client.get(f"/abort/{status}", headers=JSON)
    assert (answer.status_code, answer.get_json()["error"]) == (status, code)


def test_the_wrong_method_says_which_is_right(client: FlaskClient) -> None:
    answer = client.post("/products")

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_an_error_says_its_sentence_escaped(own_app: Flask) -> None:
    class Hostile(Invalid):
        message = "%(name)s 不行。"

    def refuse() -> str:
        raise Hostile(name="<script>alert(1)</script>")

    own_app.add_url_rule("/hostile", "hostile", public(refuse))
    page = own_app.test_client().get("/hostile").text

    assert "&lt;script&gt;alert(1)&lt;/script&gt; 不行。" in page
    assert "<script>alert" not in page


def test_a_missing_name_in_a_template_is_a_failure(own_app: Flask) -> None:
    from flask import render_template_string

    own_app.add_url_rule(
        "/undefined",
        "undefined",
        public(lambda: render_template_string("hello {{ nobody }}")),
    )

    assert own_app.test_client().get("/undefined").status_code == 500


@pytest.fixture(params=["sqlite", "postgresql"])
def gone_client(
    request: pytest.FixtureRequest, make_app: MakeApp, tmp_path: Path
) -> FlaskClient:
    """A browser whose app has lost its database."""
    if request.param == "sqlite":
        folder = tmp_path / "gone"
        folder.mkdir()
        template = request.getfixturevalue("sqlite_template")
        app = make_app(copy_sqlite(template, folder / "tianbo.db"))
        shutil.rmtree(folder)
        return app.test_client()
    server: PostgresServer = request.getfixturevalue("pg_server")
    app = make_app(server.create("gone", "template"))
    server.drop("gone")
    return app.test_client()


def test_without_the_database_the_process_still_answers(
    gone_client: FlaskClient,
) -> None:
    gone_client.set_cookie("visitor", "somebody")
    with gone_client.session_transaction() as session:
        session["_user_id"] = "somebody"

    healthy = gone_client.get("/healthz")
    assert (healthy.status_code, healthy.get_json()) == (200, {"status": "ok"})
    ready = gone_client.get("/readyz")
    assert (ready.status_code, ready.get_json()) == (503, {"status": "no database"})


@pytest.mark.parametrize("path", ["/", "/no/such/page", "/account/", "/account/login"])
def test_without_the_database_every_page_says_come_again(
    gone_client: FlaskClient, path: str
) -> None:
    """The page of a 404 asks for the cart and the person, and fails in its turn."""
    gone_client.set_cookie("visitor", "somebody")
    with gone_client.session_transaction() as session:
        session["_user_id"] = "somebody"

    answer = gone_client.get(path)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "请过一分钟再试" in answer.text
    assert "script-src" in answer.headers["Content-Security-Policy"]
    assert gone_client.get(path, headers=JSON).status_code in (404, 503)


def test_a_busy_database_is_not_a_mistake_of_ours(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    holder, waiter = (sqlite3.connect(file, timeout=0) for _ in range(2))
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as busy:
        waiter.execute("BEGIN IMMEDIATE")
    for connection in (holder, waiter):
        connection.close()

    assert is_out_of_reach(OperationalError("", {}, busy.value))


def test_a_mistake_of_ours_is_not_a_busy_database(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(OperationalError, match="no such table") as missing:
            db.session.execute(text("SELECT 1 FROM nowhere"))
        db.session.rollback()
        with pytest.raises(OperationalError, match="readonly") as reading:
            db.session.execute(text("DELETE FROM job"))

    assert not is_out_of_reach(missing.value)
    assert not is_out_of_reach(reading.value)
    assert not is_out_of_reach(LookupError())


def test_a_failure_is_an_error_with_a_sentence_too() -> None:
    assert Failure().status == 500
    assert Failure().text.endswith("请过几分钟再试。")
