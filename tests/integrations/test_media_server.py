"""The media server as the house talks to it: over real sockets, and through Redis."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from flask import Flask
from redis import Redis

from integrations.announcer import (
    MOST_SUBJECTS,
    MOST_WAITING,
    Announcer,
    Reader,
    find_announcer,
)
from integrations.media_server import (
    Announcement,
    HttpMedia,
    MediaDown,
    Recording,
    RedisMedia,
    media_server,
)
from scripts.processes import free_port
from tests.support.databases import SECRET
from tests.support.listener import PATIENCE_S, Listener

MakeApp = Callable[..., Flask]
Announce = Callable[..., Announcer]
PIN = Announcement("honey", "pin", {"seq": 2, "product_id": 7})
STATE = Announcement("honey", "state", {"state": "live", "at_ms": 1})


@pytest.fixture
def http(listener: Listener) -> HttpMedia:
    return HttpMedia(listener.url, SECRET)


def test_news_is_told_in_its_order(http: HttpMedia, listener: Listener) -> None:
    http.announce("honey", [STATE, PIN])

    assert listener.heard == [
        ("honey", "state", {"state": "live", "at_ms": 1}),
        ("honey", "pin", {"seq": 2, "product_id": 7}),
    ]
    assert listener.refused == []


def test_another_houses_key_opens_nothing(listener: Listener) -> None:
    foreign = HttpMedia(listener.url, "another secret of 32 characters or more")

    with pytest.raises(MediaDown, match="403"):
        foreign.announce("honey", [PIN])
    assert listener.heard == []


def test_a_proxy_of_the_environment_is_not_asked(
    http: HttpMedia, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")

    HttpMedia(listener.url, SECRET).announce("honey", [PIN])

    assert listener.of_kind("pin")


@pytest.mark.parametrize("status", [403, 404, 422, 500, 503])
def test_a_refusal_is_an_answer_in_vain(
    http: HttpMedia, listener: Listener, status: int
) -> None:
    listener.status = status

    with pytest.raises(MediaDown, match=str(status)):
        http.announce("honey", [PIN])


def test_nobody_there_is_said_at_once() -> None:
    nobody = HttpMedia(f"http://127.0.0.1:{free_port()}", SECRET)

    with pytest.raises(MediaDown):
        nobody.announce("honey", [PIN])
    assert not nobody.is_up()


def test_a_server_that_hangs_is_not_waited_for(
    http: HttpMedia, listener: Listener
) -> None:
    listener.may_answer.clear()
    began = time.monotonic()

    with pytest.raises(MediaDown):
        http.announce("honey", [PIN])
    assert time.monotonic() - began < 4


def test_it_is_up_when_it_says_so(http: HttpMedia) -> None:
    assert http.is_up()


def test_a_recording_is_found_once_it_is_ready(
    http: HttpMedia, listener: Listener
) -> None:
    assert http.find_recording("honey") is None
    listener.recording = {"ready": False}
    assert http.find_recording("honey") is None
    takes = [{"started_at_ms": 5, "duration_ms": 1000}]
    listener.recording = {"ready": True, "duration_ms": 1000, "takes": takes}

    assert http.find_recording("honey") == Recording(1000, takes)


@pytest.mark.parametrize(
    "nonsense",
    [
        [],
        "ready",
        {"ready": True},
        {"ready": True, "duration_ms": "x", "takes": []},
        {"ready": True, "duration_ms": 1, "takes": [{"started_at_ms": None}]},
        {"ready": True, "duration_ms": 1, "takes": 7},
    ],
)
def test_nonsense_is_no_recording(
    http: HttpMedia, listener: Listener, nonsense: object
) -> None:
    listener.recording = nonsense

    with pytest.raises(MediaDown):
        http.find_recording("honey")


def test_redis_carries_news_to_whoever_listens(redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis, redis.pubsub() as heard:
        heard.psubscribe("tianbo:room:*")
        heard.get_message(timeout=2)
        RedisMedia(redis_url).announce("honey", [STATE, PIN])
        message = heard.get_message(timeout=2)

    assert message is not None
    assert message["channel"] == b"tianbo:room:honey"
    assert json.loads(message["data"]) == [
        {"kind": "state", "data": {"state": "live", "at_ms": 1}},
        {"kind": "pin", "data": {"seq": 2, "product_id": 7}},
    ]


def test_redis_may_be_away() -> None:
    with pytest.raises(MediaDown):
        RedisMedia(f"redis://127.0.0.1:{free_port()}/0").announce("honey", [PIN])


def test_the_settings_say_who_is_told(
    make_app: MakeApp, database_url: str, redis_url: str
) -> None:
    def told(**settings: str) -> type:
        return type(media_server(make_app(database_url, **settings).config["TIANBO"]))

    media_url = "http://127.0.0.1:9000"
    assert told(MEDIA_URL=media_url) is HttpMedia
    assert told(MEDIA_URL=media_url, REDIS_URL=redis_url) is RedisMedia


def read_nothing(_subjects: object) -> Sequence[Announcement]:
    return ()


@pytest.fixture
def media_app(make_app: MakeApp, database_url: str, listener: Listener) -> Flask:
    return make_app(
        database_url,
        MEDIA_URL="http://media.example",
        MEDIA_INTERNAL_URL=listener.url,
    )


@pytest.fixture
def announcing(media_app: Flask) -> Iterator[Announce]:
    """Announcers that end with the test: the next one would hear what they tell."""
    made: list[Announcer] = []

    def make(read: Reader, **times: float) -> Announcer:
        made.append(Announcer(media_app, read, **times))
        return made[-1]

    yield make
    for announcer in made:
        announcer.finish(PATIENCE_S)


def news(number: int) -> Announcement:
    return Announcement("honey", "hide", {"seq": number})


def told(listener: Listener) -> list[int]:
    return [data["seq"] for data in listener.of_kind("hide")]


def test_the_announcer_tells_everything_in_order(
    announcing: Announce, listener: Listener
) -> None:
    announcer = announcing(read_nothing)

    for number in range(500):
        announcer.tell(news(number))
    listener.wait(lambda: len(listener.heard) == 500)

    assert told(listener) == list(range(500))
    assert listener.posts < 100


def test_telling_never_waits(announcing: Announce, listener: Listener) -> None:
    listener.may_answer.clear()
    announcer = announcing(read_nothing)
    began = time.monotonic()

    for number in range(5 * MOST_WAITING):
        announcer.tell(news(number))

    assert time.monotonic() - began < 1
    listener.may_answer.set()


def test_what_is_too_much_is_dropped_and_noted(
    announcing: Announce,
    listener: Listener,
    capsys: pytest.CaptureFixture[str],
) -> None:
    listener.may_answer.clear()
    announcer = announcing(read_nothing)
    announcer.tell(news(0))
    listener.wait(lambda: listener.posts)
    for number in range(1, MOST_WAITING + 6):
        announcer.tell(news(number))
    listener.may_answer.set()
    listener.wait(lambda: len(listener.heard) == MOST_WAITING + 1)
    announcer.finish(PATIENCE_S)

    assert told(listener) == list(range(MOST_WAITING + 1))
    assert '"count": 5' in capsys.readouterr().err


def test_many_changes_of_one_thing_are_one_look(
    announcing: Announce, listener: Listener
) -> None:
    looks: list[list[Any]] = []

    def read(subjects: Any) -> Sequence[Announcement]:
        looks.append(list(subjects))
        return [news(subject) for subject in subjects]

    announcer = announcing(read)
    for _time in range(2_000):
        announcer.look([1, 2])
    listener.wait(lambda: len(listener.heard) >= 2)
    announcer.finish(PATIENCE_S)

    assert len(looks) < 100
    assert all(set(look) <= {1, 2} for look in looks)


def test_subjects_are_bounded_too(announcing: Announce, listener: Listener) -> None:
    listener.may_answer.clear()
    announcer = announcing(lambda subjects: [news(one) for one in subjects])
    announcer.look([0])
    listener.wait(lambda: listener.posts)
    announcer.look(range(1, MOST_SUBJECTS + 100))
    listener.may_answer.set()
    listener.wait(lambda: len(listener.heard) == MOST_SUBJECTS + 1)


def test_news_goes_on_once_the_server_is_back(
    announcing: Announce,
    listener: Listener,
    capsys: pytest.CaptureFixture[str],
) -> None:
    announcer = announcing(read_nothing)
    listener.status = 503
    announcer.tell(news(1))
    listener.wait(lambda: listener.posts)
    listener.status = 204
    announcer.tell(news(2))
    listener.wait(lambda: listener.heard)

    assert told(listener) == [2]
    assert "announcements dropped" in capsys.readouterr().err


def test_an_error_in_reading_stops_nothing(
    announcing: Announce,
    listener: Listener,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(_subjects: object) -> Sequence[Announcement]:
        raise ArithmeticError

    announcer = announcing(fail)
    announcer.look([1])
    announcer.tell(news(1))
    listener.wait(lambda: listener.heard)
    announcer.tell(news(2))
    listener.wait(lambda: told(listener) == [1, 2])

    assert "ArithmeticError" in capsys.readouterr().err


def test_the_thread_ends_when_there_is_nothing_to_say(
    announcing: Announce, listener: Listener
) -> None:
    announcer = announcing(read_nothing, linger_s=0.05)

    for number in (1, 2):
        announcer.tell(news(number))
        listener.wait_for("hide", seq=number)
        listener.wait(lambda: announcer.is_idle)


def test_each_process_has_one_announcer(media_app: Flask) -> None:
    with media_app.app_context():
        assert find_announcer(read_nothing) is find_announcer(read_nothing)


def test_a_house_without_media_has_none(app: Flask) -> None:
    with app.app_context():
        assert find_announcer(read_nothing) is None
