"""The recorded takes of a session, joined into one MP4 that any browser seeks in."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from json import dumps, loads
from pathlib import Path
from typing import Any

import av
import structlog

from domain.live_replay import Take
from media.video.joining import join
from media.video.recorder import TAKE

REPLAY, FACTS = "replay.mp4", "replay.json"
NEW_REPLAY, NEW_FACTS = "replay.mp4.part", "replay.json.part"
TAKES = "take-*.mp4"

log = structlog.get_logger("tianbo.media")


@dataclass(frozen=True)
class Replay:
    """A session's recording, its takes one after another."""

    takes: Sequence[Take]

    @property
    def duration_ms(self) -> int:
        return sum(take.duration_ms for take in self.takes)

    def as_json(self) -> dict[str, Any]:
        """For those who ask whether it is ready."""
        takes = [asdict(take) for take in self.takes]
        return {"ready": True, "duration_ms": self.duration_ms, "takes": takes}


def find_replay(folder: Path) -> Replay | None:
    """The finished replay in a room's folder, if there is one."""
    return _read_facts(folder / FACTS)


def has_loose_takes(folder: Path) -> bool:
    """Whether something was recorded that no replay holds yet."""
    return any(folder.glob(TAKES))


def assemble(folder: Path) -> Replay:
    """Join the loose takes of a room's folder, with its replay if it has one already.

    Slow, so call it in a thread. Takes are deleted once a replay that holds them is
    safely on disk; one that cannot be read is set aside as bad-….mp4. A session
    without a take has an empty replay. Raises av.FFmpegError or OSError, e.g. when
    the disk is full: then all is as before, and it may be tried again.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _complete_draft(folder)
    replay = find_replay(folder)
    takes = list(_takes_to_join(folder, replay))
    if takes or replay is None:
        replay = _draft(folder, replay or Replay([]), takes)
        _complete_draft(folder)
    for take in takes:
        take.unlink()
    return replay


def _complete_draft(folder: Path) -> None:
    """Put a new film and its facts in their places, or remove what is half of them.

    Facts are written when the film is whole, and follow it to its place.
    """
    if _read_facts(folder / NEW_FACTS) is not None:
        for draft, name in ((NEW_REPLAY, REPLAY), (NEW_FACTS, FACTS)):
            if (folder / draft).exists():
                (folder / draft).replace(folder / name)
                _sync(folder)
    for left in folder.glob("*.part"):
        left.unlink()


def _takes_to_join(folder: Path, replay: Replay | None) -> Iterator[Path]:
    """Takes that can be read and are in no replay; others are put out of the way."""
    joined_ms = {one.started_at_ms for one in replay.takes} if replay else set()
    for take in sorted(folder.glob(TAKES)):
        if TAKE.fullmatch(take.name) and _place_of(take)[1] in joined_ms:
            take.unlink()
        elif TAKE.fullmatch(take.name) and _can_be_read(take):
            yield take
        else:
            log.warning("take cannot be read", file=take.name)
            take.rename(take.with_name(take.name.replace("take-", "bad-", 1)))


def _can_be_read(take: Path) -> bool:
    """Raises OSError when that is the disk's fault."""
    try:
        with av.open(str(take)) as container:
            packets = container.demux(
                *container.streams.video, *container.streams.audio
            )
            return any(packet.dts is not None for packet in packets)
    except av.FFmpegError as error:
        if isinstance(error, OSError):
            raise
        return False


def _draft(folder: Path, before: Replay, takes: Sequence[Path]) -> Replay:
    """Write a new film and its facts beside what is there; nothing without takes."""
    film, facts = folder / NEW_REPLAY, folder / NEW_FACTS
    try:
        joined = _join(folder / REPLAY, before.takes, takes, film) if takes else []
        replay = Replay(joined)
        facts.write_text(dumps(replay.as_json()))
        _sync(facts)
        _sync(folder)
    except BaseException:
        facts.unlink(missing_ok=True)
        film.unlink(missing_ok=True)
        raise
    return replay


def _join(
    film: Path, before: Sequence[Take], takes: Sequence[Path], target: Path
) -> list[Take]:
    """Join takes with what a finished film has, in the order they were begun in."""
    pieces = [(*_place_of(take), take) for take in takes]
    if before and film.exists():
        pieces.append((0, before[0].started_at_ms, film))
    pieces.sort()
    lasting_ms = join([path for *_place, path in pieces], target)
    _sync(target)
    joined: list[Take] = []
    for (_number, began_ms, path), lasts_ms in zip(pieces, lasting_ms, strict=True):
        joined += before if path == film else [Take(began_ms, lasts_ms)]
    return joined


def _place_of(take: Path) -> tuple[int, int]:
    """A take's number, 0 for one that has none, and when it began."""
    found = TAKE.fullmatch(take.name)
    return (int(found[1] or 0), int(found[2])) if found else (0, 0)


def _read_facts(path: Path) -> Replay | None:
    try:
        facts = loads(path.read_text())
    except (OSError, ValueError):
        return None
    return Replay([Take(**take) for take in facts["takes"]])


def _sync(path: Path) -> None:
    place = os.open(path, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
