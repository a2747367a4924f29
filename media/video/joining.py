"""Films one after another in one MP4."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path

import av
import structlog
from av.container import InputContainer, OutputContainer
from av.error import InvalidDataError
from av.stream import Stream

from media.video.transcoding import AnyPacket, PassThrough, Transcoder, encoding

KINDS = "video", "audio"
OPTIONS = {"movflags": "faststart"}

log = structlog.get_logger("tianbo.media")


def join(films: Sequence[Path], target: Path) -> list[int]:
    """Write `films` into `target`; returns how long each one plays there, in ms.

    What all films have and one decoder set-up plays is copied. Other pictures and
    sounds are encoded anew, and black or silent where a film has none. A film that is
    damaged ends there. Raises av.FFmpegError or OSError, e.g. when the disk is full.
    """
    with av.open(str(target), "w", "mp4", options=OPTIONS) as out:
        joiner = _Joiner(out, films)
        lasting_s = [joiner.append(film) for film in films]
        joiner.finish()
    return [round(lasts_s * 1000) for lasts_s in lasting_s]


@dataclass
class _Track:
    """A stream of the joined film, and when its last packet begins."""

    transcoder: Transcoder
    stream: Stream
    last_s: Fraction = Fraction(-1)


class _Joiner:
    def __init__(self, container: OutputContainer, films: Sequence[Path]) -> None:
        self._container = container
        self._tracks: dict[str, _Track] = {}
        self._ends_s = Fraction(0)
        set_ups = {film: _set_ups(film) for film in films}
        for kind in KINDS:
            films_with = [each for each in films if kind in set_ups[each]]
            if films_with:
                are_alike = len({each.get(kind) for each in set_ups.values()}) == 1
                track = self._track(films_with[0], kind, is_copied=are_alike)
                self._tracks[kind] = track

    def append(self, film: Path) -> Fraction:
        """Write all of a film; returns its seconds."""
        begins_s = self._ends_s
        with av.open(str(film)) as opened:
            sources = _streams(opened)
            absent = [one for kind, one in self._tracks.items() if kind not in sources]
            for packet in self._moved(_packets(opened, sources, film.name)):
                for track in absent:
                    self._write(track, track.transcoder.fill_until(float(self._ends_s)))
                track = self._tracks[packet.stream.type]
                self._write(track, track.transcoder.convert(packet))
        return self._ends_s - begins_s

    def finish(self) -> None:
        for track in self._tracks.values():
            self._write(track, track.transcoder.flush())

    def _moved(self, packets: Iterator[AnyPacket]) -> Iterator[AnyPacket]:
        """A film's packets at their time in the joined one."""
        begins_s, by_s = self._ends_s, None
        for packet in packets:
            if packet.dts is not None:
                unit = packet.time_base
                by_s = begins_s - packet.dts * unit if by_s is None else by_s
                _move(packet, by_s)
                ends_s = (packet.dts + (packet.duration or 0)) * unit
                self._ends_s = max(self._ends_s, ends_s)
            yield packet

    def _write(self, track: _Track, packets: Iterator[AnyPacket]) -> None:
        """Where films meet a track's time may not step back."""
        for packet in packets:
            unit = packet.time_base
            if (packet.dts or 0) * unit <= track.last_s:
                packet.dts = floor(track.last_s / unit) + 1
            track.last_s = (packet.dts or 0) * unit
            packet.pts = max(packet.pts or 0, packet.dts or 0)
            packet.stream = track.stream
            self._container.mux(packet)

    def _track(self, film: Path, kind: str, *, is_copied: bool) -> _Track:
        """A track for what is like the film's, or for all of that kind."""
        with av.open(str(film)) as opened:
            source = _streams(opened)[kind]
            transcoder = PassThrough(source) if is_copied else encoding(source)
            return _Track(transcoder, transcoder.add_stream(self._container))


def _packets(
    film: InputContainer, sources: Mapping[str, Stream], name: str
) -> Iterator[AnyPacket]:
    try:
        for packet in film.demux(*sources.values()):
            if not packet.is_corrupt:
                yield packet
    except InvalidDataError:
        log.warning("film is damaged", file=name)


def _move(packet: AnyPacket, by_s: Fraction) -> None:
    ticks = round(by_s / packet.time_base)
    packet.dts = (packet.dts or 0) + ticks
    if packet.pts is not None:
        packet.pts += ticks


def _streams(film: InputContainer) -> dict[str, Stream]:
    """Its first picture and its first sound."""
    return {one.type: one for one in [*film.streams.audio[:1], *film.streams.video[:1]]}


def _set_ups(film: Path) -> dict[str, tuple[str, bytes | None]]:
    """What a decoder must know, by kind."""
    with av.open(str(film)) as opened:
        return {
            kind: (source.codec_context.name, source.codec_context.extradata)
            for kind, source in _streams(opened).items()
        }
