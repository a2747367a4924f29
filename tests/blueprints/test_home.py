"""The front page, what a browser prefers, and the health of the app."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from core import clock
from core.database import db
from domain.orders.states import PaymentMethod
from models.outbox import Job
from models.payments import Payment
from services import outbox
from tests.support.factories import Goods, Person
from tests.support.listener import listening
from tests.support.people import writing
from tests.support.queries import count_queries
from tests.support.shopper import sold

START = datetime(2026, 3, 10, 8, tzinfo=UTC)
CALM = {"status": "ok", "queue_age_s": 0, "media": "off", "payments": "ok"}
HTML_ZH, HTML_EN = '<html lang="zh-CN"', '<html lang="en"'


def prefer(client: FlaskClient, **fields: str) -> TestResponse:
    return client.post("/preferences", data=fields)


def test_an_empty_house_has_a_front_page(client: FlaskClient) -> None:
    answer = client.get("/")

    assert answer.status_code == 200
    assert HTML_ZH in answer.text


def test_the_front_page_shows_what_is_for_sale(
    client: FlaskClient, goods: Goods
) -> None:
    page = client.get("/").text

    assert "蜜薯" in page
    assert f"/products/{goods.slug}" in page


def test_the_front_page_costs_few_statements(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    client.get("/")
    with app.app_context(), count_queries() as statements:
        client.get("/")

    selects = [line for line in statements if line.startswith("SELECT")]
    assert len(selects) <= 8


@pytest.mark.parametrize(
    ("language", "html"), [("zh", HTML_ZH), ("en", HTML_EN), ("fr", HTML_ZH)]
)
def test_the_language_is_remembered(
    client: FlaskClient, language: str, html: str
) -> None:
    answer = prefer(client, lang=language, next="/products?page=1")

    assert (answer.status_code, answer.location) == (303, "/products?page=1")
    for path in ("/", "/products", "/no/such/page", "/account/login"):
        assert html in client.get(path).text


def test_chinese_can_be_chosen_again(client: FlaskClient) -> None:
    prefer(client, lang="en")
    prefer(client, lang="zh")

    assert HTML_ZH in client.get("/").text


@pytest.mark.parametrize(
    ("size", "is_large"), [("large", True), ("standard", False), ("huge", False)]
)
def test_large_type_is_remembered(
    client: FlaskClient, size: str, is_large: bool
) -> None:
    prefer(client, size=size)

    for path in ("/", "/no/such/page", "/account/login"):
        head = client.get(path).text.split("<body")[0]
        assert ('class="large"' in head) is is_large


def test_language_and_size_are_kept_apart(client: FlaskClient) -> None:
    prefer(client, lang="en")
    prefer(client, size="large")

    page = client.get("/").text
    assert HTML_EN in page
    assert 'class="large"' in page


def test_what_is_preferred_lasts_a_year(client: FlaskClient) -> None:
    [cookie] = prefer(client, lang="en").headers.getlist("Set-Cookie")

    assert "Max-Age=31536000" in cookie


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"lang": "\x00", "size": "\x00"},
        {"lang": "en\r\nX: y"},
        {"lang": "<script>", "next": "<script>"},
        {"lang": "x" * 10_000, "next": "/" + "x" * 10_000},
    ],
)
def test_nothing_else_is_remembered(
    client: FlaskClient, fields: dict[str, str]
) -> None:
    answer = prefer(client, **fields)

    assert (answer.status_code, answer.location) == (303, "/")
    assert not answer.headers.getlist("Set-Cookie")


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "//["])
def test_the_choice_leads_back_to_our_own_pages(
    client: FlaskClient, target: str
) -> None:
    assert prefer(client, lang="en", next=target).location == "/"


def test_preferences_are_not_a_page(client: FlaskClient) -> None:
    assert client.get("/preferences").status_code == 405


def test_health_asks_nothing_of_the_database(app: Flask, client: FlaskClient) -> None:
    with client.session_transaction() as session:
        session["_user_id"] = "somebody"
    client.set_cookie("visitor", "somebody")

    with app.app_context(), count_queries() as statements:
        answer = client.get("/healthz")

    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})
    assert statements == []


@pytest.mark.parametrize(
    ("minutes", "status", "word"), [(0, 200, "ok"), (9, 200, "ok"), (10, 503, "late")]
)
def test_readiness_tells_how_late_the_worker_is(
    app: Flask, client: FlaskClient, minutes: int, status: int, word: str
) -> None:
    with clock.at(START), writing(app):
        outbox.enqueue("test", {}, key="test:1")

    with clock.at(START + timedelta(minutes=minutes)):
        answer = client.get("/readyz")
    assert answer.status_code == status
    age = minutes * 60
    assert answer.get_json() == CALM | {"status": word, "queue_age_s": age}


def test_jobs_done_parked_or_to_come_are_not_late(
    app: Flask, client: FlaskClient
) -> None:
    with clock.at(START), writing(app) as session:
        for number in range(3):
            outbox.enqueue("test", {}, key=f"test:{number}")
        done, parked, later = session.query(Job).order_by(Job.id)
        done.done_at = parked.parked_at = START
        later.due_at = START + timedelta(days=1)

    with clock.at(START + timedelta(hours=1)):
        found = client.get("/readyz").get_json()
    assert found == CALM


@pytest.mark.parametrize(("seconds", "word"), [(50, "ok"), (70, "down")])
def test_readiness_tells_that_buyers_wait_for_the_payment_provider(
    app: Flask,
    client: FlaskClient,
    charlie: Person,
    goods: Goods,
    seconds: int,
    word: str,
) -> None:
    """A busy moment passes. All else in the house goes on, so that it stays ready."""
    order = sold(app, charlie, goods, 1, PaymentMethod.STRIPE)
    with writing(app) as session:
        query = select(Payment).where(Payment.order_id == order.id)
        session.scalars(query).one().provider_away_since = START
    with clock.at(START + timedelta(seconds=seconds)):
        answer = client.get("/readyz")

    assert (answer.status_code, answer.get_json()["payments"]) == (200, word)


def test_readiness_tells_whether_the_media_server_is_there(
    make_app: Callable[..., Flask], database_url: str
) -> None:
    with listening() as listener:
        app = make_app(database_url, MEDIA_URL=listener.url)
        there = app.test_client().get("/readyz")
    gone = app.test_client().get("/readyz")

    assert (there.status_code, there.get_json()["media"]) == (200, "ok")
    assert (gone.status_code, gone.get_json()["media"]) == (503, "down")
    assert gone.get_json()["status"] == "no media"


def test_without_tables_the_house_is_not_ready(
    make_app: Callable[..., Flask], tmp_path: object
) -> None:
    app = make_app(f"sqlite:///{tmp_path}/empty.db")

    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()) == (503, {"status": "no database"})
    with app.app_context():
        assert not db.session().info.get("writing")
