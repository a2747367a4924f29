"""What every answer of the media server has: no browser guesses what it holds."""

import re
import socket
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path

import pytest

from core.room_tokens import Purpose
from scripts.processes import LOCAL
from tests.media.films import film
from tests.media.test_camera import RECORDERS, camera, send
from tests.support.media_server import Media, token_for
from tests.support.publishing import Ingest

NOSNIFF = "X-Content-Type-Options"


def headers_of(media: Media, path: str, method: str = "GET") -> tuple[int, HTTPMessage]:
    """Status and headers; what follows them is left unread."""
    connection = HTTPConnection(LOCAL, media.port, timeout=5)
    connection.request(method, path)
    answer = connection.getresponse()
    connection.close()
    return answer.status, answer.headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/rooms/{room}/events?token={token}", 200),
        ("HEAD", "/rooms/{room}/events?token={token}", 200),
        ("GET", "/rooms/{room}/events", 403),
        ("GET", "/rooms/nowhere/live.m3u8", 404),
        ("GET", "/rooms/nowhere/replay.mp4", 404),
        ("GET", "/nothing", 404),
        ("PUT", "/healthz", 405),
    ],
)
def test_no_browser_guesses_what_an_answer_is(
    media: Media, room: str, method: str, path: str, status: int
) -> None:
    address = path.format(room=room, token=token_for(room, Purpose.WATCH))

    answered, headers = headers_of(media, address, method)

    assert answered == status
    assert headers.get_all(NOSNIFF) == ["nosniff"]


def test_nor_what_playlists_and_films_are(
    ingest: Ingest, room: str, tmp_path: Path
) -> None:
    with camera(ingest, room) as socket:
        send(socket, film(tmp_path / "film.mp4", 6, *RECORDERS["mp4"]))
        text = ingest.wait_for(room, "#EXTINF:")
    files = re.findall(r"^[^#\n]\S*|(?<=MAP:URI=\")[^\"]+", text, re.MULTILINE)

    for name in ("live.m3u8", files[0], files[-1]):
        status, headers = headers_of(ingest.media, f"/rooms/{room}/{name}")
        assert (status, headers.get_all(NOSNIFF)) == (200, ["nosniff"])


def test_nor_what_the_answer_to_a_broken_request_is(media: Media) -> None:
    with socket.create_connection((LOCAL, media.port), timeout=5) as line:
        line.sendall(b"nonsense\r\n\r\n")
        answer = line.recv(65_536).lower()

    assert b" 400 " in answer
    assert b"x-content-type-options: nosniff" in answer
