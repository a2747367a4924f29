"""Replays are found from where people look: a product, the schedule, the room."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core import clock
from core.clock import now
from integrations.media_server import Recording
from services import live
from services.live import millis
from tests.support.factories import Goods, Person, Place
from tests.support.people import writing
from tests.support.queries import count_queries
from tests.support.studio import make_room, session_of

PRODUCT_PAGE_COSTS = 13
"""Statements; more of them need a reason."""


@pytest.fixture
def app(make_app: Callable[..., Flask], database_url: str) -> Flask:
    return make_app(
        database_url,
        MEDIA_URL="https://media.example/m",
        MEDIA_INTERNAL_URL="http://127.0.0.1:1",
    )


def hold(
    app: Flask, place: Place, host: Person, goods: Goods, *, lasts_ms: int
) -> tuple[int, str]:
    """A session that showed its product from 3:12 on: its id and slug."""
    begun = now() - timedelta(hours=1)
    with clock.at(begun), writing(app), live.unannounced():
        room = make_room(place, host, goods)
        session_id, slug = room.id, room.slug
    shown = begun + timedelta(minutes=3, seconds=12)
    with clock.at(shown), writing(app), live.unannounced():
        live.pin(session_of(session_id), goods.id, by=host.id)
    with writing(app), live.unannounced():
        live.end(session_of(session_id), by=host.id)
        take = {"started_at_ms": millis(begun), "duration_ms": lasts_ms}
        live.keep_recording(session_id, slug, Recording(lasts_ms, [take]))
    return session_id, slug


@pytest.fixture
def recorded(app: Flask, place: Place, alice: Person, goods: Goods) -> str:
    """The slug of a session whose recording is an hour long."""
    return hold(app, place, alice, goods, lasts_ms=3_600_000)[1]


def test_a_product_leads_to_the_second_that_explains_it(
    client: FlaskClient, goods: Goods, recorded: str
) -> None:
    page = client.get(f"/products/{goods.slug}").text

    assert f'href="/live/{recorded}?at=2"' in page
    assert "主播讲过这件：看回放 3:12" in page


def test_a_product_leads_to_its_replay_in_english(
    client: FlaskClient, goods: Goods, recorded: str
) -> None:
    client.set_cookie("lang", "en")

    page = client.get(f"/products/{goods.slug}").text

    assert f'href="/live/{recorded}?at=2"' in page
    assert "See the host explain it: replay at 3:12" in page


def test_a_products_page_costs_no_more_statements_with_replays(
    app: Flask, client: FlaskClient, place: Place, alice: Person, goods: Goods
) -> None:
    def cost() -> int:
        with app.app_context(), count_queries() as statements:
            assert client.get(f"/products/{goods.slug}").status_code == 200
        return len(statements)

    without = cost()
    for _time in range(3):
        hold(app, place, alice, goods, lasts_ms=600_000)

    assert cost() == without <= PRODUCT_PAGE_COSTS


def test_without_a_media_server_nothing_leads_to_a_recording(
    make_app: Callable[..., Flask], database_url: str, goods: Goods, recorded: str
) -> None:
    client = make_app(database_url).test_client()

    assert "看回放" not in client.get(f"/products/{goods.slug}").text


def test_the_schedule_says_which_sessions_can_be_seen_again(
    app: Flask, client: FlaskClient, place: Place, alice: Person, goods: Goods
) -> None:
    _id, empty = hold(app, place, alice, goods, lasts_ms=0)
    _id, whole = hold(app, place, alice, goods, lasts_ms=3_723_000)

    cards = client.get("/live").text.split("<article")[1:]

    [with_replay] = [card for card in cards if f"/live/{whole}" in card]
    [without] = [card for card in cards if f"/live/{empty}" in card]
    assert "有回放 1:02:03" in with_replay
    assert "有回放" not in without
    assert "已结束" in without


def test_without_a_media_server_no_session_can_be_seen_again(
    make_app: Callable[..., Flask], database_url: str, recorded: str
) -> None:
    page = make_app(database_url).test_client().get("/live").text

    assert f"/live/{recorded}" in page
    assert "有回放" not in page


def test_an_empty_recording_is_no_replay(
    app: Flask, client: FlaskClient, place: Place, alice: Person, goods: Goods
) -> None:
    _id, slug = hold(app, place, alice, goods, lasts_ms=0)

    assert "replay.mp4" not in client.get(f"/live/{slug}").text
    assert client.get(f"/live/{slug}/replay").status_code == 404
    assert "看回放" not in client.get(f"/products/{goods.slug}").text
