"""One publication: a thread that carries packets from a source to the muxers."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import av
import structlog
from av.container import InputContainer
from av.stream import Stream
from av.video.stream import VideoStream

from media.stage.gauge import Gauge, Picture
from media.stage.muxing import AnyPacket, Muxer
from media.stage.parts import Part
from media.stage.sources import Source
from media.stage.tracks import Track

PART_S, SOUND_PART_S = 0.2, 1.0

log = structlog.get_logger("tianbo.media")


class NothingUseful(Exception):
    """The source holds neither video nor sound."""


@dataclass(frozen=True)
class Outlets:
    """Where what was muxed goes; called from the pump's thread.

    `video` carries picture and sound, `sound` the sound alone.
    """

    on_init: Callable[[str, bytes], None]
    on_part: Callable[[str, Part], None]
    on_end: Callable[[], None]


VIDEO, SOUND = "video", "sound"


class Pump(threading.Thread):
    """Runs until its source ends; every way to end calls `on_end` once."""

    def __init__(self, source: Source, outlets: Outlets, name: str) -> None:
        super().__init__(name=f"pump-{name}", daemon=True)
        self.source = source
        self.gauge = Gauge()
        self._outlets = outlets
        self._stopping = threading.Event()

    def run(self) -> None:
        """Carry packets until the source ends or `stop` is called."""
        try:
            with self.source.open() as container:
                self._carry(container)
        except (av.FFmpegError, NothingUseful, OSError, ValueError) as error:
            log.info("publication ended", thread=self.name, why=type(error).__name__)
        finally:
            self._outlets.on_end()

    def stop(self) -> None:
        """End soon; what has arrived is still handed on."""
        self._stopping.set()
        self.source.close()

    def _carry(self, container: InputContainer) -> None:
        video = next(iter(container.streams.video), None)
        sound = next(iter(container.streams.audio), None)
        if video is None and sound is None:
            raise NothingUseful
        muxers = {VIDEO: self._muxer(VIDEO, PART_S)}
        if sound is not None:
            muxers[SOUND] = self._muxer(SOUND, SOUND_PART_S)
        tracks = _tracks(video, sound, muxers)
        self.gauge.picture = _picture(self.source.kind, tracks)
        try:
            for muxer in muxers.values():
                muxer.container.start_encoding()
            self._carry_packets(container, tracks, waits_for_key=video is not None)
        finally:
            for muxer in muxers.values():
                with suppress(av.FFmpegError):
                    muxer.close()

    def _carry_packets(
        self,
        container: InputContainer,
        tracks: Mapping[int, Track],
        *,
        waits_for_key: bool,
    ) -> None:
        """Hand packets on, from the first keyframe when there is video."""
        wanted = [track.source for track in tracks.values()]
        for packet in container.demux(*wanted):
            if self._stopping.is_set():
                return
            if packet.dts is None:
                continue
            self._measure(packet)
            if waits_for_key and not _is_key(packet):
                continue
            waits_for_key = False
            tracks[packet.stream.index].take(packet)

    def _measure(self, packet: AnyPacket) -> None:
        is_frame = packet.stream.type == "video"
        at = packet.dts or 0
        key_at = float(at * packet.time_base) if _is_key(packet) else None
        self.gauge.count(packet.size, is_frame=is_frame, key_at=key_at)

    def _muxer(self, kind: str, part_s: float) -> Muxer:
        return Muxer(
            part_s,
            lambda header: self._outlets.on_init(kind, header),
            lambda part: self._outlets.on_part(kind, part),
        )


def _tracks(
    video: Stream | None, sound: Stream | None, muxers: Mapping[str, Muxer]
) -> dict[int, Track]:
    """The tracks by the index of their stream; video is first in its muxer."""
    tracks = {}
    if video is not None:
        tracks[video.index] = Track(video, [muxers[VIDEO]])
    if sound is not None:
        tracks[sound.index] = Track(sound, list(muxers.values()))
    return tracks


def _picture(source: str, tracks: Mapping[int, Track]) -> Picture:
    video = next((t for t in tracks.values() if t.source.type == "video"), None)
    sound = next((t for t in tracks.values() if t.source.type == "audio"), None)
    size = (0, 0)
    if video is not None and isinstance(video.source, VideoStream):
        size = (video.source.width, video.source.height)
    return Picture(
        source=source,
        width=size[0],
        height=size[1],
        video_codec=video.source.codec_context.name if video else "",
        audio_codec=sound.source.codec_context.name if sound else "",
        copied=all(track.is_copied for track in tracks.values()),
    )


def _is_key(packet: AnyPacket) -> bool:
    return packet.stream.type == "video" and packet.is_keyframe
