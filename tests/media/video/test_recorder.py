"""The recorder on a disk that is full."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from media.video.mp4 import Part, Take
from media.video.recorder import Recorder

TAKE = Take("t1", 1000.0, b"i" * 1000)
SET_BACK_S = 900.0
PART = 100_000


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """The system refuses what would make a file longer."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def keep(recorder: Recorder, *, from_s: int, to_s: int) -> None:
    """Parts of 0.2 s, a keyframe every second."""
    for index in range(from_s * 5, to_s * 5):
        part = Part(b"x" * PART, index * 0.2, 0.2, index % 5 == 0)
        recorder.keep(TAKE, part)


def test_a_clock_that_jumps_begins_another_take(tmp_path: Path) -> None:
    """What comes then is dated by the new time, and still comes second."""
    offset_s = 0.0
    recorder = Recorder(tmp_path, lambda: offset_s)

    keep(recorder, from_s=0, to_s=2)
    offset_s = -SET_BACK_S
    keep(recorder, from_s=2, to_s=4)
    recorder.end()

    assert sorted(sizes(tmp_path)) == [
        "take-0001-1000000.mp4",
        "take-0002-102000.mp4",
    ]
    assert recorder.clock_moved


def sizes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in folder.iterdir()}


def test_a_full_disk_leaves_no_stumps(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)

    with files_up_to(PART):
        keep(recorder, from_s=0, to_s=60)
    recorder.end()

    assert sizes(tmp_path) == {}


def test_a_full_disk_is_tried_again_after_some_time(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)

    with files_up_to(4 * PART):
        keep(recorder, from_s=0, to_s=2)
    keep(recorder, from_s=2, to_s=12)
    recorder.end()

    assert sizes(tmp_path) == {
        "take-0001-1000000.mp4": 1000 + 3 * PART,
        "take-0002-1011000.mp4": 1000 + 5 * PART,
    }
