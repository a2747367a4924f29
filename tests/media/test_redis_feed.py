"""Several media servers and one Redis, which may go away and come back."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis import Redis

from core.room_tokens import Purpose
from scripts.processes import free_port
from tests.support.event_reader import EventReader
from tests.support.little_web import LittleWeb
from tests.support.media_server import Media, chat, running_media, token_for
from tests.support.redis import running_redis

Nodes = tuple[Media, Media]


@pytest.fixture(scope="module")
def nodes(redis_server: str, little_web: LittleWeb, scratch: Path) -> Iterator[Nodes]:
    """Two media servers of one house."""
    with ExitStack() as stack:
        both = []
        for name in ("one", "two"):
            folder = scratch / f"media-{name}"
            folder.mkdir()
            server = running_media(
                folder, little_web.url, redis_url=redis_server, quick=True
            )
            both.append(stack.enter_context(server))
        yield both[0], both[1]


def publish(url: str, room: str, *news: tuple[str, dict[str, object]]) -> int:
    """Announce news by Redis; how many servers heard."""
    said = json.dumps([{"kind": kind, "data": data} for kind, data in news])
    return publish_raw(url, f"tianbo:room:{room}", said)


def publish_raw(url: str, channel: str, body: str | bytes) -> int:
    """Publish whatever; how many servers heard."""
    with Redis.from_url(url) as client:
        return int(client.publish(channel, body))


def hear_count(reader: EventReader, kind: str, wanted: int) -> None:
    """Wait until a count is told."""
    while reader.hear(kind).data["count"] != wanted:
        pass


def wait_until(is_so: Callable[[], object]) -> None:
    """Wait a few seconds at the most."""
    deadline = time.monotonic() + 8
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_every_server_hears_what_is_published(
    nodes: Nodes, redis_server: str, room: str
) -> None:
    one, two = nodes
    with one.listen(room, "ann") as ann, two.listen(room, "bob") as bob:
        ann.hear("snapshot"), bob.hear("snapshot")
        assert publish(redis_server, room, chat(1, "两边都听见")) == 2

        for reader in (ann, bob):
            assert reader.hear("chat").data["text"] == "两边都听见"


def test_viewers_and_likes_are_counted_over_all_servers(
    nodes: Nodes, room: str
) -> None:
    one, two = nodes
    with one.listen(room, "ann") as ann, two.listen(room, "bob") as bob:
        hear_count(ann, "viewers", 2)
        hear_count(bob, "viewers", 2)
        for server, subject in ((one, "ann"), (two, "bob"), (two, "bob")):
            token = token_for(room, Purpose.WATCH, subject=subject)
            server.post(f"/rooms/{room}/likes", token)
        hear_count(ann, "likes", 3)
        hear_count(bob, "likes", 3)


def test_a_server_that_comes_later_learns_of_the_likes(nodes: Nodes, room: str) -> None:
    one, two = nodes
    with one.listen(room, "ann") as ann:
        token = token_for(room, Purpose.WATCH, subject="ann")
        one.post(f"/rooms/{room}/likes", token)
        hear_count(ann, "likes", 1)
        with two.listen(room, "bob") as bob:
            hear_count(bob, "likes", 1)


@pytest.mark.parametrize(
    ("channel", "body"),
    [
        ("tianbo:room:{room}", b"\xff"),
        ("tianbo:room:{room}", b"[" * 100_000),
        ("tianbo:room:{room}", b'[{"kind": "bye", "data": {}}]'),
        ("tianbo:room:{room}", b" " * 600_000),
        ("tianbo:room:\xff", b"[]"),
        ("tianbo:tally:{room}", b"[]"),
        ("tianbo:tally:{room}", b'{"node": 1, "viewers": 1, "likes": {}}'),
        ("tianbo:tally:{room}", b'{"node": "a", "viewers": -1, "likes": {}}'),
        ("tianbo:tally:{room}", b'{"node": "a", "viewers": 1, "likes": {"a": "9"}}'),
    ],
)
def test_rubbish_is_passed_over(
    nodes: Nodes, redis_server: str, room: str, channel: str, body: bytes
) -> None:
    with nodes[0].listen(room) as ann:
        ann.hear("snapshot")
        publish_raw(redis_server, channel.format(room=room), body)
        publish(redis_server, room, chat(2))

        assert ann.hear("chat", "bye", "likes").data["seq"] == 2


def test_redis_may_be_started_anew(web: LittleWeb, room: str, tmp_path: Path) -> None:
    port = free_port()
    with ExitStack() as stack:
        first = stack.enter_context(ExitStack())
        url = first.enter_context(running_redis(tmp_path / "redis", port))
        server = running_media(tmp_path, web.url, redis_url=url)
        ann = stack.enter_context(stack.enter_context(server).listen(room))
        ann.hear("snapshot")
        publish(url, room, chat(1))
        ann.hear("chat")

        first.close()
        web.rooms[room]["pin"] = {"seq": 7, "product_id": 1}
        stack.enter_context(running_redis(tmp_path / "redis", urlsplit(url).port or 0))
        began = time.monotonic()
        ann.connection.sock.settimeout(9)
        assert ann.hear("pin").data == {"seq": 7, "product_id": 1}
        assert time.monotonic() - began < 8

        wait_until(lambda: publish(url, room, ("hide", {"seq": 1})))
        assert ann.hear("hide").data == {"seq": 1}


def test_without_redis_a_room_is_still_kept_in_step(
    web: LittleWeb, room: str, tmp_path: Path
) -> None:
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    with (
        running_media(tmp_path, web.url, redis_url=nobody) as media,
        media.listen(room) as ann,
    ):
        assert ann.hear("snapshot").data["state"] == "live"
        media.announce(room, chat(1))
        assert ann.hear("chat").data["seq"] == 1
