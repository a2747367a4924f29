"""What scripts and the media server ask of a room: state, passes, replay."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core import clock
from core.clock import now
from core.room_tokens import BadToken, Pass, Purpose, check
from domain.live import Platform
from integrations.media_server import Recording
from models.live import LiveSession
from services.live import running
from services.live.announcing import unannounced
from services.live.running import keep_recording
from tests.support.databases import SECRET
from tests.support.factories import Goods, Person, Place, actor_of, make_goods
from tests.support.people import sign_in, writing
from tests.support.queries import count_queries
from tests.support.studio import detached, make_room, make_session, session_of, speak

BrowserOf = Callable[[Person], FlaskClient]
MEDIA = "https://live.example.org/media"
RTMP = "rtmp://live.example.org/live"


@pytest.fixture
def app(make_app: Callable[..., Flask], database_url: str) -> Flask:
    """A house whose media server is announced and away."""
    nobody = "http://127.0.0.1:9"
    return make_app(
        database_url, MEDIA_URL=MEDIA, MEDIA_INTERNAL_URL=nobody, RTMP_URL=RTMP
    )


def pass_in(address: str, room: str, purpose: Purpose) -> Pass:
    [token] = parse_qs(urlsplit(address).query)["token"]
    return check(SECRET, token, room, purpose)


def test_the_state_says_all_that_changes(
    app: Flask, client: FlaskClient, room: LiveSession, alice: Person, goods: Goods
) -> None:
    began = int(now().timestamp() * 1000)
    with writing(app):
        running.pin(actor_of(alice), room.id, goods.id)
        line = speak(room.id, alice, "开播啦")

    answer = client.get(f"/live/{room.slug}/state")

    found = answer.get_json()
    assert found.pop("at_ms") >= began
    assert len(found.pop("runners")) == 2  # as member, and as lead
    assert found == {
        "state": "live",
        "starts_at_ms": int(room.starts_at.timestamp() * 1000),
        "key": 1,
        "pin": {"seq": 2, "product_id": goods.id},
        "offers": [
            {
                "product_id": goods.id,
                "listed": True,
                "boxes": [
                    {"variant_id": goods.variant_id, "price_fen": 2_990, "stock": 100}
                ],
            }
        ],
        "chat": [line.to_json()],
    }
    assert answer.headers["Cache-Control"] == "public, max-age=1"
    assert not answer.headers.getlist("Set-Cookie")


def test_the_state_is_the_same_for_everyone(
    client: FlaskClient, browser_of: BrowserOf, alice: Person, room: LiveSession
) -> None:
    with clock.at(now()):
        mine, theirs = (
            browser.get(f"/live/{room.slug}/state").get_json()
            for browser in (browser_of(alice), client)
        )

    assert mine == theirs


def test_the_state_costs_three_statements_whatever_the_line_up(
    app: Flask, client: FlaskClient, place: Place, alice: Person, goods: Goods
) -> None:
    with unannounced(), writing(app):
        more = [make_goods(place, alice, name=f"姜{i}") for i in range(6)]
        slug = make_room(place, alice, goods, *more).slug

    with app.app_context(), count_queries() as statements:
        found = client.get(f"/live/{slug}/state").get_json()

    assert len([line for line in statements if line.startswith("SELECT")]) == 3
    assert [offer["product_id"] for offer in found["offers"]] == [
        goods.id,
        *(each.id for each in more),
    ]


def test_a_product_out_of_the_shop_offers_no_boxes(
    app: Flask, client: FlaskClient, room: LiveSession, goods: Goods
) -> None:
    with writing(app) as session:
        from models.catalogue import Product

        session.query(Product).update({"state": "withdrawn"})

    [offer] = client.get(f"/live/{room.slug}/state").get_json()["offers"]
    assert offer == {"product_id": goods.id, "listed": False, "boxes": []}


def test_a_ticket_lets_its_reader_watch(client: FlaskClient, room: LiveSession) -> None:
    answer = client.get(f"/live/{room.slug}/ticket")

    ticket = answer.get_json()
    assert answer.headers["Cache-Control"] == "no-store"
    granted = pass_in(ticket["events_url"], room.slug, Purpose.WATCH)
    assert pass_in(ticket["likes_url"], room.slug, Purpose.WATCH) == granted
    assert timedelta(minutes=14) < granted.until - now() <= timedelta(minutes=15)
    assert abs(ticket["until_ms"] - granted.until.timestamp() * 1000) < 2_000
    assert ticket["events_url"].startswith(f"{MEDIA}/rooms/{room.slug}/events?")
    assert ticket["video_url"] == f"{MEDIA}/rooms/{room.slug}/live.m3u8"
    assert ticket["audio_url"] == f"{MEDIA}/rooms/{room.slug}/audio.m3u8"
    assert ticket["author"] == ""
    for purpose in (Purpose.RUN, Purpose.PUBLISH, Purpose.SERVE):
        with pytest.raises(BadToken):
            pass_in(ticket["events_url"], room.slug, purpose)


def test_a_reader_is_counted_once_however_many_tickets(
    app: Flask, client: FlaskClient, room: LiveSession, charlie: Person
) -> None:
    def subject(browser: FlaskClient) -> str:
        ticket = browser.get(f"/live/{room.slug}/ticket").get_json()
        return pass_in(ticket["events_url"], room.slug, Purpose.WATCH).subject

    known = sign_in(app.test_client(), charlie)
    assert subject(known) == subject(known)
    assert subject(client) != subject(client)


def test_the_host_gets_every_pass(
    browser_of: BrowserOf, alice: Person, planned: LiveSession
) -> None:
    answer = browser_of(alice).get(f"/studio/sessions/{planned.id}/ticket")

    ticket = answer.get_json()
    assert answer.headers["Cache-Control"] == "no-store"
    for name in ("events_url", "health_url", "video_url"):
        pass_in(ticket[name], planned.slug, Purpose.RUN)
    publish = pass_in(ticket["camera_url"], planned.slug, Purpose.PUBLISH)
    assert publish.key == 1
    assert publish.until - planned.starts_at < timedelta(hours=12, seconds=1)
    assert publish.until - planned.starts_at > timedelta(hours=11)
    assert ticket["camera_url"].startswith("wss://live.example.org/media/rooms/")
    assert ticket["rtmp_url"] == RTMP
    name, _question, query = ticket["rtmp_key"].partition("?token=")
    assert (name, check(SECRET, query, planned.slug, Purpose.PUBLISH)) == (
        planned.slug,
        publish,
    )


def test_a_late_host_still_has_twelve_hours(
    browser_of: BrowserOf, alice: Person, planned: LiveSession
) -> None:
    late = planned.starts_at + timedelta(days=2)
    with clock.at(late):
        answer = browser_of(alice).get(f"/studio/sessions/{planned.id}/ticket")
        found = answer.get_json()["camera_url"]
        granted = pass_in(found, planned.slug, Purpose.PUBLISH)

    assert abs(granted.until - late - timedelta(hours=12)) < timedelta(seconds=2)


def test_a_new_key_is_in_the_next_ticket(
    browser_of: BrowserOf, client: FlaskClient, alice: Person, planned: LiveSession
) -> None:
    host = browser_of(alice)
    answer = host.post(f"/studio/sessions/{planned.id}/key")
    ticket = host.get(f"/studio/sessions/{planned.id}/ticket").get_json()

    assert answer.status_code == 303
    assert pass_in(ticket["camera_url"], planned.slug, Purpose.PUBLISH).key == 2
    assert client.get(f"/live/{planned.slug}/state").get_json()["key"] == 2


def test_a_session_that_is_over_takes_no_video(
    app: Flask,
    browser_of: BrowserOf,
    client: FlaskClient,
    alice: Person,
    room: LiveSession,
) -> None:
    with writing(app):
        running.end_session(actor_of(alice), room.id)
    host = browser_of(alice)

    ticket = host.get(f"/studio/sessions/{room.id}/ticket").get_json()
    theirs = client.get(f"/live/{room.slug}/ticket").get_json()

    assert ticket["camera_url"] is ticket["rtmp_key"] is None
    assert ticket["events_url"]
    assert {theirs[name] for name in ("events_url", "likes_url", "video_url")} == {None}
    assert host.post(f"/studio/sessions/{room.id}/key").status_code == 409


def test_another_platforms_session_has_news_and_no_video(
    app: Flask,
    browser_of: BrowserOf,
    client: FlaskClient,
    place: Place,
    alice: Person,
    goods: Goods,
) -> None:
    session = detached(
        app, lambda: make_session(place, alice, goods, where=Platform.DOUYIN)
    )
    theirs = client.get(f"/live/{session.slug}/ticket").get_json()
    mine = browser_of(alice).get(f"/studio/sessions/{session.id}/ticket").get_json()

    assert theirs["events_url"]
    assert theirs["video_url"] is mine["video_url"] is mine["camera_url"] is None


def test_a_house_without_media_says_so(
    make_app: Callable[..., Flask], database_url: str, room: LiveSession, alice: Person
) -> None:
    quiet = make_app(database_url)
    theirs = quiet.test_client().get(f"/live/{room.slug}/ticket").get_json()
    host = sign_in(quiet.test_client(), alice)
    mine = host.get(f"/studio/sessions/{room.id}/ticket").get_json()

    assert {theirs[name] for name in ("events_url", "likes_url", "video_url")} == {None}
    assert {mine[name] for name in ("events_url", "camera_url", "rtmp_key")} == {None}


@pytest.mark.parametrize("page", ["state", "ticket", "replay"])
def test_unknown_rooms_and_wrong_methods(
    client: FlaskClient, room: LiveSession, page: str
) -> None:
    for slug in ("nothing-here", "%00", "³", "a" * 300):
        assert client.get(f"/live/{slug}/{page}").status_code == 404
    assert client.post(f"/live/{room.slug}/{page}").status_code == 405


@pytest.fixture
def recorded(
    app: Flask, place: Place, alice: Person, goods: Goods
) -> tuple[LiveSession, int]:
    """An ended session of 10 minutes that showed its product from the fifth on."""
    begun = now() - timedelta(minutes=10)
    with clock.at(begun):
        session = detached(app, lambda: make_room(place, alice, goods))
    with clock.at(begun + timedelta(minutes=5)), writing(app):
        running.pin(actor_of(alice), session.id, goods.id)
    takes = [{"started_at_ms": int(begun.timestamp() * 1000), "duration_ms": 600_000}]
    with writing(app):
        running.end_session(actor_of(alice), session.id)
        keep_recording(session.id, session.slug, Recording(600_000, takes))
    return session, 2


def test_a_chapter_leads_to_its_second(
    client: FlaskClient, recorded: tuple[LiveSession, int]
) -> None:
    session, pin = recorded
    file = f"{MEDIA}/rooms/{session.slug}/replay.mp4"

    def target(query: str) -> str:
        answer = client.get(f"/live/{session.slug}/replay{query}")
        assert answer.status_code == 303
        return answer.location

    assert target(f"?at={pin}") == f"{file}#t=300"
    for nonsense in ("", "?at=", "?at=x", "?at=³", f"?at={10**30}", "?at=-1", "?at=1"):
        assert target(nonsense) == file


def test_the_page_of_an_ended_session_has_its_replay(
    app: Flask, client: FlaskClient, recorded: tuple[LiveSession, int]
) -> None:
    session, _pin = recorded

    assert client.get(f"/live/{session.slug}").status_code == 200
    with app.app_context():
        from queries.live.replays import replay_of

        found = replay_of(session_of(session.id))
    assert found is not None
    assert [chapter.clock for chapter in found.chapters] == ["5:00"]


def test_without_a_recording_there_is_no_replay(
    client: FlaskClient, room: LiveSession
) -> None:
    assert client.get(f"/live/{room.slug}/replay").status_code == 404


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_script_that_acts_stays_where_it_is(
    browser_of: BrowserOf, alice: Person, room: LiveSession, accept: str
) -> None:
    answer = browser_of(alice).post(
        f"/studio/sessions/{room.id}/pins/clear", headers={"Accept": accept}
    )

    assert answer.status_code == (204 if accept == "application/json" else 303)
