"""The door for news: what is announced is told as it is, and nothing else gets in."""

import json
from http.client import HTTPConnection

import pytest

from core.room_tokens import Purpose
from scripts.processes import LOCAL
from tests.support.little_web import LittleWeb
from tests.support.media_server import Media, chat, token_for

STOCK = {"variant_id": 11, "stock": 3, "listed": True, "at_us": 9 * 10**15}
LAST = "price", {"variant_id": 99, "price_fen": 1, "at_us": 1}
"""What is announced after something that must not be heard."""

PRICE = {"variant_id": 11, "price_fen": 1990, "at_us": 9 * 10**15}


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("stock", STOCK),
        ("price", PRICE),
        ("state", {"state": "ended", "at_ms": 1}),
        ("pin", {"seq": 1, "product_id": None}),
        ("hide", {"seq": 9}),
        chat(1),
    ],
)
def test_what_is_announced_is_told(
    media: Media, room: str, kind: str, data: dict[str, object]
) -> None:
    with media.listen(room) as ann:
        ann.hear("snapshot")
        media.announce(room, (kind, data))

        assert ann.hear(kind).data == data


def test_a_newcomer_finds_it_in_the_snapshot(media: Media, room: str) -> None:
    with media.listen(room) as ann:
        ann.hear("snapshot")
        media.announce(room, ("stock", STOCK), ("price", PRICE), chat(1), chat(2))
        media.announce(room, ("hide", {"seq": 1}))
        ann.hear("hide")

    with media.listen(room, "bob") as bob:
        told = bob.hear("snapshot").data
    assert told["offers"][0]["boxes"] == [
        {"variant_id": 11, "price_fen": 1990, "stock": 3}
    ]
    assert [line["seq"] for line in told["chat"]] == [2]


@pytest.mark.parametrize(
    ("news", "late"),
    [
        (("stock", STOCK), ("stock", STOCK | {"stock": 9, "at_us": 9 * 10**15 - 1})),
        (
            ("price", PRICE),
            ("price", PRICE | {"price_fen": 1, "at_us": 9 * 10**15 - 1}),
        ),
        (("pin", {"seq": 7, "product_id": 1}), ("pin", {"seq": 6, "product_id": 2})),
        (
            ("state", {"state": "ended", "at_ms": 2}),
            ("state", {"state": "live", "at_ms": 1}),
        ),
        (chat(7), chat(7)),
        (("hide", {"seq": 7}), chat(7)),
    ],
)
def test_late_and_doubled_news_are_none(
    media: Media,
    room: str,
    news: tuple[str, dict[str, object]],
    late: tuple[str, dict[str, object]],
) -> None:
    with media.listen(room) as ann:
        ann.hear("snapshot")
        media.announce(room, news, late, news, LAST)
        ann.hear(news[0])

        assert ann.heard_before(*LAST) <= {"viewers"}


def test_who_comes_back_is_not_told_what_was_hidden(media: Media, room: str) -> None:
    with media.listen(room) as ann:
        last_id = ann.hear("snapshot").number
    media.announce(room, chat(1, "电话 13800000000"), ("hide", {"seq": 1}))

    with media.listen(room, last_event_id=last_id) as ann:
        assert ann.hear().data["chat"] == []


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "\r\n\r\nid: 9\n", "🌾" * 9]
)
def test_markup_and_line_ends_stay_words(media: Media, room: str, text: str) -> None:
    with media.listen(room) as ann:
        media.announce(room, chat(1, text), chat(2))

        assert ann.hear("chat").data["text"] == text
        assert ann.hear("chat").data["seq"] == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b'"chat"',
        b"[1]",
        b"[" * 100_000,
        b"[" + b"1" * 5_000 + b"]",
        b'[{"kind": "viewers", "data": {"count": 9}}]',
        b'[{"kind": "snapshot", "data": {}}]',
        b'[{"kind": "bye", "data": {}}]',
        b'[{"kind": ["chat"], "data": {}}]',
        b'[{"kind": "hide"}]',
        b'[{"kind": "hide", "data": {"seq": -1}}]',
        b'[{"kind": "hide", "data": {"seq": true}}]',
        b'[{"kind": "hide", "data": {"seq": 1e3}}]',
        b'[{"kind": "hide", "data": {"seq": 9007199254740992}}]',
        b'[{"kind": "state", "data": {"state": "on", "at_ms": 1}}]',
        b'[{"kind": "state", "data": {"state": ["live"], "at_ms": 1}}]',
        json.dumps([{"kind": "chat", "data": chat(1, "长" * 10_000)[1]}]),
        json.dumps([{"kind": "chat", "data": chat(1, "\ud800")[1]}]),
        json.dumps([{"kind": "hide", "data": {"seq": 1}}] * 1_001),
    ],
)
def test_what_is_no_news_is_refused(media: Media, room: str, body: bytes | str) -> None:
    assert media.post_news(room, body)[0] == 422


def test_of_a_bad_list_nothing_is_told(media: Media, room: str) -> None:
    said = [{"kind": kind, "data": data} for kind, data in (chat(1), ("no", {}))]
    with media.listen(room) as ann:
        ann.hear("snapshot")
        assert media.post_news(room, json.dumps(said))[0] == 422
        media.announce(room, LAST)

        assert ann.heard_before(*LAST) <= {"viewers"}


def test_a_large_body_is_refused_unread(media: Media, room: str) -> None:
    assert media.post_news(room, b" " * 600_000)[0] == 413


def test_what_news_hold_besides_is_not_passed_on(media: Media, room: str) -> None:
    with media.listen(room) as ann:
        media.announce(room, ("hide", {"seq": 9, "by": "13800000002"}))

        assert ann.hear("hide").data == {"seq": 9}


@pytest.mark.parametrize("purpose", [Purpose.WATCH, Purpose.RUN, Purpose.PUBLISH])
def test_only_the_web_process_announces(
    media: Media, room: str, purpose: Purpose
) -> None:
    token = token_for(room, purpose)

    assert media.post(f"/rooms/{room}/news", token, b"[]")[0] == 403


def test_the_pass_may_come_as_a_bearers(media: Media, room: str) -> None:
    connection = HTTPConnection(LOCAL, media.port, timeout=5)
    bearer = f"Bearer {token_for(room, Purpose.SERVE)}"
    path = f"/rooms/{room}/news"
    connection.request("POST", path, b"[]", {"Authorization": bearer})

    assert connection.getresponse().status == 204
    connection.close()


def test_news_for_a_room_that_nobody_entered_are_dropped(
    media: Media, web: LittleWeb
) -> None:
    web.open_room("nobody-yet")
    media.announce("nobody-yet", chat(1))

    with media.listen("nobody-yet") as ann:
        assert ann.hear("snapshot").data["chat"] == []
