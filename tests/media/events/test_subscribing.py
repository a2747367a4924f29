"""Listening to a room over HTTP: who may, what comes first, what comes back."""

from datetime import timedelta
from http.client import HTTPConnection

import pytest

from core.room_tokens import Purpose
from scripts.processes import LOCAL
from tests.support.event_reader import EventReader
from tests.support.little_web import OFFER, LittleWeb
from tests.support.media_server import Media, chat, token_for


def test_a_reader_first_hears_how_the_room_stands(media: Media, room: str) -> None:
    with media.listen(room) as ann:
        first = ann.hear()

    assert first.kind == "snapshot"
    assert first.data.pop("at_ms") > 1_700_000_000_000
    assert first.data == {
        "state": "live",
        "starts_at_ms": 1_795_500_000_000,
        "pin": None,
        "offers": [OFFER],
        "chat": [],
        "viewers": 1,
        "likes": 0,
        "video": {"on": False},
    }


def test_nothing_keeps_or_holds_back_the_answer(media: Media, room: str) -> None:
    with media.listen(room) as ann:
        headers = ann.response.headers
        ann.hear("snapshot")

    assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Accel-Buffering"] == "no"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert 1_000 <= ann.retries[0] <= 3_000


def test_everyone_hears_news_at_once(media: Media, room: str) -> None:
    with media.listen(room, "ann") as ann, media.listen(room, "bob") as bob:
        media.announce(room, ("pin", {"seq": 4, "product_id": 1}), chat(5))

        for reader in (ann, bob):
            assert reader.hear("pin").data == {"seq": 4, "product_id": 1}
            assert reader.hear("chat").data["text"] == "新鲜吗？"


def test_who_comes_back_hears_what_was_missed(media: Media, room: str) -> None:
    with media.listen(room) as ann:
        media.announce(room, chat(1))
        ann.hear("chat")
    media.announce(room, chat(2), ("pin", {"seq": 3, "product_id": 1}))

    with media.listen(room, last_event_id=ann.last_id) as ann:
        heard = [ann.hear(), ann.hear()]

    assert [event.kind for event in heard] == ["chat", "pin"]
    assert heard[0].data["seq"] == 2


def test_who_comes_back_hears_the_counts_of_now(media: Media, room: str) -> None:
    with media.listen(room) as ann:
        last_id = ann.hear("snapshot").number

    with media.listen(room, "bob"), media.listen(room, "ann", last_id) as ann:
        assert ann.hear("viewers").data == {"count": 2}
        assert ann.hear("likes").data == {"count": 0}


def test_who_missed_too_much_gets_a_snapshot(media: Media, room: str) -> None:
    with media.listen(room) as ann:
        last_id = ann.hear("snapshot").number
        pins = [("pin", {"seq": seq, "product_id": 1}) for seq in range(1, 521)]
        media.announce(room, *pins)

    with media.listen(room, last_event_id=last_id) as ann:
        assert ann.hear().data["pin"] == {"seq": 520, "product_id": 1}


@pytest.mark.parametrize(
    "odd",
    ["", "7", "-", "x-1", "0badf00d-1", "{epoch}-99", "{epoch}--1", "{epoch}-³"]
    + ["{epoch}-" + "9" * 4_000, "%00", "<b>-1", "é-1"],
)
def test_an_odd_last_event_id_gets_a_snapshot(
    media: Media, room: str, odd: str
) -> None:
    with media.listen(room) as ann:
        epoch = ann.hear("snapshot").number.partition("-")[0]

    with media.listen(room, last_event_id=odd.format(epoch=epoch)) as ann:
        assert ann.status == 200
        assert ann.hear().kind == "snapshot"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "forged",
        token_for("another-room", Purpose.WATCH),
        token_for("honey", Purpose.PUBLISH),
        token_for("honey", Purpose.SERVE),
        token_for("honey", Purpose.WATCH, lasts=timedelta(seconds=-1)),
        token_for("honey", Purpose.WATCH) + "x",
        "x" * 10_000,
    ],
    ids="none forged room publish serve expired longer long".split(),
)
def test_without_a_good_pass_nobody_listens(media: Media, token: str) -> None:
    with EventReader(media.port, "honey", token) as stranger:
        assert stranger.status == 403


def test_an_unknown_room_is_not_found_twice(media: Media, web: LittleWeb) -> None:
    for _time in range(2):
        with media.listen("no-such-room") as ann:
            assert ann.status == 404


def test_head_has_no_body_and_ends(media: Media, room: str) -> None:
    connection = HTTPConnection(LOCAL, media.port, timeout=5)
    token = token_for(room, Purpose.WATCH)
    connection.request("HEAD", f"/rooms/{room}/events?token={token}")
    answer = connection.getresponse()

    assert answer.status == 200
    assert answer.read() == b""
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    connection.close()


def test_people_are_counted_once_and_hosts_not(media: Media, room: str) -> None:
    with (
        media.host(room),
        media.listen(room, "ann"),
        media.listen(room, "ann"),
        media.listen(room, "bob"),
        media.listen(room, "cid") as cid,
    ):
        assert cid.hear("snapshot").data["viewers"] == 3


def test_who_leaves_is_no_longer_counted(media: Media, room: str) -> None:
    with media.listen(room, "ann") as ann:
        with media.listen(room, "bob") as bob:
            bob.hear("snapshot")
            while ann.hear("viewers").data["count"] != 2:
                pass
        assert ann.hear("viewers").data == {"count": 1}
