"""Two things wrong at once, on real disks, by real kills: nothing recorded is lost."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.room_tokens import Purpose
from tests.media.films import decoded_s, film
from tests.media.test_camera import RECORDERS, camera
from tests.support.event_reader import EventReader
from tests.support.little_web import LittleWeb
from tests.support.media_server import token_for
from tests.support.publishing import PATIENCE_S, Ingest, publish, running_ingest
from tests.support.small_disk import fill_up, make_room, small_disk

SIZE = "24m"
SPEED = 4


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path, SIZE) as folder:
        yield folder


def test_a_kill_on_a_full_disk_loses_nothing(
    disk: Path, web: LittleWeb, room: str
) -> None:
    """The log stands on the same disk, as it does in a house of one machine."""
    takes = disk / "media" / room
    with running_ingest(disk, web, quick=True) as ingest:
        with publish(ingest, room, speed=SPEED), ingest.media.host(room) as host:
            ingest.wait_for_segments(room, 2)
            fill_up(disk)
            assert is_told(host, "unrecorded")
            [path] = takes.glob("take-*.mp4")
            segments = numbers(ingest.playlist(room))
            ingest.wait_until(
                lambda: ingest.playlist(room),
                lambda text: not segments & numbers(text),
            )
            ingest.media.child.process.kill()
            ingest.media.child.process.wait()
        recorded_s = decoded_s(path)

        web.rooms[room]["state"] = "ended"
        with ingest.restarted_media() as again:
            told = again.wait_until(lambda: recording(again, room), bool)
            assert json.loads(told) == {"ready": False, "held": True}
            assert path.exists()

            make_room(disk)
            told = again.wait_until(
                lambda: recording(again, room), lambda text: '"ready":true' in text
            )
    assert recorded_s > 3
    assert json.loads(told)["duration_ms"] == pytest.approx(recorded_s * 1000, abs=300)


def test_recording_goes_on_when_there_is_room_again(
    disk: Path, web: LittleWeb, room: str
) -> None:
    with (
        running_ingest(disk, web, quick=True) as ingest,
        publish(ingest, room, speed=SPEED),
        ingest.media.host(room) as host,
    ):
        ingest.wait_for_segments(room, 1)
        fill_up(disk)
        assert is_told(host, "unrecorded")
        make_room(disk)
        while "unrecorded" in host.hear("health").data["advice"]:
            pass
        assert len(list((disk / "media" / room).glob("take-*.mp4"))) == 2


def test_a_restart_in_the_middle_of_a_camera_loses_nothing(
    web: LittleWeb, room: str, tmp_path: Path
) -> None:
    """The browser connects anew, and begins a film of its own."""
    data = film(tmp_path / "film.mp4", 4, *RECORDERS["mp4"])
    with running_ingest(tmp_path, web, quick=True) as ingest:
        with camera(ingest, room) as socket:
            socket.send(data)
            ingest.wait_for(room, "#EXTINF:")
            ingest.media.child.process.kill()
            ingest.media.child.process.wait()
        [path] = (tmp_path / "media" / room).glob("take-*.mp4")
        recorded_s = decoded_s(path)
        with ingest.restarted_media() as again:
            with camera(again, room) as socket:
                socket.send(data)
                again.wait_for(room, "#EXTINF:")
            web.rooms[room]["state"] = "ended"
            told = again.wait_until(
                lambda: recording(again, room), lambda text: '"ready":true' in text
            )
    facts = json.loads(told)
    assert len(facts["takes"]) == 2
    assert recorded_s > 1
    assert facts["duration_ms"] > recorded_s * 1000 + 3_000


def test_a_log_on_a_full_disk_stops_nobody() -> None:
    """A line is lost: what is logged is not lost with it."""
    program = (
        "from core.logs import configure_logs, log\n"
        "configure_logs()\n"
        "log.warning('a line')\n"
        "print('goes on')"
    )
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            stderr=full,
            check=False,
        )
    assert done.stdout == b"goes on\n"


def is_told(host: EventReader, sign: str) -> bool:
    """Whether the host hears that sign in time."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if sign in host.hear("health").data["advice"]:
            return True
    return False


def recording(ingest: Ingest, room: str) -> str:
    """What is said of the recording."""
    token = token_for(room, Purpose.SERVE)
    return ingest.get(f"/rooms/{room}/recording", token=token)[1].decode()


def numbers(playlist: str) -> set[str]:
    """The whole segments in a playlist."""
    return set(re.findall(r"/([0-9]+)\.m4s", playlist))
