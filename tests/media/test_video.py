"""Video out, of a room that the test fills by itself."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from domain.live import SessionState
from media.endpoints import video
from media.rooms import Rooms
from media.video.mp4 import Part, Take
from media.video.packager import Rendition
from media.video.segments import SegmentWindow
from tests.support.loops import run_apart


def test_a_segment_is_given_only_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video, "PATIENCE_S", 0.01)

    async def ask_twice() -> tuple[Response, Response]:
        rooms = Rooms(tmp_path)
        room = rooms.enter("honey")
        room.state = SessionState.LIVE
        window = room.stream.windows[Rendition.VIDEO]
        number = window.next_place[0]
        add(window, b"first ", 0.0)
        too_early = await video.show_file(asked(rooms, f"{number}.m4s"))
        add(window, b"second", 1.0)
        add(window, b"next", 2.0)
        return too_early, await video.show_file(asked(rooms, f"{number}.m4s"))

    too_early, whole = run_apart(ask_twice())

    assert (too_early.status_code, whole.status_code) == (404, 200)
    assert too_early.headers["cache-control"] == "no-store"
    assert whole.body == b"first second"
    assert "immutable" in whole.headers["cache-control"]


TAKE = Take("take", 0.0, b"init")


def add(window: SegmentWindow, data: bytes, start_s: float) -> None:
    """A keyframe's second."""
    window.add(TAKE, Part(data, start_s, 1.0, independent=True))


def asked(rooms: Rooms, file: str) -> Request:
    """A viewer's request for a file of the take."""
    app = Starlette()
    app.state.rooms = rooms
    params = {"room": "honey", "folder": "v", "take": "take", "file": file}
    given = {"headers": [], "query_string": b"", "path_params": params}
    return Request({"type": "http", "method": "GET", "app": app, **given})
