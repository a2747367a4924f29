"""Every page, as each kind of person sees it in English, holds no Chinese of ours."""

from collections.abc import Callable, Iterator, Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.access import Grant
from core.database import db
from domain.catalogue import ListingState
from domain.orders.states import PaymentMethod
from domain.roles import Role, ScopeKind
from models.live import LiveSession
from models.orders import Order, OrderLine
from models.training import Certificate
from queries.orders.packing import Queue
from scripts.translations import compile_catalogue
from services.orders import drafts, fulfilling, refunding
from tests.support.doors import Door, doors
from tests.support.factories import (
    Goods,
    Person,
    Place,
    actor_of,
    make_person,
    place_order,
)
from tests.support.latin import chinese_on, write_names_in_latin
from tests.support.leads import furnish_for_all
from tests.support.people import sign_in, writing

Values = Mapping[str, object]
FORMATS = ("csv", "json")
NONSENSE: Mapping[str, str] = dict.fromkeys(
    (
        "amount boxes-0-price boxes-0-weight city days first fee harvested_on hours "
        "last month name number password phone price province quantity reference "
        "starts_on starts_time state text title valid_from valid_until wages"
    ).split(),
    "x",
)
STATUSES = ("/nothing-here", "/products/none", "/orders/TB-000000-0000", "/batches/x")


@pytest.fixture(scope="module", autouse=True)
def english() -> None:
    compile_catalogue()


@pytest.fixture
def values(app: Flask, place: Place, alice: Person, goods: Goods) -> Values:
    """Rows behind every door, and orders in the states that say most."""
    with writing(app):
        leads = furnish_for_all(place, alice, goods)
        values = {**leads, "payments.pay:number": leads["number"]}
    with writing(app):
        _deliver_with_a_refund(alice, goods)
        left = place_order(alice, goods, method=PaymentMethod.BANK_TRANSFER)
        place_order(alice, goods, method=PaymentMethod.CASH_ON_DELIVERY)
    client = sign_in(_english(app), alice)
    client.post(f"/orders/{left.number}/cancellation")
    with writing(app):
        write_names_in_latin()
    return values


def _deliver_with_a_refund(worker: Person, goods: Goods) -> None:
    placed = place_order(worker, goods, method=PaymentMethod.CASH_ON_DELIVERY)
    fulfilling.accept_cash_order(actor_of(worker), placed.order_id)
    fulfilling.pack(actor_of(worker), placed.order_id)
    fulfilling.ship(
        actor_of(worker), placed.order_id, carrier="顺丰速运", tracking_number="SF123"
    )
    fulfilling.confirm_delivery(actor_of(worker), placed.order_id)
    refunding.request_refund(
        actor_of(worker), placed.order_id, _one_box(placed.order_id)
    )


def _one_box(order_id: int) -> drafts.RefundDraft:
    line = db.session.scalars(
        select(OrderLine).where(OrderLine.order_id == order_id)
    ).one()
    parts = [drafts.RefundDraftLine(line.id, 1, line.price_fen)]
    return drafts.RefundDraft("a-refund-in-english", parts, 0, "Three were crushed")


def _english(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.set_cookie("lang", "en")
    return client


@pytest.fixture
def people(app: Flask, alice: Person, place: Place) -> Mapping[str, Person | None]:
    """Who looks: nobody, a buyer, a secretary, and Alice with all other roles."""
    with writing(app):
        village = Grant(Role.SECRETARY, ScopeKind.VILLAGE, place.village_id)
        return {
            "a guest": None,
            "a buyer": make_person("Charlie"),
            "a secretary": make_person("Sam", village),
            "Alice": alice,
        }


@pytest.fixture
def browsers(
    app: Flask, people: Mapping[str, Person | None], values: Values
) -> Mapping[str, FlaskClient]:
    return {
        who: sign_in(_english(app), person) if person else _english(app)
        for who, person in people.items()
    }


def test_pages_are_english(
    app: Flask, browsers: Mapping[str, FlaskClient], values: Values
) -> None:
    found = [
        f"{who} at {door.path}: {left}"
        for who, browser in browsers.items()
        for door in _pages(app, values)
        if (left := chinese_on(browser.get(door.path).text))
    ]
    assert not found, "\n".join(found)


def _pages(app: Flask, values: Values) -> Iterator[Door]:
    for door in doors(app, values):
        if door.method == "GET":
            yield door


def test_complaints_are_english(
    app: Flask, browsers: Mapping[str, FlaskClient], values: Values
) -> None:
    """An empty form, and one full of nonsense."""
    found = []
    for who, browser in browsers.items():
        for door in doors(app, values):
            if door.method != "POST" or door.endpoint == "accounts.logout":
                continue
            for form in ({}, NONSENSE):
                page = browser.post(door.path, data=form, follow_redirects=True)
                if left := chinese_on(page.text):
                    found.append(f"{who} at {door.path}: {left}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", STATUSES)
def test_error_pages_are_english(app: Flask, path: str) -> None:
    answer = _english(app).get(path)
    assert answer.status_code in (303, 404)
    assert chinese_on(answer.text) == []


@pytest.mark.parametrize("kind", FORMATS)
def test_report_files_are_english(
    app: Flask, browsers: Mapping[str, FlaskClient], kind: str
) -> None:
    answer = browsers["Alice"].get("/coop/income", query_string={"format": kind})
    assert answer.status_code == 200
    assert chinese_on(answer.get_data(as_text=True)) == []


def test_more_rooms_are_english(
    app: Flask, browsers: Mapping[str, FlaskClient]
) -> None:
    """What `doors` cannot reach with one set of values."""
    with writing(app) as session:
        numbers = session.scalars(select(Order.number)).all()
        slugs = session.scalars(select(LiveSession.slug)).all()
        certificates = session.scalars(select(Certificate.number)).all()
    assert len(numbers) > 10
    paths = [
        *(f"/orders/{number}" for number in numbers),
        *(f"/coop/orders/{number}" for number in numbers),
        *(f"/live/{slug}" for slug in slugs),
        *(f"/training/certificates/{number}" for number in certificates),
        *(f"/studio/shipping?queue={queue}" for queue in Queue),
        *(f"/studio/listings?state={state}" for state in ListingState),
        *(f"/coop/refunds?tab={tab}" for tab in ("open", "sending", "failed", "done")),
        "/products?q=nothing",
        "/products?category=ginger&all=1",
        "/coop/income?from=2020-01-01&to=2020-01-31",
        "/coop/income?from=2020-02-01&to=2020-01-31",
    ]
    for path in paths:
        page = browsers["Alice"].get(path)
        assert page.status_code in (200, 422), path
        assert chinese_on(page.text) == [], path


def test_the_demo_is_english(
    make_app: Callable[..., Flask], database_url: str, values: Values
) -> None:
    client = _english(make_app(database_url, TIANBO_DEMO="1"))
    for path in ("/account/login", "/account/login/code", "/demo/messages"):
        assert chinese_on(client.get(path).text) == [], path


def test_one_is_not_many(app: Flask, browsers: Mapping[str, FlaskClient]) -> None:
    browser = browsers["a guest"]
    assert "1 product<" in browser.get("/products").text
    assert "1 products" not in browser.get("/products").text
