"""A take on disk, written part by part, so that a kill loses nothing it had."""

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import structlog

from media.stage.parts import Part, Take

SYNC_EVERY_S = 2.0

log = structlog.get_logger("tianbo.media")


class Recorder:
    """Writes one take into files of `folder`, from the thread that muxes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: BinaryIO | None = None
        self._synced_s = 0.0

    def keep(self, take: Take, part: Part) -> None:
        """Append a part; a file begins with the first part that can stand alone.

        A disk that refuses ends this take's recording; the stream goes on.
        """
        if self._file is None and not part.independent:
            return
        try:
            if self._file is None:
                self._file = self._begin(take, part)
            self._file.write(part.data)
            self._sync_sometimes(part)
        except OSError as error:
            log.warning("recording failed", take=take.name, errno=error.errno)
            self.end()

    def end(self) -> None:
        """Close the current file, if any."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                os.fdatasync(file.fileno())
                file.close()

    def _begin(self, take: Take, part: Part) -> BinaryIO:
        """The file's name says when its first picture was taken, in milliseconds."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        began_ms = round((take.began_at + part.start_s) * 1000)
        file = (self._folder / f"take-{began_ms}.mp4").open("xb", buffering=0)
        file.write(take.init)
        self._synced_s = part.start_s
        return file

    def _sync_sometimes(self, part: Part) -> None:
        if self._file is not None and part.start_s - self._synced_s >= SYNC_EVERY_S:
            os.fdatasync(self._file.fileno())
            self._synced_s = part.start_s
