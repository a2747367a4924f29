"""The recorded takes of a session, joined into one MP4 that any browser seeks in."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from json import dumps, loads
from pathlib import Path
from typing import Any

import av
import structlog

from media.joining import join

REPLAY, FACTS = "replay.mp4", "replay.json"
TAKES = "take-*.mp4"

log = structlog.get_logger("tianbo.media")


@dataclass(frozen=True)
class Span:
    """A take's place in real time: when it began, how long it lasts."""

    started_at_ms: int
    duration_ms: int


@dataclass(frozen=True)
class Replay:
    """A session's recording, its takes one after another."""

    takes: Sequence[Span]

    @property
    def duration_ms(self) -> int:
        """How long it plays."""
        return sum(take.duration_ms for take in self.takes)

    def as_json(self) -> dict[str, Any]:
        """For those who ask whether it is ready."""
        takes = [asdict(take) for take in self.takes]
        return {"ready": True, "duration_ms": self.duration_ms, "takes": takes}


def find_replay(folder: Path) -> Replay | None:
    """The finished replay in a room's folder, if there is one."""
    try:
        facts = loads((folder / FACTS).read_text())
    except (OSError, ValueError):
        return None
    return Replay([Span(**take) for take in facts["takes"]])


def has_loose_takes(folder: Path) -> bool:
    """Whether something was recorded that no replay holds yet."""
    return any(folder.glob(TAKES))


def assemble(folder: Path) -> Replay:
    """Join the takes of a room's folder into its replay; slow, so call it in a thread.

    Takes are deleted once the replay is safely on disk. A session without a take
    has an empty replay. A take that cannot be read is left where it is.
    """
    takes = sorted(folder.glob(TAKES))
    readable = [take for take in takes if _can_be_read(take)]
    replay = Replay(_join(readable, folder / REPLAY) if readable else [])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_safely(folder / FACTS, dumps(replay.as_json()).encode())
    for take in readable:
        take.unlink()
    return replay


def _can_be_read(take: Path) -> bool:
    try:
        with av.open(str(take)) as container:
            return next(container.demux(), None) is not None
    except (av.FFmpegError, OSError):
        log.warning("take cannot be read", file=take.name)
        return False


def _join(takes: Sequence[Path], target: Path) -> list[Span]:
    draft = target.with_suffix(".part")
    lasting_ms = join(takes, draft)
    began_ms = [int(take.stem.removeprefix("take-")) for take in takes]
    _sync(draft)
    draft.replace(target)
    _sync(target.parent)
    return [Span(*one) for one in zip(began_ms, lasting_ms, strict=True)]


def _write_safely(path: Path, data: bytes) -> None:
    draft = path.with_suffix(".part")
    draft.write_bytes(data)
    _sync(draft)
    draft.replace(path)


def _sync(path: Path) -> None:
    place = os.open(path, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
