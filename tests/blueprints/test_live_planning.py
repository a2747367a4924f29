"""The form of a session: what is asked, and its line-up in order, with stock."""

import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from models.live import LiveSession
from models.training import Certificate
from queries.live.planning import line_up_ids
from tests.support.factories import Goods, Person, Place, make_goods
from tests.support.people import writing
from tests.support.studio import typed_session as typed

BrowserOf = Callable[[Person], FlaskClient]


def test_a_session_is_planned_from_the_form(
    browser_of: BrowserOf, alice: Person, goods: Goods
) -> None:
    browser = browser_of(alice)

    answer = browser.post("/studio/sessions/new", data=typed(alice, goods))

    assert answer.status_code == 303
    assert "大姜开窖" in browser.get(answer.location).text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "请给这场直播起个名"),
        ({"title": "很长" * 30}, "最多写 30 个字"),
        ({"title": "零\x00"}, "看不见的字符"),
        ({"starts_on": "明天"}, "2026-11-24 这样的格式"),
        ({"starts_time": "25:99"}, "19:00 这样的格式"),
        ({"starts_on": "2026-03-01"}, "开播时间已经过了"),
        ({"place": "moon"}, "请从列表里选一项"),
        ({"product_ids": []}, "至少选一件"),
        ({"product_ids": ["³"]}, "至少选一件"),
        ({"product_ids": [str(10**20)]}, "至少选一件"),
        ({"host_id": "-1"}, "请从列表里选一项"),
        ({"place": "douyin", "room_url": "https://evil.example"}, "douyin.com"),
        ({"place": "room", "room_url": "https://douyin.com/1"}, "不用填链接"),
    ],
)
def test_a_wrong_form_says_what_to_do_and_loses_nothing(
    browser_of: BrowserOf,
    alice: Person,
    goods: Goods,
    changes: dict[str, object],
    sentence: str,
) -> None:
    answer = browser_of(alice).post(
        "/studio/sessions/new",
        data=typed(alice, goods, **{"summary": "自家地里的", **changes}),
    )

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "自家地里的" in answer.text


def test_full_width_digits_in_the_time_are_understood(
    browser_of: BrowserOf, alice: Person, goods: Goods
) -> None:
    answer = browser_of(alice).post(
        "/studio/sessions/new", data=typed(alice, goods, starts_time="9：05")
    )

    assert answer.status_code == 303


def test_html_in_a_title_is_only_text(
    browser_of: BrowserOf, alice: Person, goods: Goods
) -> None:
    browser = browser_of(alice)
    answer = browser.post(
        "/studio/sessions/new", data=typed(alice, goods, title="<b>薯</b>")
    )

    page = browser.get(answer.location).text

    assert "<b>薯</b>" not in page
    assert "&lt;b&gt;薯" in page


def test_a_missing_certificate_is_named(
    app: Flask, browser_of: BrowserOf, alice: Person, goods: Goods
) -> None:
    with writing(app) as session:
        session.query(Certificate).delete()

    answer = browser_of(alice).post("/studio/sessions/new", data=typed(alice, goods))

    assert answer.status_code == 422
    assert "还没有主播证" in answer.text


def test_a_planned_session_can_be_changed(
    browser_of: BrowserOf, alice: Person, goods: Goods, planned: LiveSession
) -> None:
    browser = browser_of(alice)
    url = f"/studio/sessions/{planned.id}/edit"

    assert "蜜薯当面掰" in browser.get(url).text
    answer = browser.post(url, data=typed(alice, goods, title="改了名"))

    assert answer.status_code == 303
    assert "改了名" in browser.get(answer.location).text
    browser.post(f"/studio/sessions/{planned.id}/start")
    assert browser.post(url, data=typed(alice, goods)).status_code == 409


def test_who_plans_anew_goes_back_and_who_changes_leaves_it(
    browser_of: BrowserOf, alice: Person, planned: LiveSession
) -> None:
    browser = browser_of(alice)

    new = browser.get("/studio/sessions/new").text
    old = browser.get(f"/studio/sessions/{planned.id}/edit").text

    assert "返回" in new
    assert "不改了" not in new
    assert "不改了" in old


def test_a_hosts_certificate_is_readable_in_full(
    browser_of: BrowserOf, alice: Person, planned: LiveSession
) -> None:
    page = browser_of(alice).get("/studio/sessions/new").text

    assert f'type="radio" name="host_id" value="{alice.id}" checked' in page


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
