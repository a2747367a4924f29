"""The form of a session: its line-up in order, with prices and stock."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from core.clock import SHANGHAI, now
from core.database import db
from core.pages.filters import local_time
from models.live import LiveSession
from queries.live.planning import line_up_ids
from tests.support.factories import (
    Goods,
    Person,
    Place,
    list_goods,
    listing,
    make_goods,
)
from tests.support.people import writing

BrowserOf = Callable[[Person], FlaskClient]


def typed(alice: Person, goods: Goods, **changes: object) -> dict[str, object]:
    tomorrow = (now() + timedelta(days=1)).astimezone(SHANGHAI)
    return {
        "request_id": "form-0000000001",
        "title": "大姜开窖",
        "place": "room",
        "starts_on": tomorrow.strftime("%Y-%m-%d"),
        "starts_time": "19:30",
        "host_id": str(alice.id),
        "product_ids": [str(goods.id)],
        **changes,
    }


@pytest.fixture
def session_id(browser_of: BrowserOf, alice: Person, goods: Goods) -> int:
    """A session of tomorrow."""
    form = typed(alice, goods)
    answer = browser_of(alice).post("/studio/sessions/new", data=form)
    return int(answer.location.split("/")[-2])


@pytest.fixture
def shelf(app: Flask, place: Place, alice: Person, goods: Goods) -> list[Goods]:
    """Three products of the alliance, the first one in every line-up here."""
    with writing(app):
        more = [
            make_goods(place, alice, name=name, stock=stock)
            for name, stock in (("大姜", 0), ("山楂", 7))
        ]
    return [goods, *more]


def line_up(app: Flask, session_id: int) -> list[int]:
    with app.app_context():
        return line_up_ids(session_id)


def test_the_line_up_has_the_order_that_was_typed(
    app: Flask, browser_of: BrowserOf, alice: Person, shelf: list[Goods]
) -> None:
    browser = browser_of(alice)
    first, second, third = (goods.id for goods in shelf)
    ticked = [str(one.id) for one in shelf]
    turns = {f"turn_{third}": "１", f"turn_{second}": "", f"turn_{first}": "2"}
    form = typed(alice, shelf[0], product_ids=ticked, **turns)

    answer = browser.post("/studio/sessions/new", data=form)

    assert answer.status_code == 303
    session_id = int(answer.location.split("/")[-2])
    assert line_up(app, session_id) == [third, first, second]
    page = browser.get(f"/studio/sessions/{session_id}/edit").text
    for product_id, turn in ((third, "1"), (first, "2"), (second, "3")):
        assert f'name="turn_{product_id}" value="{turn}"' in page
    form = typed(alice, shelf[0], product_ids=ticked, **{f"turn_{second}": "1"})
    url = f"/studio/sessions/{session_id}/edit"
    assert browser.post(url, data=form).status_code == 303
    assert line_up(app, session_id)[0] == second


@pytest.mark.parametrize("turn", ["0", "-1", "³", "x", "100", "1.5", "9" * 40, "<b>"])
def test_a_place_that_is_no_number_is_said_and_kept(
    browser_of: BrowserOf, alice: Person, goods: Goods, turn: str
) -> None:
    form = typed(alice, goods, **{f"turn_{goods.id}": turn})
    answer = browser_of(alice).post("/studio/sessions/new", data=form)

    assert answer.status_code == 422
    assert "顺序请填 1 到 99 的数字" in answer.text
    assert f'name="turn_{goods.id}" value="{escape(turn)}"' in answer.text


def test_a_file_in_place_of_a_number_breaks_nothing(
    browser_of: BrowserOf, alice: Person, goods: Goods
) -> None:
    file = (io.BytesIO(b"x"), "x.txt")
    form = typed(alice, goods, **{f"turn_{goods.id}": file})
    assert browser_of(alice).post("/studio/sessions/new", data=form).status_code == 303


def test_each_product_to_pick_shows_its_price_and_stock(
    browser_of: BrowserOf, alice: Person, shelf: list[Goods]
) -> None:
    page = browser_of(alice).get("/studio/sessions/new").text
    for words in ("¥29.90 起", "共余 100 箱", "共余 7 箱", "5 斤装 · ¥29.90 起"):
        assert words in page


def test_a_session_that_began_early_shows_when(
    app: Flask, browser_of: BrowserOf, alice: Person, session_id: int
) -> None:
    browser = browser_of(alice)
    browser.post(f"/studio/sessions/{session_id}/start")
    with app.app_context():
        session = db.session.get_one(LiveSession, session_id)
        began, planned = session.started_at, local_time(session.starts_at)
    page = browser.get("/studio/sessions").text
    assert began is not None
    assert f"<time>{began.astimezone(SHANGHAI):%H:%M}<small>" in page
    assert f"原定 {planned}" in page


def test_a_room_shows_the_stock_of_the_box_whose_price_it_shows(
    app: Flask, place: Place, browser_of: BrowserOf, alice: Person, client: FlaskClient
) -> None:
    draft = listing(place, name="大姜", price_fen=2_990, stock=12)
    small = draft.boxes[0]
    big = replace(small, name="10 斤装", weight_g=5_000, price_fen=4_990, stock=5)
    with writing(app):
        made = list_goods(place, alice, replace(draft, boxes=(small, big)))
        goods = Goods(made, "", 0)
    answer = browser_of(alice).post("/studio/sessions/new", data=typed(alice, goods))
    with app.app_context():
        session_id = int(answer.location.split("/")[-2])
        slug = db.session.get_one(LiveSession, session_id).slug

    page = client.get(f"/live/{slug}").text
    assert "只剩 12 箱" in page
    assert "17 箱" not in page
    assert "10 斤装 ¥49.90 · 剩 5" in page
