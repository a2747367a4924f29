"""What was on air is on disk, whatever happens, and becomes one film."""

import json
import subprocess
import sys
import time
from errno import ENOSPC
from pathlib import Path
from typing import Any

import av
import pytest

from core.room_tokens import Purpose
from media.video import replays
from media.video.replays import assemble, find_replay, has_loose_takes
from tests.media.films import decoded_s, film, sizes, streams
from tests.support.little_web import LittleWeb
from tests.support.media_server import token_for
from tests.support.publishing import Ingest, publish, run_pass, running_ingest

FRAGMENTED = ("-movflags", "empty_moov+default_base_moof+frag_keyframe", "-c:a", "aac")
SPEED = 4
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25")


def take(folder: Path, began_ms: int, seconds: float, *codecs: str) -> Path:
    path = folder / f"take-{began_ms}.mp4"
    film(path, seconds, *FRAGMENTED, *(codecs or H264))
    return path


def test_takes_that_are_alike_are_copied_one_after_another(tmp_path: Path) -> None:
    take(tmp_path, 1000, 3)
    take(tmp_path, 9000, 2)

    replay = assemble(tmp_path)

    assert [span.started_at_ms for span in replay.takes] == [1000, 9000]
    assert replay.duration_ms == pytest.approx(5000, abs=150)
    assert decoded_s(tmp_path / "replay.mp4") == pytest.approx(5, abs=0.2)
    assert find_replay(tmp_path) == replay
    assert not list(tmp_path.glob("take-*"))


def test_takes_of_different_makes_are_encoded_alike(tmp_path: Path) -> None:
    take(tmp_path, 1000, 2)
    take(tmp_path, 9000, 2, "-c:v", "libx264", "-profile:v", "high", "-s", "640x360")

    assemble(tmp_path)

    path = tmp_path / "replay.mp4"
    assert streams(path) == {"video": "h264", "audio": "aac"}
    assert sizes(path) == (320, 180)
    assert decoded_s(path) == pytest.approx(4, abs=0.3)


def test_a_take_cut_off_in_the_middle_keeps_all_but_its_last_moment(
    tmp_path: Path,
) -> None:
    path = take(tmp_path, 1000, 4)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 3 // 4])

    replay = assemble(tmp_path)

    assert 1500 < replay.duration_ms < 4000
    assert decoded_s(tmp_path / "replay.mp4") > 1.5


@pytest.mark.parametrize("rubbish", [b"", b"\x00" * 5000])
def test_rubbish_is_set_aside_and_the_rest_is_joined(
    tmp_path: Path, rubbish: bytes
) -> None:
    take(tmp_path, 1000, 2)
    (tmp_path / "take-5000.mp4").write_bytes(rubbish)

    replay = assemble(tmp_path)

    assert [span.started_at_ms for span in replay.takes] == [1000]
    assert not has_loose_takes(tmp_path)
    assert (tmp_path / "bad-5000.mp4").read_bytes() == rubbish


def test_a_replay_outlives_rubbish_that_is_found_later(tmp_path: Path) -> None:
    take(tmp_path, 1000, 2)
    replay = assemble(tmp_path)
    (tmp_path / "take-5000.mp4").write_bytes(b"")

    assert assemble(tmp_path) == replay
    assert find_replay(tmp_path) == replay


@pytest.mark.parametrize("began_ms", [500, 9000])
def test_a_take_that_is_found_later_joins_the_replay(
    tmp_path: Path, began_ms: int
) -> None:
    take(tmp_path, 1000, 2)
    take(tmp_path, 4000, 1)
    first = assemble(tmp_path)
    take(tmp_path, began_ms, 1)

    replay = assemble(tmp_path)

    beginnings = [span.started_at_ms for span in replay.takes]
    assert beginnings == sorted([1000, 4000, began_ms])
    assert set(first.takes) < set(replay.takes)
    assert decoded_s(tmp_path / "replay.mp4") == pytest.approx(4, abs=0.2)


def test_takes_follow_each_other_as_they_were_begun(tmp_path: Path) -> None:
    """Whatever the clock said: it may have been set back a day in between."""
    take(tmp_path, 90_000_000, 1).rename(tmp_path / "take-0001-90000000.mp4")
    take(tmp_path, 1000, 2).rename(tmp_path / "take-0002-1000.mp4")
    replay = assemble(tmp_path)
    take(tmp_path, 500, 1).rename(tmp_path / "take-0001-500.mp4")
    again = assemble(tmp_path)

    assert [one.started_at_ms for one in replay.takes] == [90_000_000, 1000]
    assert [one.started_at_ms for one in again.takes] == [90_000_000, 1000, 500]


def test_a_full_disk_costs_nothing_but_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(tmp_path, 1000, 2)
    replay = assemble(tmp_path)
    take(tmp_path, 9000, 1)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fill_up(_takes: object, target: Path) -> list[int]:
        target.write_bytes(b"half of it")
        raise OSError(ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(replays, "join", fill_up)
        with pytest.raises(OSError, match="No space"):
            assemble(tmp_path)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert assemble(tmp_path).duration_ms == pytest.approx(3000, abs=100)
    assert replay.duration_ms == pytest.approx(2000, abs=50)


KILLED = """
import os, shutil, sys
from itertools import count
from pathlib import Path
from media.video.replays import assemble

def assemble_and_die(folder, steps):
    def dying(act):
        def step(*args, **kwargs):
            nonlocal steps
            steps -= 1
            if steps < 0:
                os._exit(9)
            return act(*args, **kwargs)
        return step
    for name in ("fsync", "rename", "replace", "unlink", "open"):
        setattr(os, name, dying(getattr(os, name)))
    assemble(folder)
    os._exit(0)

ready, left = map(Path, sys.argv[1:])
for steps in count():
    folder = shutil.copytree(ready, left / f"{steps}")
    if not (child := os.fork()):
        assemble_and_die(folder, steps)
    if os.waitpid(child, 0)[1] == 0:
        break
"""
"""Joins a folder's takes and dies, at every step on the disk in turn."""


def test_a_kill_at_any_moment_neither_loses_nor_doubles(tmp_path: Path) -> None:
    ready, left = tmp_path / "ready", tmp_path / "left"
    ready.mkdir()
    take(ready, 1000, 1)
    assemble(ready)
    take(ready, 9000, 1)
    (ready / "take-5000.mp4").write_bytes(b"")
    command = [sys.executable, "-c", KILLED, str(ready), str(left)]
    subprocess.run(command, check=True)

    for folder in left.iterdir():
        replay = assemble(folder)
        assert [span.started_at_ms for span in replay.takes] == [1000, 9000], folder
        assert find_replay(folder) == replay
        assert decoded_s(folder / "replay.mp4") == pytest.approx(2, abs=0.2), folder
        names = {path.name for path in folder.iterdir()}
        assert names == {"replay.mp4", "replay.json", "bad-5000.mp4"}
    assert len(list(left.iterdir())) > 10


def test_nothing_on_air_is_an_empty_replay(tmp_path: Path) -> None:
    replay = assemble(tmp_path / "never")

    assert replay.duration_ms == 0
    assert find_replay(tmp_path / "never") == replay


def test_the_end_of_a_session_makes_its_replay(
    ingest: Ingest, web: LittleWeb, room: str
) -> None:
    with publish(ingest, room, speed=SPEED):
        ingest.wait_for_segments(room, 2)
        end(ingest, web, room)
    facts = ready(ingest, room)

    status, data = ingest.get(f"/rooms/{room}/replay.mp4")
    assert (status, data[4:8]) == (200, b"ftyp")
    assert facts["duration_ms"] > 3000
    assert ingest.playlist(room) == ""
    at_ms = facts["takes"][0]["started_at_ms"]
    assert time.time() * 1000 - 60_000 < at_ms < time.time() * 1000


def test_a_rehearsal_is_not_recorded(ingest: Ingest, web: LittleWeb, room: str) -> None:
    web.open_room(room, state="planned")
    with publish(ingest, room, speed=SPEED):
        ingest.wait_for(room, "#EXTINF:", token=run_pass(room))
        end(ingest, web, room)
    facts = ready(ingest, room)

    assert facts["duration_ms"] == 0
    assert ingest.get(f"/rooms/{room}/replay.mp4")[0] == 404


def test_a_kill_loses_nothing_and_the_next_server_makes_the_replay(
    web: LittleWeb, room: str, tmp_path: Path
) -> None:
    with (
        running_ingest(tmp_path, web, quick=True) as ingest,
        publish(ingest, room, speed=SPEED),
    ):
        ingest.wait_for_segments(room, 2)
        ingest.media.child.process.kill()
        ingest.media.child.process.wait()
        [path] = (tmp_path / "media" / room).glob("take-*.mp4")
        with av.open(str(path)) as container:
            frames = sum(1 for _ in container.decode(video=0))
        web.rooms[room]["state"] = "ended"
        with ingest.restarted_media() as again:
            facts = ready(again, room)

    assert frames > 80
    assert facts["duration_ms"] > 3000


def end(ingest: Ingest, web: LittleWeb, room: str) -> None:
    web.rooms[room]["state"] = "ended"
    now_ms = round(time.time() * 1000)
    ingest.media.announce(room, ("state", {"state": "ended", "at_ms": now_ms}))


def ready(ingest: Ingest, room: str) -> dict[str, Any]:
    """What is said of the recording, once it is ready."""
    token = token_for(room, Purpose.SERVE)

    def look() -> str:
        return ingest.get(f"/rooms/{room}/recording", token=token)[1].decode()

    facts: dict[str, Any] = json.loads(
        ingest.wait_until(look, lambda body: '"ready":true' in body)
    )
    return facts
