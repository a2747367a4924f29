"""Events through the site's nginx: at once, by HTTP/2, and from the room's own node."""

import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import Queue
from time import monotonic
from urllib.parse import urlencode

from core.room_tokens import Purpose
from integrations.media_server import Announcement, RedisMedia
from scripts.processes import LOCAL
from tests.support.little_web import LittleWeb
from tests.support.media_server import Media, chat, running_media, token_for
from tests.support.publishing import Ingest
from tests.support.site import Site, running_site

PATIENCE_S = 5.0
AT_ONCE_S = 0.5
MOST_ROOMS = 40
"""By then only bad luck of one in a trillion has put all on one node."""


def test_events_come_by_http_2_as_they_happen(
    front: Site, ingest: Ingest, room: str
) -> None:
    with listening(front, room, "-D", "-", "-H", "Accept-Encoding: gzip, br") as heard:
        head = []
        while line := heard.get(timeout=PATIENCE_S):
            head.append(line)
        wait_for(heard, "event: snapshot")
        for number in range(3):
            told_at = monotonic()
            ingest.media.announce(room, chat(number, f"第{number}句"))
            wait_for(heard, "event: chat")
            assert f"第{number}句" in wait_for(heard, "data: ")
            assert monotonic() - told_at < AT_ONCE_S

    assert head[0] == "HTTP/2 200"
    assert "content-type: text/event-stream; charset=utf-8" in head
    assert "content-encoding" not in "\n".join(head)


def test_a_reload_of_nginx_is_not_noticed(
    front: Site, ingest: Ingest, room: str
) -> None:
    with listening(front, room) as ann:
        wait_for(ann, "event: snapshot")
        front.child.process.send_signal(signal.SIGHUP)
        with listening(front, room, subject="bob") as bob:
            wait_for(bob, "event: snapshot")
            ingest.media.announce(room, chat(1))
            wait_for(ann, "event: chat")
            wait_for(bob, "event: chat")


def test_a_reader_who_hangs_up_is_known_to_have_gone(
    front: Site, ingest: Ingest, room: str
) -> None:
    with ingest.media.listen(room, "bob") as bob:
        with listening(front, room) as heard:
            wait_for(heard, "event: snapshot")
            while bob.hear("viewers").data["count"] != 2:
                pass
        assert bob.hear("viewers").data == {"count": 1}


def test_a_forged_pass_is_refused(front: Site, room: str) -> None:
    answer = front.ask(f"/media/rooms/{room}/events?token=forged")

    assert (answer.status, answer.body) == (403, b'{"error":"forged"}')
    assert answer.headers["cache-control"] == "no-store"


def test_hearts_pass_and_are_counted(front: Site, ingest: Ingest, room: str) -> None:
    token = token_for(room, Purpose.WATCH, subject="ann")
    with ingest.media.listen(room) as bob:
        bob.hear("snapshot")
        answer = front.ask(f"/media/rooms/{room}/likes?token={token}", method="POST")
        assert bob.hear("likes").data == {"count": 1}

    assert answer.status == 204


def test_a_room_meets_on_one_node_and_rooms_are_spread(
    web: LittleWeb, redis_url: str, tmp_path: Path
) -> None:
    used = set()
    with two_nodes(web, redis_url, tmp_path) as (site, nodes):
        for number in range(MOST_ROOMS):
            name = f"spread-{number}"
            web.open_room(name)
            with (
                listening(site, name, subject="ann") as ann,
                listening(site, name, subject="bob") as bob,
            ):
                wait_for(ann, "event: snapshot")
                wait_for(bob, "event: snapshot")
                seen = [viewers_at(node, name) for node in nodes]
            assert sorted(seen) == [0, 2]
            used.add(seen.index(2))
            if len(used) == len(nodes):
                break

    assert used == {0, 1}


def test_every_node_tells_what_redis_carries(
    web: LittleWeb, redis_url: str, tmp_path: Path
) -> None:
    web.open_room("told")
    with two_nodes(web, redis_url, tmp_path) as (site, nodes), ExitStack() as stack:
        direct = [stack.enter_context(node.listen("told")) for node in nodes]
        heard = stack.enter_context(listening(site, "told", subject="cid"))
        wait_for(heard, "event: snapshot")
        for reader in direct:
            reader.hear("snapshot")
        kind, data = chat(7, "两边都听见")
        RedisMedia(redis_url).announce("told", [Announcement("told", kind, data)])

        assert [reader.hear("chat").data["seq"] for reader in direct] == [7, 7]
        wait_for(heard, "event: chat")


@contextmanager
def two_nodes(
    web: LittleWeb, redis_url: str, folder: Path
) -> Iterator[tuple[Site, list[Media]]]:
    """nginx before two media servers that listen to one Redis."""
    with ExitStack() as stack:
        nodes = []
        for name in ("one", "two"):
            (folder / name).mkdir()
            server = running_media(folder / name, web.url, redis_url=redis_url)
            nodes.append(stack.enter_context(server))
        media = "; server ".join(f"{LOCAL}:{node.port}" for node in nodes)
        place = web.url.removeprefix("http://")
        site = running_site(folder / "site", web=place, media=media)
        yield stack.enter_context(site), nodes


@contextmanager
def listening(
    site: Site, room: str, *arguments: str, subject: str = "ann"
) -> "Iterator[Queue[str]]":
    """The lines that curl reads of a room's events, as they come."""
    token = token_for(room, Purpose.WATCH, subject=subject)
    address = f"/media/rooms/{room}/events?{urlencode({'token': token})}"
    command = site.curl(address, "--no-buffer", *arguments)
    lines: Queue[str] = Queue()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        listener = threading.Thread(target=_collect, args=(reader, lines))
        listener.start()
        try:
            yield lines
        finally:
            reader.kill()
            listener.join()


def _collect(reader: "subprocess.Popen[str]", lines: "Queue[str]") -> None:
    for line in reader.stdout or ():
        lines.put(line.strip())


def wait_for(heard: "Queue[str]", beginning: str) -> str:
    """The next line that begins so."""
    deadline = monotonic() + PATIENCE_S
    while True:
        line = heard.get(timeout=max(0.01, deadline - monotonic()))
        if line.startswith(beginning):
            return line


def viewers_at(node: Media, room: str) -> int:
    """How many people a room has on a node."""
    with node.listen(room, "newcomer") as reader:
        viewers: int = reader.hear("snapshot").data["viewers"] - 1
        return viewers
