"""One publication's thread: packets from a source, packaged as parts of each rendition.

CMAF calls this packaging: nothing is decoded unless a browser could not play it.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from time import time

import av
import structlog
from av.container import InputContainer
from av.stream import Stream
from av.video.stream import VideoStream

from media.video.health import HealthMeter, StreamFormat
from media.video.mp4 import Muxer, Part, Take
from media.video.sources import Source
from media.video.transcoding import AnyPacket, transcoder_for


class Rendition(StrEnum):
    """What players choose from, by its folder: all of it, or the sound alone."""

    VIDEO = "v"
    AUDIO = "a"


PART_S = {Rendition.VIDEO: 0.2, Rendition.AUDIO: 1.0}
"""Parts of sound alone are longer: who saves data wants few requests."""

OnPart = Callable[[Rendition, Take, Part], None]

log = structlog.get_logger("tianbo.media")


class NothingUseful(Exception):
    """The source holds neither video nor sound."""


class Packager(threading.Thread):
    """Runs until its source ends.

    on_part, on_end: called from this thread; every way to end calls `on_end` once.
    """

    def __init__(
        self,
        source: Source,
        room: str,
        on_part: OnPart,
        on_end: Callable[[], None],
    ) -> None:
        super().__init__(name=f"packager-{room}", daemon=True)
        self.source = source
        self.health = HealthMeter()
        self._take_name = f"{round(time() * 1000):x}"
        self._on_part, self._on_end = on_part, on_end
        self._stopping = threading.Event()

    def run(self) -> None:
        """Carry packets until the source ends or `stop` is called."""
        try:
            with self.source.open() as container:
                self._package(container)
        except (av.FFmpegError, NothingUseful, OSError, ValueError) as error:
            log.info("publication ended", thread=self.name, why=type(error).__name__)
        finally:
            self._on_end()

    def stop(self) -> None:
        """End soon; what has arrived is still handed on."""
        self._stopping.set()
        self.source.close()

    def _package(self, container: InputContainer) -> None:
        sources = [*container.streams.video[:1], *container.streams.audio[:1]]
        if not sources:
            raise NothingUseful
        has_audio = bool(container.streams.audio)
        wanted = Rendition if has_audio else (Rendition.VIDEO,)
        muxers = {each: self._muxer(each) for each in wanted}
        tracks = {one.index: _Track(one, muxers) for one in sources}
        self.health.format = _format(self.source.kind, list(tracks.values()))
        try:
            for muxer in muxers.values():
                muxer.container.start_encoding()
            self._carry(container, tracks)
        finally:
            for muxer in muxers.values():
                with suppress(av.FFmpegError):
                    muxer.container.close()

    def _carry(self, container: InputContainer, tracks: "dict[int, _Track]") -> None:
        """Hand packets on, from the first keyframe when there is video."""
        is_waiting = bool(container.streams.video)
        for packet in container.demux(*(track.source for track in tracks.values())):
            if self._stopping.is_set():
                return
            if packet.dts is None:
                continue
            self._measure(packet)
            is_waiting = is_waiting and not _is_keyframe(packet)
            if not is_waiting:
                tracks[packet.stream.index].write(packet)

    def _measure(self, packet: AnyPacket) -> None:
        at_s = float((packet.dts or 0) * packet.time_base)
        self.health.count(
            packet.size,
            is_frame=packet.stream.type == "video",
            keyframe_at_s=at_s if _is_keyframe(packet) else None,
        )

    def _muxer(self, rendition: Rendition) -> Muxer:
        return Muxer(
            self._take_name,
            PART_S[rendition],
            self.source.came_at,
            lambda take, part: self._on_part(rendition, take, part),
        )


class _Track:
    """One incoming stream and its place in every rendition that carries it."""

    def __init__(self, source: Stream, muxers: dict[Rendition, Muxer]) -> None:
        self.source = source
        self.transcoder = transcoder_for(source)
        is_video = isinstance(source, VideoStream)
        wanted = (Rendition.VIDEO,) if is_video else tuple(muxers)
        containers = [muxers[each].container for each in wanted]
        self._outputs = [(one, self.transcoder.add_stream(one)) for one in containers]

    def write(self, packet: AnyPacket) -> None:
        for converted in self.transcoder.convert(packet):
            for container, stream in self._outputs:
                converted.stream = stream
                container.mux(converted)


def _format(source: str, tracks: list[_Track]) -> StreamFormat:
    by_type = {track.source.type: track.source for track in tracks}
    codecs = {kind: one.codec_context.name for kind, one in by_type.items()}
    video = by_type.get("video")
    size = (video.width, video.height) if isinstance(video, VideoStream) else (0, 0)
    return StreamFormat(
        source,
        *size,
        video_codec=codecs.get("video", ""),
        audio_codec=codecs.get("audio", ""),
        copied=all(track.transcoder.is_copying for track in tracks),
    )


def _is_keyframe(packet: AnyPacket) -> bool:
    return packet.stream.type == "video" and packet.is_keyframe
