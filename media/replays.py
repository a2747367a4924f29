"""The recorded takes of a session, joined into one MP4 that any browser seeks in."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from json import dumps, loads
from math import floor
from pathlib import Path
from typing import Any, cast

import av
import structlog
from av.container import InputContainer, OutputContainer
from av.stream import Stream
from av.video.stream import VideoStream

from media.stage.muxing import AnyPacket, Muxer
from media.stage.tracks import NewSound, NewVideo, Track

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
    """Write all takes into `target`, copying where they are alike."""
    draft = target.with_suffix(".part")
    spans = []
    options = {"movflags": "faststart"}
    with av.open(str(draft), "w", "mp4", options=options) as out:
        joiner = _Joiner(out, copies=_are_alike(takes))
        for take in takes:
            with av.open(str(take)) as container:
                lasts = joiner.append(container)
            began_ms = int(take.stem.removeprefix("take-"))
            spans.append(Span(began_ms, round(lasts * 1000)))
    _sync(draft)
    draft.replace(target)
    _sync(target.parent)
    return spans


class _Joiner:
    """Puts takes one after another into one file; a muxer to its tracks."""

    def __init__(self, container: OutputContainer, *, copies: bool) -> None:
        self.container = container
        self._copies = copies
        self._tracks: dict[str, Track] = {}
        self._ends_s = 0.0
        self._last_s: dict[int, Fraction] = {}

    def add(self, stream: Stream) -> None:
        """Nothing to note: the file's own timing will do."""

    def mux(self, packet: AnyPacket, stream: Stream) -> None:
        """Write a packet; where takes meet its time may not step back."""
        unit = packet.time_base
        after = self._last_s.get(stream.index, Fraction(-1))
        if (packet.dts or 0) * unit <= after:
            packet.dts = floor(after / unit) + 1
        self._last_s[stream.index] = (packet.dts or 0) * unit
        packet.pts = max(packet.pts or 0, packet.dts or 0)
        packet.stream = stream
        self.container.mux(packet)

    def append(self, take: InputContainer) -> float:
        """Write all of a take; returns its seconds."""
        sources = [*take.streams.video[:1], *take.streams.audio[:1]]
        if not self._tracks:
            self._tracks = {source.type: self._track(source) for source in sources}
        begins: Fraction | None = None
        lasts = Fraction(0)
        for packet in take.demux(*sources):
            track = self._tracks.get(packet.stream.type)
            if packet.dts is None or packet.is_corrupt or track is None:
                continue
            begins = packet.dts * packet.time_base if begins is None else begins
            ends = (packet.dts + (packet.duration or 0)) * packet.time_base
            lasts = max(lasts, ends - begins)
            _shift(packet, Fraction(self._ends_s) - begins)
            track.take(packet)
        self._ends_s += float(lasts)
        return float(lasts)

    def _track(self, source: Stream) -> Track:
        muxers = [cast("Muxer", self)]
        if self._copies:
            return Track(source, muxers)
        return (NewVideo if isinstance(source, VideoStream) else NewSound)(
            source, muxers
        )


def _shift(packet: AnyPacket, by_s: Fraction) -> None:
    ticks = round(by_s / packet.time_base)
    packet.dts = (packet.dts or 0) + ticks
    if packet.pts is not None:
        packet.pts += ticks


def _are_alike(takes: Sequence[Path]) -> bool:
    """Whether one decoder set-up plays them all."""
    return len({_set_up(take) for take in takes}) == 1


def _set_up(take: Path) -> tuple[object, ...]:
    with av.open(str(take)) as container:
        return tuple(
            (stream.type, stream.codec_context.name, stream.codec_context.extradata)
            for stream in container.streams
        )


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
