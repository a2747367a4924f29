"""Rooms of a media server, without video or readers."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.config import Settings, load_settings
from domain.live import SessionState
from media import rooms as media_rooms
from media import web_sync
from media.rooms import Phase, Rooms
from media.video.replays import find_replay
from media.web_sync import NoSuchRoom, WebSync
from tests.media.films import film
from tests.support.little_web import LittleWeb
from tests.support.loops import run_apart

HOUR_S = 3600.0
PATIENCE_S = 20.0


def settings(folder: Path, **values: str) -> Settings:
    return load_settings({"TIANBO_DEMO": "1", "INSTANCE_PATH": str(folder), **values})


async def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.02)


def record(folder: Path) -> None:
    """A take that a former server left."""
    folder.mkdir(parents=True)
    codecs = ("-c:v", "libx264", "-c:a", "aac", "-pix_fmt", "yuv420p")
    film(folder / "take-1000.mp4", 0.4, *codecs)


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
        sync = WebSync(settings(tmp_path), rooms)
        room = rooms.enter("honey")
        room.follow(state)
        await room.finish()
        monkeypatch.setattr(web_sync, "monotonic", lambda: idle_s)
        sync.forget_empty()
        sync.close()
        return rooms

    rooms = run_apart(pass_time())

    assert (rooms.find("honey") is not None) is is_kept


def test_a_replay_that_cannot_be_made_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_rooms, "SOONEST_AGAIN_S", 0.1)
    record(tmp_path / "honey")
    obstacle = tmp_path / "honey" / "replay.json.part"
    obstacle.mkdir()

    async def end_session() -> Phase:
        rooms = Rooms(tmp_path)
        room = rooms.enter("honey")
        room.follow(SessionState.ENDED)
        await asyncio.sleep(0.3)
        assert not room.is_empty
        obstacle.rmdir()
        await wait_until(lambda: room.phase is Phase.CLOSED)
        return room.phase

    assert run_apart(end_session()) is Phase.CLOSED
    assert find_replay(tmp_path / "honey")


def test_a_room_that_fails_keeps_no_other_from_closing(tmp_path: Path) -> None:
    (tmp_path / "honey").write_text("a file where the folder should be")
    record(tmp_path / "jam")

    async def end_server() -> None:
        rooms = Rooms(tmp_path)
        for name in ("honey", "jam"):
            rooms.enter(name).follow(SessionState.ENDED)
        await asyncio.wait_for(rooms.finish(), PATIENCE_S)

    run_apart(end_server())

    assert find_replay(tmp_path / "jam")


def test_what_nobody_knows_any_more_is_asked_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, web: LittleWeb
) -> None:
    record(tmp_path / "gone")
    passed_s = [0.0]
    start_s = time.monotonic()
    monkeypatch.setattr(web_sync, "monotonic", lambda: start_s + passed_s[0])

    async def pass_time() -> bool:
        ours = Rooms(tmp_path)
        sync = WebSync(settings(tmp_path, WEB_INTERNAL_URL=web.url), ours)
        ours.enter_unfinished()
        sync.ask_again()
        await wait_until(lambda: ours.enter("gone").phase is Phase.MISSING)
        for passed_s[0] in range(0, 600, 5):
            sync.ask_again()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert web.times_asked("gone") == 1
        with pytest.raises(NoSuchRoom):
            await sync.enter("gone")
        assert web.times_asked("gone") == 2
        passed_s[0] += HOUR_S + 1
        sync.forget_empty()
        sync.close()
        return ours.find("gone") is None

    assert run_apart(pass_time())
    assert (tmp_path / "gone" / "take-1000.mp4").exists()
