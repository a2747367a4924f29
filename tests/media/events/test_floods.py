"""Crowds: floods of chat, readers who do not read, and those who must not notice."""

import socket
import time
from contextlib import ExitStack

import psutil

from core.room_tokens import Purpose
from tests.support.event_reader import EventReader, sleepy_socket
from tests.support.media_server import Media, chat, token_for

SLEEPERS = 500


def test_a_flood_of_chat_is_told_in_batches_and_stock_at_once(
    media: Media, room: str
) -> None:
    stock = {"variant_id": 11, "listed": True}
    with media.listen(room) as ann:
        ann.hear("snapshot")
        for number in range(10):
            lines = [chat(100 * number + place) for place in range(1, 16)]
            sold = stock | {"stock": number, "at_us": 9 * 10**15 + number}
            media.announce(room, *lines, ("stock", sold))
        sent_at = time.monotonic()
        last, frames = 0, 0
        stocks: list[int] = []
        while last < 915 or len(stocks) < 10:
            event = ann.hear("chat", "chats", "stock")
            if event.kind == "stock":
                stocks.append(event.data["stock"])
                last_stock_at = time.monotonic()
            else:
                frames += 1
                last = (event.data if event.kind == "chat" else event.data[-1])["seq"]

    assert stocks == list(range(10))
    assert last_stock_at - sent_at < 0.1
    assert 30 < frames < 40


def test_of_a_great_flood_a_batch_holds_what_a_page_shows(
    media: Media, room: str
) -> None:
    with media.listen(room) as ann:
        ann.hear("snapshot")
        media.announce(room, *[chat(seq) for seq in range(1, 501)])
        for _time in range(30):
            ann.hear("chat")
        batch = ann.hear("chats").data

    assert [line["seq"] for line in batch] == list(range(451, 501))


def test_who_comes_during_a_flood_hears_each_line_once(media: Media, room: str) -> None:
    with media.listen(room, "ann") as ann:
        ann.hear("snapshot")
        media.announce(room, *[chat(seq) for seq in range(1, 41)])
        with media.listen(room, "bob") as bob:
            heard = bob.hear("snapshot").data["chat"]
            while not heard or heard[-1]["seq"] != 40:
                event = bob.hear("chat", "chats")
                heard += event.data if event.kind == "chats" else [event.data]

    assert [line["seq"] for line in heard] == list(range(1, 41))


def test_five_hundred_sleepers_neither_delay_nor_stay(media: Media, room: str) -> None:
    process = psutil.Process(media.child.process.pid)
    with ExitStack() as stack:
        for number in range(SLEEPERS):
            token = token_for(room, Purpose.WATCH, subject=f"sleeper-{number}")
            stack.enter_context(sleepy_socket(media.port, room, token))
        ann = stack.enter_context(media.listen(room, "ann"))
        assert ann.hear("snapshot").data["viewers"] == SLEEPERS + 1
        before = process.memory_info().rss
        delays = [_delay_of_one_more(media, room, ann, seq) for seq in range(1, 51)]
        while _viewers(media, room) > 2:
            time.sleep(0.1)
        grown = process.memory_info().rss - before
    assert sorted(delays)[48] < 0.25
    assert grown < 64 * 1024 * 1024


def _viewers(media: Media, room: str) -> int:
    with media.listen(room, "bob") as bob:
        return int(bob.hear("snapshot").data["viewers"])


def _delay_of_one_more(media: Media, room: str, ann: EventReader, seq: int) -> float:
    """Seconds from announcing 30 kB until an attentive reader has them."""
    began = time.monotonic()
    text = "长" * 1_900
    media.announce(room, *[chat(seq * 10 + place, text) for place in range(5)])
    last = seq * 10 + 4
    while True:
        event = ann.hear("chat", "chats")
        lines = event.data if event.kind == "chats" else [event.data]
        if lines[-1]["seq"] == last:
            return time.monotonic() - began


def test_who_hangs_up_rudely_is_forgotten(media: Media, room: str) -> None:
    token = token_for(room, Purpose.WATCH, subject="rude")
    with media.listen(room, "ann") as ann:
        ann.hear("snapshot")
        rude = sleepy_socket(media.port, room, token)
        while ann.hear("viewers").data["count"] != 2:
            pass
        rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        rude.close()
        media.announce(room, chat(1))

        assert ann.hear("viewers").data == {"count": 1}
