"""In step with the web process: lost announcements heal, nothing is invented."""

import json
import time
from contextlib import ExitStack
from typing import NamedTuple

import pytest

from tests.support.event_reader import Event
from tests.support.little_web import LittleWeb
from tests.support.media_server import Media, chat

PATIENCE_S = 10.0
"""A round of asking is 2 s here; see tests.support.quick_media."""

PINNED = {"seq": 5, "product_id": 1}
SOLD_OUT = {"variant_id": 11, "price_fen": 1990, "stock": 0}


def line(seq: int) -> dict[str, object]:
    """A line of chat as it is in the database."""
    return chat(seq)[1]


CHANGES: dict[str, dict[str, object]] = {
    "lossy": {
        "state": "live",
        "pin": {"seq": 7, "product_id": 2},
        "offers": [{"product_id": 1, "listed": False, "boxes": [SOLD_OUT]}],
        "chat": [line(4), line(6)],
    },
    "unpinned": {"pin": None},
    "emptied": {"offers": []},
    "moved": {"starts_at_ms": 1_795_600_000_000},
    "same": {},
}
"""What happens in the database of each room without an announcement."""


class Told(NamedTuple):
    """What was heard in each room, and how often the web process was asked for it."""

    events: dict[str, list[Event]]
    times_asked: dict[str, int]


@pytest.fixture(scope="module")
def told(little_web: LittleWeb, media: Media) -> Told:
    """What the readers of those rooms hear within a round of asking."""
    little_web.answer = None
    with ExitStack() as stack:
        readers = {}
        for slug in (*CHANGES, "left"):
            little_web.open_room(
                slug, state="planned", pin=PINNED, chat=[line(3), line(4)]
            )
            readers[slug] = stack.enter_context(media.listen(slug))
            readers[slug].hear("snapshot")
        readers.pop("left").close()
        for slug, change in CHANGES.items():
            little_web.rooms[slug] |= change
        deadline = time.monotonic() + PATIENCE_S
        while any(little_web.times_asked(slug) < 2 for slug in CHANGES):
            assert time.monotonic() < deadline, "not asked again"
            time.sleep(0.05)
        asked = {slug: little_web.times_asked(slug) for slug in (*CHANGES, "left")}
        heard = {slug: one.heard_so_far() for slug, one in readers.items()}
        return Told(heard, asked)


def test_whatever_announcement_was_lost_is_told_later(
    told: Told,
) -> None:
    heard = {event.kind: event.data for event in told.events["lossy"]}

    assert heard["hide"] == {"seq": 3}
    assert heard["state"]["state"] == "live"
    assert heard["pin"] == {"seq": 7, "product_id": 2}
    assert heard["price"]["price_fen"] == 1990
    assert heard["stock"].items() >= {"stock": 0, "listed": False}.items()
    assert heard["chat"] == line(6)
    assert "snapshot" not in heard


@pytest.mark.parametrize("slug", ["unpinned", "emptied", "moved"])
def test_what_no_news_can_say_is_told_as_a_snapshot(told: Told, slug: str) -> None:
    [snapshot] = [event for event in told.events[slug] if event.kind == "snapshot"]

    assert snapshot.number
    assert snapshot.data.items() >= CHANGES[slug].items()


def test_what_is_the_same_is_no_news(told: Told) -> None:
    assert {event.kind for event in told.events["same"]} <= {"viewers"}


def test_a_room_in_use_is_asked_for_and_an_empty_one_is_not(
    told: Told,
) -> None:
    assert told.times_asked["same"] == 2
    assert told.times_asked["left"] == 1


def test_a_room_that_was_empty_is_asked_for_before_anyone_is_told(
    told: Told, media: Media, web: LittleWeb
) -> None:
    web.rooms["left"]["pin"] = {"seq": 9, "product_id": 2}
    with media.listen("left") as ann:
        assert ann.hear("snapshot").data["pin"] == {"seq": 9, "product_id": 2}


def test_while_the_web_process_is_away_nothing_is_invented(
    media: Media, web: LittleWeb
) -> None:
    web.open_room("patient-room", chat=[line(1)])
    web.answer = 503, b"away"
    with media.listen("patient-room") as ann:
        media.announce("patient-room", chat(1))
        assert ann.hear().kind in ("viewers", "chat")
        web.answer = None
        told = ann.hear("snapshot")

    assert told.data["state"] == "live"
    assert told.data["chat"] == [line(1)]


@pytest.mark.parametrize(
    "answer",
    [
        (200, b""),
        (200, b"[]"),
        (200, b"<html>"),
        (200, b"[" * 100_000),
        (200, json.dumps({"at_ms": 1, "state": "live"}).encode()),
        (500, b"{}"),
        (302, b""),
    ],
)
def test_an_answer_that_makes_no_sense_changes_nothing(
    media: Media, web: LittleWeb, room: str, answer: tuple[int, bytes]
) -> None:
    web.answer = answer
    with media.listen(room) as ann:
        assert ann.status == 200
        web.answer = None
        assert ann.hear("snapshot").data["state"] == "live"


def test_many_who_come_at_once_ask_once(media: Media, web: LittleWeb) -> None:
    web.open_room("crowded")
    with ExitStack() as stack:
        for number in range(40):
            reader = stack.enter_context(media.listen("crowded", f"v{number}"))
            assert reader.hear("snapshot").data["state"] == "live"

    assert web.times_asked("crowded") == 1


def test_the_web_process_is_asked_by_its_public_name(
    media: Media, web: LittleWeb, room: str
) -> None:
    with media.listen(room) as ann:
        ann.hear("snapshot")

    assert web.hosts[-1] == "127.0.0.1:8000"
