"""The lead's part: read, approve, send back; and taking a listing out."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.access import Grant
from core.database import db
from domain.roles import Role, ScopeKind
from models.catalogue import Product
from tests.support.factories import Goods, Person, Place, make_person
from tests.support.listing_form import filled, send
from tests.support.people import writing

Browser = Callable[[Person], FlaskClient]
ACTS = ("submission", "approval", "return", "withdrawal")


@pytest.fixture
def dora(app: Flask, place: Place) -> Person:
    """A member of `place` who leads nothing."""
    with writing(app):
        return make_person(
            "朵拉", Grant(Role.MEMBER, ScopeKind.ALLIANCE, place.alliance_id)
        )


@pytest.fixture
def lead(browser_of: Browser, alice: Person) -> FlaskClient:
    return browser_of(alice)


@pytest.fixture
def member(browser_of: Browser, dora: Person) -> FlaskClient:
    return browser_of(dora)


@pytest.fixture
def submitted(member: FlaskClient, place: Place) -> str:
    """The address of a listing that waits for the lead."""
    answer = send(member, "/studio/listings/new", filled(place, act="submit"))
    assert answer.status_code == 303
    return str(answer.location)


def state_of(app: Flask, address: str) -> str:
    with app.app_context():
        return db.session.get_one(Product, int(address.rsplit("/", 1)[1])).state


def test_the_lead_sees_the_queue_and_the_page_as_buyers_will(
    lead: FlaskClient, submitted: str
) -> None:
    assert submitted in lead.get("/studio/listings?state=submitted").text
    page = lead.get(submitted).text
    for words in ("顾客看到的样子", "苗山大姜", "¥32.90", "612 斤", "通过，放进店里"):
        assert words in page


def test_the_decision_comes_before_what_it_is_about(
    lead: FlaskClient, submitted: str
) -> None:
    page = lead.get(submitted).text
    assert page.index('id="decide"') < page.index('id="preview"')
    lead.post(f"{submitted}/approval", data={"version": "1"})
    page = lead.get(submitted).text
    assert page.index('id="preview"') < page.index('id="checks"')


def test_an_approved_listing_is_in_the_shop(
    app: Flask, client: FlaskClient, lead: FlaskClient, submitted: str
) -> None:
    answer = lead.post(f"{submitted}/approval", data={"version": "1"})
    assert (answer.status_code, answer.location) == (303, submitted)
    assert state_of(app, submitted) == "approved"
    page = client.get("/products").text
    assert "苗山大姜" in page
    assert "合 ¥6.58/斤" in page


def test_a_member_cannot_approve_not_even_the_own_listing(
    app: Flask, member: FlaskClient, submitted: str
) -> None:
    assert "通过，放进店里" not in member.get(submitted).text
    for act in ("approval", "return"):
        data = {"version": "1", "reason": "好"}
        assert member.post(f"{submitted}/{act}", data=data).status_code == 403
    assert state_of(app, submitted) == "submitted"


def test_a_returned_listing_says_why_and_comes_again(
    app: Flask, lead: FlaskClient, member: FlaskClient, submitted: str
) -> None:
    empty = lead.post(f"{submitted}/return", data={"reason": " "})
    assert empty.status_code == 422
    assert "请写一句退回的原因" in empty.text
    answer = lead.post(f"{submitted}/return", data={"reason": "<b>照片</b>太暗"})
    assert answer.status_code == 303
    page = member.get(submitted).text
    assert "&lt;b&gt;照片&lt;/b&gt;太暗" in page
    assert "爱丽丝" in page
    assert member.post(f"{submitted}/submission").status_code == 303
    assert state_of(app, submitted) == "submitted"


def test_approval_of_an_old_version_is_refused(
    app: Flask, lead: FlaskClient, member: FlaskClient, place: Place, submitted: str
) -> None:
    changed = filled(
        place,
        story="又改了。",
        harvested_on=None,
        plot=None,
        **{"deliveries-0-farmer_id": None, "deliveries-0-weight": None},
    )
    with app.app_context():
        from sqlalchemy import select

        from models.catalogue import Variant

        box_id = db.session.scalars(select(Variant.id)).one()
    fields = changed | {"boxes-0-id": str(box_id), "boxes-0-stock_was": "386"}
    assert send(member, f"{submitted}/edit", fields).status_code == 303
    answer = lead.post(f"{submitted}/approval", data={"version": "1"})
    assert answer.status_code == 409
    assert "又改过" in answer.text
    assert state_of(app, submitted) == "submitted"


@pytest.mark.parametrize("version", ["", "x", "-1", "³", "1" * 30])
def test_approval_names_its_version(
    app: Flask, lead: FlaskClient, submitted: str, version: str
) -> None:
    answer = lead.post(f"{submitted}/approval", data={"version": version})
    assert answer.status_code == 400
    assert state_of(app, submitted) == "submitted"


def test_deciding_twice_is_a_conflict(lead: FlaskClient, submitted: str) -> None:
    assert lead.post(f"{submitted}/approval", data={"version": "1"}).status_code == 303
    assert lead.post(f"{submitted}/approval", data={"version": "1"}).status_code == 409
    late = lead.post(f"{submitted}/return", data={"reason": "晚了"})
    assert late.status_code == 409


def test_a_listing_is_withdrawn_and_comes_back_by_review(
    app: Flask, client: FlaskClient, lead: FlaskClient, goods: Goods
) -> None:
    address = f"/studio/listings/{goods.id}"
    assert "下架" in lead.get(address).text
    assert lead.post(f"{address}/withdrawal").status_code == 303
    assert client.get(f"/products/{goods.slug}").status_code == 404
    assert lead.post(f"{address}/withdrawal").status_code == 409
    assert lead.post(f"{address}/submission").status_code == 303
    assert lead.post(f"{address}/approval", data={"version": "1"}).status_code == 303
    assert client.get(f"/products/{goods.slug}").status_code == 200


@pytest.mark.parametrize("act", ACTS)
def test_only_people_of_the_alliance_decide(
    client: FlaskClient,
    browser_of: Browser,
    bob: Person,
    charlie: Person,
    goods: Goods,
    act: str,
) -> None:
    address = f"/studio/listings/{goods.id}/{act}"
    data = {"version": "1", "reason": "好"}
    assert client.post(address, data=data).status_code == 303
    assert browser_of(charlie).post(address, data=data).status_code == 403
    assert browser_of(bob).post(address, data=data).status_code == 404
    assert browser_of(bob).get(address).status_code == 405
