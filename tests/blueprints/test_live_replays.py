"""Replays are found from where people look: a product, the schedule, the room."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient

from commands.worker.cli import load_handlers
from commands.worker.deadline import Stopper
from commands.worker.loop import work_until_empty
from core import clock
from core.access import Actor
from core.clock import millis, now
from domain.live import Platform
from integrations.media_server import Recording
from models.live import LiveSession
from queries.live.rooms import get_session
from services.live import announcing
from services.live.running import end_session, go_live, keep_recording, pin
from tests.support.factories import Goods, Person, Place, actor_of
from tests.support.listener import Listener
from tests.support.people import writing
from tests.support.queries import count_queries
from tests.support.studio import make_room, make_session

COMING = "回放正在做"
PRODUCT_PAGE_COSTS = 13
"""Statements; more of them need a reason."""


@pytest.fixture
def app(make_app: Callable[..., Flask], database_url: str, listener: Listener) -> Flask:
    return make_app(database_url, MEDIA_URL=listener.url)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """No thread asks the database beside the test."""
    with announcing.unannounced():
        yield


def hold(
    app: Flask, place: Place, host: Person, goods: Goods, *, lasts_ms: int
) -> tuple[int, str]:
    """A session that showed its product from 3:12 on: its id and slug."""
    begun = now() - timedelta(hours=1)
    with clock.at(begun), writing(app):
        room = make_room(place, host, goods)
        session_id, slug = room.id, room.slug
    shown = begun + timedelta(minutes=3, seconds=12)
    with clock.at(shown), writing(app):
        pin(actor_of(host), session_id, goods.id)
    with writing(app):
        end_session(actor_of(host), session_id)
        take = {"started_at_ms": millis(begun), "duration_ms": lasts_ms}
        keep_recording(session_id, slug, Recording(lasts_ms, [take]))
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


@pytest.fixture
def ended(app: Flask, place: Place, alice: Person, goods: Goods) -> str:
    """The slug of a session that ended a minute ago."""
    return end_just_now(app, make_session, place, alice, goods)


def end_just_now(app: Flask, plan: Callable[..., LiveSession], *what: object) -> str:
    with clock.at(now() - timedelta(minutes=1)), writing(app):
        session = plan(*what)
        host = Actor(session.host_id, is_house=True)
        go_live(host, session.id)
        end_session(host, session.id)
        return session.slug


def test_the_host_is_led_to_the_replay(
    browser_of: Callable[[Person], FlaskClient],
    app: Flask,
    place: Place,
    alice: Person,
    goods: Goods,
    ended: str,
) -> None:
    host = browser_of(alice)
    session_id, _slug = hold(app, place, alice, goods, lasts_ms=60_000)

    page = host.get(f"/studio/sessions/{session_id}/console").text

    assert "看回放 1:00" in page
    assert COMING not in page
    with app.app_context():
        waiting = get_session(ended).id
    assert COMING in host.get(f"/studio/sessions/{waiting}/console").text


def test_a_replay_that_is_being_made_is_announced(
    client: FlaskClient, ended: str
) -> None:
    assert COMING in client.get(f"/live/{ended}").text
    client.set_cookie("lang", "en")
    assert "The replay is being made" in client.get(f"/live/{ended}").text


def test_a_replay_is_not_promised_for_ever(client: FlaskClient, ended: str) -> None:
    with clock.at(now() + timedelta(hours=2)):
        assert COMING not in client.get(f"/live/{ended}").text


def test_the_host_is_told_that_a_replay_is_late(
    app: Flask, browser_of: Callable[[Person], FlaskClient], alice: Person, ended: str
) -> None:
    with app.app_context():
        session_id = get_session(ended).id
    host = browser_of(alice)
    with clock.at(now() + timedelta(hours=2)):
        page = host.get(f"/studio/sessions/{session_id}/console").text

    assert "回放还没做出来" in page
    assert COMING not in page


def test_a_replay_that_is_there_needs_no_promise(
    client: FlaskClient, recorded: str
) -> None:
    page = client.get(f"/live/{recorded}").text

    assert "replay.mp4" in page
    assert COMING not in page


def test_what_was_never_filmed_is_not_promised(
    app: Flask, client: FlaskClient, ended: str, listener: Listener
) -> None:
    listener.recording = {"ready": True, "duration_ms": 0, "takes": []}
    load_handlers()
    with app.app_context():
        work_until_empty(Stopper())

    page = client.get(f"/live/{ended}").text

    assert COMING not in page
    assert "replay.mp4" not in page
    assert "这场播完了" in page


def test_another_platforms_replay_is_not_promised(
    app: Flask,
    client: FlaskClient,
    place: Place,
    alice: Person,
    goods: Goods,
    ended: str,
) -> None:
    plan = partial(make_session, where=Platform.DOUYIN)
    elsewhere = end_just_now(app, plan, place, alice, goods)

    assert COMING not in client.get(f"/live/{elsewhere}").text
    assert COMING in client.get(f"/live/{ended}").text
