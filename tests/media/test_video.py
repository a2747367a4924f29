"""Video out, of a room that the test fills by itself."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from domain.live import SessionState
from media import video
from media.rooms import Rooms
from media.stage.parts import Part, Take
from media.stage.pump import VIDEO
from media.stage.stage import Stage
from tests.support.loops import run_apart


def test_a_segment_is_given_only_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video, "PATIENCE_S", 0.01)

    async def ask_twice() -> tuple[Response, Response]:
        rooms = Rooms(tmp_path)
        room = rooms.enter("honey")
        room.state = SessionState.LIVE
        number = begin(room.stage)
        add(room.stage, b"first ", 0.0)
        too_early = await video.show_file(asked(rooms, f"{number}.m4s"))
        add(room.stage, b"second", 1.0)
        add(room.stage, b"next", 2.0)
        return too_early, await video.show_file(asked(rooms, f"{number}.m4s"))

    too_early, whole = run_apart(ask_twice())

    assert (too_early.status_code, whole.status_code) == (404, 200)
    assert too_early.headers["cache-control"] == "no-store"
    assert whole.body == b"first second"
    assert "immutable" in whole.headers["cache-control"]


def begin(stage: Stage) -> int:
    """Begin a take; the number of its first segment."""
    window = stage.windows[VIDEO]
    window.begin(Take("take", 0.0, b"init"))
    return window.next_place[0]


def add(stage: Stage, data: bytes, start_s: float) -> None:
    """A keyframe's second."""
    stage.windows[VIDEO].add(Part(data, start_s, 1.0, independent=True))


def asked(rooms: Rooms, file: str) -> Request:
    """A viewer's request for a file of the take."""
    app = Starlette()
    app.state.rooms = rooms
    params = {"room": "honey", "folder": "v", "take": "take", "file": file}
    given = {"headers": [], "query_string": b"", "path_params": params}
    return Request({"type": "http", "method": "GET", "app": app, **given})
