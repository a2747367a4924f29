"""The demo's film: it loops without a seam, and makes way for a host."""

import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import av
import pytest
from websockets.sync.server import ServerConnection, serve

from commands.demo.stream import FILM, camera_of, send_film
from core.config import load_settings
from queries.demo.sessions import RoomOnAir
from scripts.processes import LOCAL, free_port
from tests.media.films import frames, streams
from tests.support.databases import SECRET
from tests.support.little_web import running_little_web
from tests.support.publishing import Ingest, publish, running_ingest

ROOM = "film-1"
SECONDS, SHORT_S = 60, 4
TAKEN, UNREADABLE = 4405, 4408


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The film's first seconds, so that its seam is soon."""
    path = tmp_path_factory.mktemp("film") / "short.mp4"
    command = ["ffmpeg", "-v", "error", "-i", str(FILM), "-t", str(SHORT_S)]
    command += ["-c", "copy", "-use_editlist", "0", str(path)]
    subprocess.run(command, check=True)
    return path


def address(ingest: Ingest, folder: Path) -> str:
    settings = load_settings(
        {
            "SECRET_KEY": SECRET,
            "INSTANCE_PATH": str(folder),
            "MEDIA_URL": ingest.media.url,
        }
    )
    return camera_of(settings, RoomOnAir(ROOM, 1))


class Timed(NamedTuple):
    """When a packet is due in the film, in seconds."""

    begins: Fraction
    ends: Fraction
    is_key: bool


def timed(path: Path, kind: str) -> list[Timed]:
    with av.open(str(path)) as film:
        return [
            Timed(
                at, at + (packet.duration or 0) * packet.time_base, packet.is_keyframe
            )
            for packet in film.demux()
            if packet.stream.type == kind and packet.dts is not None
            for at in [packet.dts * packet.time_base]
        ]


@contextmanager
def running_camera_door(target: Path, size: int) -> Iterator[str]:
    """A server that keeps `size` bytes of what a camera sends, then says: taken."""

    def take(socket: ServerConnection) -> None:
        with target.open("wb") as kept:
            while kept.tell() < size:
                kept.write(socket.recv(decode=False))
        socket.close(TAKEN)

    with serve(take, LOCAL, 0) as server:
        serving = Thread(target=server.serve_forever)
        serving.start()
        yield f"ws://{LOCAL}:{server.socket.getsockname()[1]}"
        server.shutdown()
        serving.join()


def test_the_film_is_small_and_a_whole_loop_of_picture_and_sound() -> None:
    assert FILM.stat().st_size <= 6_000_000
    assert streams(FILM) == {"video": "h264", "audio": "aac"}
    for kind in ("video", "audio"):
        packets = timed(FILM, kind)
        assert packets[0].begins == 0
        assert all(a.ends == b.begins for a, b in pairwise(packets))
        assert packets[-1].ends == SECONDS
    keys = [packet.begins for packet in timed(FILM, "video") if packet.is_key]
    assert keys == list(range(SECONDS))


def test_the_film_shows_the_second_that_it_is(tmp_path: Path) -> None:
    sent = tmp_path / "sent.mp4"
    called_at = time.time()
    with running_camera_door(sent, size=400_000) as door:
        assert send_film(FILM, door) == TAKEN
    ended_at = time.time()

    first, last = (frames(sent)[index] for index in (0, -2))
    begins, ends = frames(FILM).index(first) / 20, frames(FILM).index(last) / 20
    began_at = int(called_at) - 2
    assert (begins - began_at) % SECONDS <= ended_at - began_at - 2
    assert (ended_at - ends) % SECONDS < 2


def test_the_film_waits_for_a_server_that_is_away() -> None:
    assert send_film(FILM, f"ws://{LOCAL}:{free_port()}") is None


def test_the_film_goes_on_through_its_seam_and_makes_way_for_a_host(
    short: Path, tmp_path: Path
) -> None:
    with running_little_web() as web, running_ingest(tmp_path, web) as ingest:
        web.open_room(ROOM)
        began = time.monotonic()
        assert send_film(short, address(ingest, tmp_path), rounds=2) is None
        assert time.monotonic() - began > 1
        text = ingest.wait_for(ROOM, "#EXTINF:")
        assert "#EXT-X-DISCONTINUITY\n" not in text
        assert not list((tmp_path / "media").glob("*/take-*"))

        with publish(ingest, ROOM):
            ingest.wait_for(ROOM, "#EXT-X-DISCONTINUITY\n")
            assert send_film(short, address(ingest, tmp_path), rounds=1) == TAKEN


def test_a_host_who_comes_ends_the_film_in_the_middle(tmp_path: Path) -> None:
    with (
        running_little_web() as web,
        running_ingest(tmp_path, web) as ingest,
        ThreadPoolExecutor() as pool,
    ):
        web.open_room(ROOM)
        sending = pool.submit(send_film, FILM, address(ingest, tmp_path))
        ingest.wait_for(ROOM, "#EXTINF:")

        with publish(ingest, ROOM):
            assert sending.result(timeout=20) in (TAKEN, UNREADABLE)
