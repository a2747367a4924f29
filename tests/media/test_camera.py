"""A browser's camera: recorder slices over a WebSocket, and everything but slices."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from media.camera import WEBM, Close
from scripts.processes import LOCAL
from tests.media.films import film, frames
from tests.support.little_web import LittleWeb
from tests.support.publishing import PATIENCE_S, Ingest, publish, publish_key

CONSOLE = Path(__file__).resolve().parents[2] / "static/js/live/camera.js"
SLICE_S = 0.2
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
    ingest: Ingest, room: str, token: str | None = None
) -> Iterator[ClientConnection]:
    query = urlencode({"token": publish_key(room) if token is None else token})
    address = f"ws://{LOCAL}:{ingest.media.port}/rooms/{room}/camera?{query}"
    with connect(address) as socket:
        yield socket


def send(socket: ClientConnection, data: bytes, lasts_s: float) -> None:
    """Send a film in slices, in the time that it lasts."""
    count = max(1, round(lasts_s / SLICE_S))
    size = len(data) // count + 1
    for start in range(0, len(data), size):
        socket.send(data[start : start + size])
        time.sleep(SLICE_S)


def closing_code_of_one_who_sends(socket: ClientConnection) -> int | None:
    """The server looks up from a socket whenever a slice comes."""
    deadline = time.monotonic() + PATIENCE_S
    with suppress(ConnectionClosed):
        while time.monotonic() < deadline:
            socket.send(b"a slice")
            time.sleep(SLICE_S)
    return socket.close_code


def closing_code(socket: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosed):
        socket.recv(timeout=10)
    return socket.close_code


@pytest.mark.parametrize("ending", RECORDERS)
def test_what_browsers_record_becomes_a_stream(
    ingest: Ingest, stage: str, tmp_path: Path, ending: str
) -> None:
    data = film(tmp_path / f"film.{ending}", 6, *RECORDERS[ending])

    with ingest.media.host(stage) as host, camera(ingest, stage) as socket:
        send(socket, data, 6)
        text = ingest.wait_for(stage, "#EXTINF:")
        health = host.hear("health").data

    assert "#EXT-X-PART:" in text
    assert health["source"] == "camera"
    assert health["copied"] is (ending == "mp4")


def test_the_first_slice_may_be_a_single_byte(
    ingest: Ingest, stage: str, tmp_path: Path
) -> None:
    data = film(tmp_path / "film.webm", 3, *RECORDERS["webm"])

    with camera(ingest, stage) as socket:
        socket.send(data[:1])
        send(socket, data[1:], 3)
        ingest.wait_for(stage, "#EXT-X-PART:")


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
    ingest: Ingest, stage: str, token: str, code: int
) -> None:
    with camera(ingest, stage, token) as socket:
        assert closing_code(socket) == code


def test_who_comes_second_is_told(ingest: Ingest, stage: str, tmp_path: Path) -> None:
    data = film(tmp_path / "film.webm", 3, *RECORDERS["webm"])

    with camera(ingest, stage) as first:
        send(first, data, 1)
        with camera(ingest, stage) as second:
            assert closing_code(second) == Close.TAKEN


def test_after_the_end_nobody_may_publish(
    ingest: Ingest, rooms: LittleWeb, stage: str
) -> None:
    rooms.open_room(stage, state="ended")

    with camera(ingest, stage) as socket:
        assert closing_code(socket) == Close.NOT_WANTED


def test_a_camera_that_still_sends_is_told_of_the_end(
    ingest: Ingest, rooms: LittleWeb, stage: str, tmp_path: Path
) -> None:
    data = film(tmp_path / "film.webm", 2, *RECORDERS["webm"])
    with camera(ingest, stage) as socket:
        send(socket, data, 2)
        rooms.open_room(stage, state="ended")
        ingest.media.announce(stage, ("state", {"state": "ended", "at_ms": 1}))

        assert closing_code_of_one_who_sends(socket) == Close.NOT_WANTED


def test_the_console_knows_every_reason() -> None:
    known = re.findall(r"\b44\d\d\b", CONSOLE.read_text())

    assert sorted(map(int, known)) == list(Close)


def test_a_new_key_is_good_at_once_and_the_old_one_is_not(
    ingest: Ingest, rooms: LittleWeb, stage: str, tmp_path: Path
) -> None:
    data = film(tmp_path / "film.webm", 1, *RECORDERS["webm"])
    with camera(ingest, stage, publish_key(stage, key=1)) as socket:
        send(socket, data, 0.2)
    rooms.open_room(stage, key=2)

    with camera(ingest, stage, publish_key(stage, key=2)) as new:
        send(new, data, 0.2)
        with camera(ingest, stage, publish_key(stage, key=1)) as old:
            assert closing_code(old) == Close.EXPIRED


def test_a_room_that_is_not_there_cannot_be_entered(ingest: Ingest) -> None:
    with camera(ingest, "nowhere") as socket:
        assert closing_code(socket) == Close.NOT_WANTED


@pytest.mark.parametrize(
    "nonsense", [b"\x00" * 70_000, b"<html>" * 5_000, "text", WEBM + b"<p>" * 900_000]
)
def test_nonsense_closes_the_socket_and_frees_the_stage(
    ingest: Ingest, stage: str, nonsense: str | bytes
) -> None:
    with camera(ingest, stage) as socket:
        socket.send(nonsense)
        time.sleep(0.5)
        with suppress(ConnectionClosed):
            socket.send(b"and on")
        assert closing_code(socket) == Close.UNREADABLE

    with publish(ingest, stage):
        ingest.wait_for(stage, "#EXT-X-PART:")


def test_a_camera_that_comes_back_goes_on_in_the_same_room(
    ingest: Ingest, stage: str, tmp_path: Path
) -> None:
    data = film(tmp_path / "film.webm", 3, *RECORDERS["webm"])

    for _ in range(2):
        with camera(ingest, stage) as socket:
            send(socket, data, 3)
    text = ingest.wait_for(stage, "#EXT-X-DISCONTINUITY\n")

    assert text.count("#EXT-X-MAP:") == 2


TOO_LARGE = b"\xff\xff"
"""Of a VP8 frame's first part (RFC 6386, 9.1): no decoder takes such a frame."""


def test_a_damaged_frame_does_not_end_the_stream(
    ingest: Ingest, stage: str, tmp_path: Path
) -> None:
    path = tmp_path / "film.webm"
    data = bytearray(film(path, 6, *RECORDERS["webm"]))
    for frame in frames(path)[30:60:7]:
        header = data.find(frame)
        data[header + 1 : header + 3] = TOO_LARGE

    with camera(ingest, stage) as socket:
        send(socket, bytes(data), 6)
        text = ingest.wait_for(stage, "#EXTINF:")

    assert "#EXT-X-DISCONTINUITY\n" not in text
