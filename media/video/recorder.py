"""A take on disk, written part by part, so that a kill loses nothing it had."""

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import structlog

from media.video.mp4 import Part, Take

SYNC_EVERY_S = 2.0
PAUSE_S = 10.0
"""How long a disk that refused is left alone: not a new file for every keyframe."""

log = structlog.get_logger("tianbo.media")


class Recorder:
    """Writes one take into files of `folder`, from the thread that muxes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: BinaryIO | None = None
        self._synced_s = 0.0
        self._resumes_s = 0.0

    def keep(self, take: Take, part: Part) -> None:
        """Append a part; a file begins with the first part that can stand alone.

        A disk that refuses ends the file, and gets another one some time later; the
        stream goes on.
        """
        is_beginning = part.independent and part.start_s >= self._resumes_s
        if self._file is None and not is_beginning:
            return
        try:
            if self._file is None:
                self._file = self._begin(take, part)
            else:
                _write(self._file, part.data)
            self._sync_sometimes(part)
        except OSError as error:
            log.warning("recording failed", take=take.name, errno=error.errno)
            self._resumes_s = part.start_s + PAUSE_S
            self.end()

    def end(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                os.fdatasync(file.fileno())
                file.close()

    def _begin(self, take: Take, part: Part) -> BinaryIO:
        """The file's name says when its first picture was taken, in milliseconds."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        began_ms = round((take.began_at + part.start_s) * 1000)
        path = self._folder / f"take-{began_ms}.mp4"
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


def _write(file: BinaryIO, data: bytes) -> None:
    """All of it: a disk that is nearly full takes less than it is given."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]
