from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.access import Grant
from core.clock import SHANGHAI, now
from domain.roles import Role, ScopeKind
from models.alliances import AllianceMember
from models.training import Certificate
from tests.support.factories import (
    FOUNDED,
    Goods,
    Person,
    Place,
    make_certificate,
    make_goods,
    make_person,
)
from tests.support.people import writing
from tests.support.queries import count_queries
from tests.support.studio import make_session

BrowserOf = Callable[[Person], FlaskClient]


@pytest.fixture
def session_id(app: Flask, place: Place, alice: Person, goods: Goods) -> int:
    with writing(app):
        return make_session(place, alice, goods).id


@pytest.fixture
def slug(app: Flask, session_id: int) -> str:
    from core.database import db
    from models.live import LiveSession

    with app.app_context():
        return db.session.get_one(LiveSession, session_id).slug


@pytest.fixture
def dora(app: Flask, place: Place) -> Person:
    """A member of Alice's alliance who neither hosts nor leads."""
    with writing(app) as session:
        grant = Grant(Role.MEMBER, ScopeKind.ALLIANCE, place.alliance_id)
        person = make_person("朵拉", grant)
        session.add(
            AllianceMember(
                alliance_id=place.alliance_id, account_id=person.id, joined_on=FOUNDED
            )
        )
        make_certificate(person)
    return person


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


def test_the_schedule_is_public(client: FlaskClient, session_id: int) -> None:
    page = client.get("/live")

    assert page.status_code == 200
    assert "蜜薯当面掰" in page.text


def test_a_room_shows_line_up_price_and_stock(client: FlaskClient, slug: str) -> None:
    page = client.get(f"/live/{slug}")

    assert page.status_code == 200
    assert "余 100 箱" in page.text
    assert 'name="variant_id"' in page.text


def test_an_unknown_room_is_not_found(client: FlaskClient) -> None:
    assert client.get("/live/nothing-here").status_code == 404
    assert client.get("/live/%00").status_code == 404


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


def test_the_host_pins_and_the_room_shows_it(
    browser_of: BrowserOf,
    client: FlaskClient,
    alice: Person,
    goods: Goods,
    session_id: int,
    slug: str,
) -> None:
    browser = browser_of(alice)
    console = f"/studio/sessions/{session_id}"

    assert browser.post(f"{console}/start").status_code == 303
    pin = browser.post(f"{console}/pins", data={"product_id": goods.id})
    assert pin.status_code == 303

    page = client.get(f"/live/{slug}").text
    assert "正在讲解" in page
    assert 'name="pin" value="2"' in page
    assert browser.post(f"{console}/pins/clear").status_code == 303
    assert 'name="pin" value="2"' not in client.get(f"/live/{slug}").text
    assert browser.post(f"{console}/end").status_code == 303
    assert browser.post(f"{console}/end").status_code == 409


@pytest.mark.parametrize("product_id", ["", "³", "0", "-1", str(10**20), "abc"])
def test_a_pin_of_nonsense_is_refused(
    browser_of: BrowserOf, alice: Person, session_id: int, product_id: str
) -> None:
    answer = browser_of(alice).post(
        f"/studio/sessions/{session_id}/pins", data={"product_id": product_id}
    )

    assert answer.status_code == 400


def test_calling_off_needs_a_reason(
    browser_of: BrowserOf, alice: Person, session_id: int
) -> None:
    browser = browser_of(alice)
    url = f"/studio/sessions/{session_id}/cancel"

    assert browser.post(url, data={"reason": ""}).status_code == 422
    assert browser.post(url, data={"reason": "下雨"}).status_code == 303


def test_a_planned_session_can_be_changed(
    browser_of: BrowserOf, alice: Person, goods: Goods, session_id: int
) -> None:
    browser = browser_of(alice)
    url = f"/studio/sessions/{session_id}/edit"

    assert "蜜薯当面掰" in browser.get(url).text
    answer = browser.post(url, data=typed(alice, goods, title="改了名"))

    assert answer.status_code == 303
    assert "改了名" in browser.get(answer.location).text
    browser.post(f"/studio/sessions/{session_id}/start")
    assert browser.post(url, data=typed(alice, goods)).status_code == 409


def test_a_member_who_does_not_host_may_look_but_not_act(
    browser_of: BrowserOf, dora: Person, goods: Goods, session_id: int
) -> None:
    browser = browser_of(dora)
    console = f"/studio/sessions/{session_id}"

    assert browser.get(f"{console}/console").status_code == 200
    assert browser.get(f"{console}/edit").status_code == 403
    for verb in ("start", "end", "pins/clear"):
        assert browser.post(f"{console}/{verb}").status_code == 403
    pin = browser.post(f"{console}/pins", data={"product_id": goods.id})
    assert pin.status_code == 403
    cancel = browser.post(f"{console}/cancel", data={"reason": "不播了"})
    assert cancel.status_code == 403


PAGES = ("console", "edit")
VERBS = ("start", "end", "cancel", "pins", "pins/clear", "edit")


def test_another_alliances_sessions_do_not_exist_for_bob(
    browser_of: BrowserOf, bob: Person, goods: Goods, session_id: int
) -> None:
    browser = browser_of(bob)
    form = {"product_id": goods.id, "reason": "不播了"}

    for page in PAGES:
        assert browser.get(f"/studio/sessions/{session_id}/{page}").status_code == 404
    for verb in VERBS:
        url = f"/studio/sessions/{session_id}/{verb}"
        assert browser.post(url, data=form).status_code == 404
    assert "蜜薯当面掰" not in browser.get("/studio/sessions").text


def test_who_has_no_role_is_refused_and_guests_log_in(
    client: FlaskClient, browser_of: BrowserOf, charlie: Person, session_id: int
) -> None:
    urls = ["/studio/sessions", "/studio/sessions/new"]
    urls += [f"/studio/sessions/{session_id}/{page}" for page in PAGES]

    for url in urls:
        assert browser_of(charlie).get(url).status_code == 403
        answer = client.get(url)
        assert answer.status_code == 303
        assert "/account/login" in answer.location


@pytest.mark.parametrize("wrong", ["0", str(10**20), "³", "-1", "x"])
def test_bad_ids_are_not_found(
    browser_of: BrowserOf, alice: Person, wrong: str
) -> None:
    browser = browser_of(alice)

    assert browser.get(f"/studio/sessions/{wrong}/console").status_code == 404
    assert browser.post(f"/studio/sessions/{wrong}/start").status_code == 404


def test_wrong_methods_are_refused(
    browser_of: BrowserOf, alice: Person, session_id: int, slug: str
) -> None:
    browser = browser_of(alice)

    for verb in ("start", "end", "cancel", "pins", "pins/clear"):
        url = f"/studio/sessions/{session_id}/{verb}"
        assert browser.get(url).status_code == 405
    for url in ("/live", f"/live/{slug}", "/studio/sessions"):
        assert browser.post(url).status_code == 405


def test_a_longer_line_up_costs_no_more_queries(
    app: Flask,
    client: FlaskClient,
    place: Place,
    alice: Person,
    goods: Goods,
    slug: str,
) -> None:
    with writing(app):
        more = [make_goods(place, alice, name=f"姜{i}") for i in range(6)]
        long_slug = make_session(place, alice, goods, *more).slug

    def cost(url: str) -> int:
        with app.app_context(), count_queries() as statements:
            assert client.get(url).status_code == 200
        return len(statements)

    assert cost(f"/live/{long_slug}") == cost(f"/live/{slug}")
