"""A browser's camera: recorder slices over a WebSocket, and everything but slices."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from media.endpoints.camera import WEBM, Close
from media.video.sources import SLICE_S
from scripts.processes import LOCAL
from tests.media.films import film, frames
from tests.support.little_web import LittleWeb
from tests.support.publishing import PATIENCE_S, Ingest, publish_key

CONSOLE = Path(__file__).resolve().parents[2] / "static/js/live/camera.js"
SLICES = 20
DATE = re.compile(r"#EXT-X-PROGRAM-DATE-TIME:(\S+)")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-b:v", "500k", "-g", "25")
RECORDERS = {
    "webm": (*VP8, "-c:a", "libopus"),
    "mp4": (
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25"),
        *("-c:a", "aac", "-movflags", "empty_moov+default_base_moof+frag_keyframe"),
    ),
    "mkv": (
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25"),
        *("-c:a", "libopus"),
    ),
}


@contextmanager
def camera(
    ingest: Ingest, room: str, token: str | None = None, origin: str | None = None
) -> Iterator[ClientConnection]:
    query = urlencode({"token": publish_key(room) if token is None else token})
    address = f"ws://{LOCAL}:{ingest.media.port}/rooms/{room}/camera?{query}"
    with connect(address, origin=Origin(origin) if origin else None) as socket:
        yield socket


def send(socket: ClientConnection, data: bytes) -> None:
    """Send a film in slices, as fast as they are taken."""
    size = len(data) // SLICES + 1
    for start in range(0, len(data), size):
        socket.send(data[start : start + size])


def closing_code(socket: ClientConnection) -> int | None:
    """Why the server hangs up; it looks up from a socket whenever a slice comes."""
    deadline = time.monotonic() + PATIENCE_S
    with suppress(ConnectionClosed):
        while time.monotonic() < deadline:
            socket.send(b"a slice")
            with suppress(TimeoutError):
                socket.recv(timeout=0.05)
    return socket.close_code


@pytest.mark.parametrize("ending", RECORDERS)
def test_what_browsers_record_becomes_a_stream(
    ingest: Ingest, room: str, tmp_path: Path, ending: str
) -> None:
    data = film(tmp_path / f"film.{ending}", 6, *RECORDERS[ending])

    with ingest.media.host(room) as host, camera(ingest, room) as socket:
        send(socket, data)
        text = ingest.wait_for(room, "#EXTINF:")
        health = host.hear("health").data

    assert "#EXT-X-PART:" in text
    assert health["source"] == "camera"
    assert health["copied"] is (ending == "mp4")


def test_the_first_slice_may_be_a_single_byte(
    ingest: Ingest, room: str, tmp_path: Path
) -> None:
    data = film(tmp_path / "film.webm", 6, *RECORDERS["webm"])

    with camera(ingest, room) as socket:
        socket.send(data[:1])
        send(socket, data[1:])
        ingest.wait_for(room, "#EXT-X-PART:")


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("forged", Close.FORGED),
        (publish_key("another"), Close.FORGED),
        (publish_key("x", lasts=timedelta(seconds=-1)), Close.EXPIRED),
    ],
    ids=["forged", "of another room", "late"],
)
def test_a_wrong_token_closes_the_socket_with_the_reason(
    ingest: Ingest, room: str, token: str, code: int
) -> None:
    with camera(ingest, room, token) as socket:
        assert closing_code(socket) == code


def test_who_comes_second_is_told(ingest: Ingest, room: str, tmp_path: Path) -> None:
    data = film(tmp_path / "film.webm", 6, *RECORDERS["webm"])

    with camera(ingest, room) as first:
        send(first, data)
        ingest.wait_for(room, "#EXTINF:")
        with camera(ingest, room) as second:
            assert closing_code(second) == Close.TAKEN


def test_after_the_end_nobody_may_publish(
    ingest: Ingest, web: LittleWeb, room: str
) -> None:
    web.open_room(room, state="ended")

    with camera(ingest, room) as socket:
        assert closing_code(socket) == Close.NOT_WANTED


def test_a_camera_that_still_sends_is_told_of_the_end(
    ingest: Ingest, web: LittleWeb, room: str, tmp_path: Path
) -> None:
    data = film(tmp_path / "film.webm", 6, *RECORDERS["webm"])
    with camera(ingest, room) as socket:
        send(socket, data)
        web.open_room(room, state="ended")
        ingest.media.announce(room, ("state", {"state": "ended", "at_ms": 1}))

        assert closing_code(socket) == Close.NOT_WANTED


def test_the_playlist_says_when_a_picture_was_taken(
    ingest: Ingest, room: str, tmp_path: Path
) -> None:
    """Not when FFmpeg had looked at enough of them."""
    data = film(tmp_path / "film.mp4", 6, *RECORDERS["mp4"])
    size = int(len(data) * SLICE_S / 6)
    text = ""
    with camera(ingest, room) as socket:
        began = time.time()
        while not (found := DATE.search(text)):
            assert data
            time.sleep(SLICE_S)
            socket.send(data[:size])
            data, text = data[size:], ingest.playlist(room)

    taken = datetime.fromisoformat(found[1]).timestamp()
    assert abs(taken - began) < 0.5


def test_the_console_knows_every_reason() -> None:
    known = re.findall(r"\b44\d\d\b", CONSOLE.read_text())

    assert sorted(map(int, known)) == list(Close)


def test_a_new_key_is_good_at_once_and_the_old_one_is_not(
    ingest: Ingest, web: LittleWeb, room: str, tmp_path: Path
) -> None:
    data = film(tmp_path / "film.webm", 6, *RECORDERS["webm"])
    with camera(ingest, room, publish_key(room, key=1)) as socket:
        send(socket, data)
    web.open_room(room, key=2)

    with camera(ingest, room, publish_key(room, key=2)) as new:
        send(new, data)
        with camera(ingest, room, publish_key(room, key=1)) as old:
            assert closing_code(old) == Close.EXPIRED


def test_a_camera_with_an_old_key_makes_way_for_the_new_one(
    ingest: Ingest, web: LittleWeb, room: str, tmp_path: Path
) -> None:
    data = film(tmp_path / "film.webm", 6, *RECORDERS["webm"])
    with camera(ingest, room, publish_key(room, key=1)) as old:
        send(old, data)
        ingest.wait_for(room, "#EXT-X-PART:")
        web.open_room(room, key=2)

        with camera(ingest, room, publish_key(room, key=2)) as new:
            send(new, data)
            text = ingest.wait_for(room, "#EXT-X-DISCONTINUITY\n")
            assert closing_code(old) == Close.EXPIRED

    assert text.count("#EXT-X-MAP:") == 2


def test_a_room_that_is_not_there_cannot_be_entered(ingest: Ingest) -> None:
    with camera(ingest, "nowhere") as socket:
        assert closing_code(socket) == Close.NOT_WANTED


@pytest.mark.parametrize(
    "nonsense", [b"\x00" * 70_000, b"<html>" * 5_000, "text", WEBM + b"<p>" * 900_000]
)
def test_nonsense_closes_the_socket_and_frees_the_place(
    ingest: Ingest, room: str, tmp_path: Path, nonsense: str | bytes
) -> None:
    with camera(ingest, room) as socket:
        socket.send(nonsense)
        assert closing_code(socket) == Close.UNREADABLE

    with camera(ingest, room) as socket:
        send(socket, film(tmp_path / "film.webm", 6, *RECORDERS["webm"]))
        ingest.wait_for(room, "#EXT-X-PART:")


def test_a_camera_that_comes_back_goes_on_in_the_same_room(
    ingest: Ingest, room: str, tmp_path: Path
) -> None:
    data = film(tmp_path / "film.webm", 6, *RECORDERS["webm"])

    for line in ("#EXT-X-PART:", "#EXT-X-DISCONTINUITY\n"):
        with camera(ingest, room) as socket:
            send(socket, data)
            text = ingest.wait_for(room, line)

    assert text.count("#EXT-X-MAP:") == 2


TOO_LARGE = b"\xff\xff"
"""Of a VP8 frame's first part (RFC 6386, 9.1): no decoder takes such a frame."""


def test_a_damaged_frame_does_not_end_the_stream(
    ingest: Ingest, room: str, tmp_path: Path
) -> None:
    path = tmp_path / "film.webm"
    data = bytearray(film(path, 6, *RECORDERS["webm"]))
    for frame in frames(path)[10:40:7]:
        header = data.find(frame)
        data[header + 1 : header + 3] = TOO_LARGE

    with camera(ingest, room) as socket:
        send(socket, bytes(data))
        text = ingest.wait_for(room, "#EXTINF:")

    assert "#EXT-X-DISCONTINUITY\n" not in text
