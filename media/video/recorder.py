"""A take on disk, written part by part, so that a kill loses nothing it had."""

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic, time
from typing import BinaryIO

import structlog

from media.video.mp4 import Part, Take

SYNC_EVERY_S = 2.0
PAUSE_S = 10.0
"""How long a disk that refused is left alone: not a new file for every keyframe."""

JUMP_S = 5.0
"""So far from where it was the clock was put right, or wrong."""

TAKE = re.compile(r"take-(?:([0-9]{1,6})-)?([0-9]{1,15})\.mp4")
"""In which order it was begun, and the clock's milliseconds then, which may have been
set back in between."""

log = structlog.get_logger("tianbo.media")


def _clock_offset() -> float:
    return time() - monotonic()


class Recorder:
    """Writes one take into files of `folder`, from the thread that muxes it.

    has_failed: whether the disk does not take what comes now. clock_moved: whether the
    clock was set while this was recorded.
    """

    def __init__(
        self, folder: Path, clock_offset: Callable[[], float] = _clock_offset
    ) -> None:
        self.has_failed = self.clock_moved = False
        self._folder = folder
        self._clock_offset = clock_offset
        self._took_at = self._offset_s = clock_offset()
        self._file: BinaryIO | None = None
        self._synced_s = 0.0
        self._resumes_s = 0.0

    def keep(self, take: Take, part: Part) -> None:
        """Append a part; a file begins with the first part that can stand alone.

        A disk that refuses ends the file, and gets another one some time later; the
        stream goes on. So does it where the clock jumps: what happens in the room is
        dated by the new time.
        """
        self._follow_clock()
        is_beginning = part.independent and part.start_s >= self._resumes_s
        if self._file is None and not is_beginning:
            return
        try:
            if self._file is None:
                self._file = self._begin(take, part)
            else:
                _write_whole(self._file, part.data)
            self._sync_sometimes(part)
            self.has_failed = False
        except OSError as error:
            self.has_failed = True
            log.warning("recording failed", take=take.name, errno=error.errno)
            self._resumes_s = part.start_s + PAUSE_S
            self.end()

    def end(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                os.fdatasync(file.fileno())
                file.close()

    def _follow_clock(self) -> None:
        offset_s = self._clock_offset()
        if abs(offset_s - self._offset_s) > JUMP_S:
            log.warning("clock moved", by_s=round(offset_s - self._offset_s))
            self._offset_s, self.clock_moved = offset_s, True
            self.end()

    def _begin(self, take: Take, part: Part) -> BinaryIO:
        """The file's name says when its first picture was taken, in milliseconds."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        moved_s = self._offset_s - self._took_at
        began_ms = round((take.began_at + part.start_s + moved_s) * 1000)
        path = self._folder / f"take-{_next_number(self._folder):04d}-{began_ms}.mp4"
        file = path.open("xb", buffering=0)
        try:
            _write(file, take.init + part.data)
        except OSError:
            file.close()
            path.unlink()
            raise
        self._synced_s = part.start_s
        return file

    def _sync_sometimes(self, part: Part) -> None:
        if self._file is not None and part.start_s - self._synced_s >= SYNC_EVERY_S:
            os.fdatasync(self._file.fileno())
            self._synced_s = part.start_s


def _next_number(folder: Path) -> int:
    names = [TAKE.fullmatch(path.name) for path in folder.iterdir()]
    return 1 + max((int(name[1] or 0) for name in names if name), default=0)


def _write_whole(file: BinaryIO, data: bytes) -> None:
    """All of it or nothing: half a part at the end is a damaged film."""
    end = file.tell()
    try:
        _write(file, data)
    except OSError:
        file.truncate(end)
        raise


def _write(file: BinaryIO, data: bytes) -> None:
    """All of it: a disk that is nearly full takes less than it is given."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]
