"""The pages of live sessions: who sees and runs what, and what a room says."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.clock import SHANGHAI
from core.database import db
from core.pages.filters import local_time
from models.live import LiveSession
from services.live import running
from tests.support.factories import (
    Goods,
    Person,
    Place,
    actor_of,
    list_goods,
    listing,
    make_goods,
)
from tests.support.people import writing
from tests.support.queries import count_queries
from tests.support.studio import make_session

BrowserOf = Callable[[Person], FlaskClient]


def test_the_schedule_is_public(client: FlaskClient, planned: LiveSession) -> None:
    page = client.get("/live")

    assert page.status_code == 200
    assert "蜜薯当面掰" in page.text


def test_a_room_shows_line_up_price_and_stock(
    client: FlaskClient, planned: LiveSession
) -> None:
    page = client.get(f"/live/{planned.slug}")

    assert page.status_code == 200
    assert "余 100 箱" in page.text
    assert 'name="variant_id"' in page.text


def test_an_unknown_room_is_not_found(client: FlaskClient) -> None:
    assert client.get("/live/nothing-here").status_code == 404
    assert client.get("/live/%00").status_code == 404


LOOKING = ("console", "edit", "ticket")
ACTING = (
    "edit",
    "start",
    "end",
    "cancel",
    "pins",
    "pins/clear",
    "key",
    "messages/1/hide",
    "mute",
    "unmute",
)
FORM = {"product_id": 1, "reason": "不播了", "author": "a" * 12}


def answers(browser: FlaskClient, planned: LiveSession) -> dict[str, int]:
    """What everything of a session's studio answers to someone, by its name."""
    session = f"/studio/sessions/{planned.id}"
    looked = {name: browser.get(f"{session}/{name}") for name in LOOKING}
    acted = {
        f"POST {name}": browser.post(f"{session}/{name}", data=FORM) for name in ACTING
    }
    return {name: answer.status_code for name, answer in {**looked, **acted}.items()}


def test_a_session_is_run_by_its_host_and_hidden_from_strangers(
    client: FlaskClient,
    browser_of: BrowserOf,
    planned: LiveSession,
    bob: Person,
    charlie: Person,
    dora: Person,
) -> None:
    everything = [*LOOKING, *(f"POST {name}" for name in ACTING)]

    member = answers(browser_of(dora), planned)
    assert member.pop("console") == 200
    assert set(member.values()) == {403}
    assert answers(browser_of(bob), planned) == dict.fromkeys(everything, 404)
    assert answers(browser_of(charlie), planned) == dict.fromkeys(everything, 403)
    assert answers(client, planned) == dict.fromkeys(everything, 303)


def test_the_studio_is_for_members_and_guests_log_in(
    client: FlaskClient,
    browser_of: BrowserOf,
    planned: LiveSession,
    bob: Person,
    charlie: Person,
) -> None:
    assert "蜜薯当面掰" not in browser_of(bob).get("/studio/sessions").text
    for url in ("/studio/sessions", "/studio/sessions/new"):
        assert browser_of(charlie).get(url).status_code == 403
        assert "/account/login" in client.get(url).location


@pytest.mark.parametrize("wrong", ["0", str(10**20), "³", "-1", "x", "999"])
def test_bad_ids_are_not_found(
    browser_of: BrowserOf, alice: Person, wrong: str
) -> None:
    browser = browser_of(alice)

    assert browser.get(f"/studio/sessions/{wrong}/console").status_code == 404
    for name in ("start", "key", "messages/1/hide"):
        assert browser.post(f"/studio/sessions/{wrong}/{name}").status_code == 404


def test_wrong_methods_are_refused(
    browser_of: BrowserOf, alice: Person, planned: LiveSession
) -> None:
    browser = browser_of(alice)

    for name in set(ACTING) - {"edit"}:
        assert browser.get(f"/studio/sessions/{planned.id}/{name}").status_code == 405
    for url in ("/live", f"/live/{planned.slug}", "/studio/sessions"):
        assert browser.post(url).status_code == 405
    assert browser.get(f"/live/{planned.slug}/messages").status_code == 405


def test_the_host_pins_and_the_room_shows_it(
    browser_of: BrowserOf,
    client: FlaskClient,
    alice: Person,
    goods: Goods,
    planned: LiveSession,
) -> None:
    browser = browser_of(alice)
    console = f"/studio/sessions/{planned.id}"

    assert browser.post(f"{console}/start").status_code == 303
    pin = browser.post(f"{console}/pins", data={"product_id": goods.id})
    assert pin.status_code == 303

    page = client.get(f"/live/{planned.slug}").text
    assert "正在讲解" in page
    assert 'name="pin" value="2"' in page
    assert browser.post(f"{console}/pins/clear").status_code == 303
    assert 'name="pin" value="2"' not in client.get(f"/live/{planned.slug}").text
    assert browser.post(f"{console}/end").status_code == 303
    assert browser.post(f"{console}/end").status_code == 409


@pytest.mark.parametrize("product_id", ["", "³", "0", "-1", str(10**20), "abc"])
def test_a_pin_of_nonsense_is_refused(
    browser_of: BrowserOf, alice: Person, planned: LiveSession, product_id: str
) -> None:
    answer = browser_of(alice).post(
        f"/studio/sessions/{planned.id}/pins", data={"product_id": product_id}
    )

    assert answer.status_code == 400


def test_calling_off_needs_a_reason(
    browser_of: BrowserOf, alice: Person, planned: LiveSession
) -> None:
    browser = browser_of(alice)
    url = f"/studio/sessions/{planned.id}/cancel"

    assert browser.post(url, data={"reason": ""}).status_code == 422
    assert browser.post(url, data={"reason": "下雨"}).status_code == 303


def test_a_longer_line_up_costs_no_more_queries(
    app: Flask,
    client: FlaskClient,
    place: Place,
    alice: Person,
    goods: Goods,
    planned: LiveSession,
) -> None:
    with writing(app):
        more = [make_goods(place, alice, name=f"姜{i}") for i in range(6)]
        long_slug = make_session(place, alice, goods, *more).slug

    def cost(url: str) -> int:
        with app.app_context(), count_queries() as statements:
            assert client.get(url).status_code == 200
        return len(statements)

    assert cost(f"/live/{long_slug}") == cost(f"/live/{planned.slug}")


def go_live(app: Flask, planned: LiveSession, host: Person) -> None:
    with writing(app):
        running.go_live(actor_of(host), planned.id)


def test_the_only_room_on_air_fills_its_row(
    app: Flask, client: FlaskClient, alice: Person, planned: LiveSession
) -> None:
    go_live(app, planned, alice)

    page = client.get("/live").text

    assert "only-one" in page
    assert "进直播间" in page


def test_a_rehearsal_and_the_air_have_their_own_words(
    app: Flask, browser_of: BrowserOf, alice: Person, planned: LiveSession
) -> None:
    address = f"/studio/sessions/{planned.id}/console"
    rehearsal = browser_of(alice).get(address).text
    go_live(app, planned, alice)
    on_air = browser_of(alice).get(address).text

    assert 'data-while="live" hidden' in rehearsal
    assert 'data-while="planned" hidden' not in rehearsal
    assert 'data-while="planned" hidden' in on_air
    assert 'data-while="live" hidden' not in on_air


def test_a_session_that_began_early_shows_when(
    app: Flask, browser_of: BrowserOf, alice: Person, planned: LiveSession
) -> None:
    browser = browser_of(alice)
    browser.post(f"/studio/sessions/{planned.id}/start")
    with app.app_context():
        session = db.session.get_one(LiveSession, planned.id)
        began, meant = session.started_at, local_time(session.starts_at)
    page = browser.get("/studio/sessions").text
    assert began is not None
    assert f"<time>{began.astimezone(SHANGHAI):%H:%M}<small>" in page
    assert f"原定 {meant}" in page


def test_a_room_shows_the_stock_of_the_box_whose_price_it_shows(
    app: Flask, place: Place, alice: Person, client: FlaskClient
) -> None:
    draft = listing(place, name="大姜", price_fen=2_990, stock=12)
    small = draft.boxes[0]
    big = replace(small, name="10 斤装", weight_g=5_000, price_fen=4_990, stock=5)
    with writing(app):
        made = list_goods(place, alice, replace(draft, boxes=(small, big)))
        slug = make_session(place, alice, Goods(made, "", 0)).slug

    page = client.get(f"/live/{slug}").text
    assert "只剩 12 箱" in page
    assert "17 箱" not in page
    assert "10 斤装 ¥49.90 · 剩 5" in page
