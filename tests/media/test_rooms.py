"""Rooms of a media server, without video or readers."""

from pathlib import Path

import pytest

from core.config import load_settings
from domain.live import SessionState
from media.events import web_state
from media.events.web_state import Web
from media.rooms import Rooms
from tests.support.loops import run_apart

HOUR_S = 3600.0


@pytest.mark.parametrize(
    ("state", "idle_s", "is_kept"),
    [
        (SessionState.ENDED, 2 * HOUR_S, False),
        (SessionState.CANCELLED, 2 * HOUR_S, False),
        (SessionState.ENDED, 0.5 * HOUR_S, True),
        (SessionState.LIVE, 2 * HOUR_S, True),
        (SessionState.PLANNED, 2 * HOUR_S, True),
    ],
)
def test_rooms_that_are_over_and_empty_are_forgotten(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    state: SessionState,
    idle_s: float,
    *,
    is_kept: bool,
) -> None:
    async def pass_time() -> Rooms:
        rooms = Rooms(tmp_path)
        values = {"TIANBO_DEMO": "1", "INSTANCE_PATH": str(tmp_path)}
        web = Web(load_settings(values), rooms)
        room = rooms.enter("honey")
        room.follow(state)
        await room.finish()
        monkeypatch.setattr(web_state, "monotonic", lambda: idle_s)
        web.forget_empty()
        web.close()
        return rooms

    rooms = run_apart(pass_time())

    assert (rooms.find("honey") is not None) is is_kept
