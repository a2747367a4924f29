"""A track on its way from the publisher to the muxers: copied, or made anew.

Every browser plays H.264 (8 bit, 4:2:0) with AAC; both are passed on untouched.
Whatever else arrives is decoded and encoded again.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, cast

from av import AudioFrame, AudioResampler, VideoFrame
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import InvalidDataError
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.stream import VideoStream

from media.stage.muxing import AnyPacket, Muxer

COPIED_PIXELS = ("yuv420p", "yuvj420p")
LARGEST_SIDE = 1280
FRAMES_S = 25
KEYFRAME_S = 1
MILLISECONDS = Fraction(1, 1000)
VIDEO_OPTIONS = {
    "preset": "veryfast",
    "tune": "zerolatency",
    "profile": "main",
    "sc_threshold": "0",
    "forced-idr": "1",
    "b": "1500k",
    "maxrate": "1800k",
    "bufsize": "1800k",
}
SOUND_RATE = 48_000
SOUND_BITS_S = 96_000


class Track:
    """One incoming stream and its place in every muxer that wants it."""

    def __init__(self, source: Stream, muxers: list[Muxer]) -> None:
        self.source = source
        self._outs = [(muxer, self._place(muxer.container)) for muxer in muxers]
        for muxer, stream in self._outs:
            muxer.add(stream)

    @property
    def is_copied(self) -> bool:
        """Whether packets pass untouched."""
        return True

    def take(self, packet: AnyPacket) -> None:
        """Pass a packet of the source on."""
        for made in self._made(packet):
            for muxer, stream in self._outs:
                muxer.mux(made, stream)

    def _place(self, container: OutputContainer) -> Stream:
        return container.add_stream_from_template(self.source)

    def _made(self, packet: AnyPacket) -> Iterator[AnyPacket]:
        yield packet


class NewVideo(Track):
    """Video that browsers may not know, as H.264 with a keyframe every second."""

    source: VideoStream

    @property
    def is_copied(self) -> bool:
        """Never."""
        return False

    def _place(self, container: OutputContainer) -> VideoStream:
        options = {**VIDEO_OPTIONS, "g": str(FRAMES_S * KEYFRAME_S)}
        stream = container.add_stream("libx264", rate=FRAMES_S, options=options)
        size = fitting_size(self.source.width or 640, self.source.height or 360)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = MILLISECONDS
        self._encoder: VideoCodecContext = stream.codec_context
        self._key_at = float("-inf")
        return stream

    def _made(self, packet: AnyPacket) -> Iterator[AnyPacket]:
        for frame in _decoded(packet):
            if frame.pts is None:
                continue
            yield from self._encoder.encode(self._fitted(frame, frame.time))

    def _fitted(self, frame: VideoFrame, at_s: float) -> VideoFrame:
        width, height = self._encoder.width, self._encoder.height
        fitted = frame.reformat(width=width, height=height, format="yuv420p")
        fitted.pts = int(at_s * 1000)
        fitted.time_base = MILLISECONDS
        is_due = at_s - self._key_at >= KEYFRAME_S
        fitted.pict_type = PictureType.I if is_due else PictureType.NONE
        self._key_at = at_s if is_due else self._key_at
        return fitted


class NewSound(Track):
    """Sound that browsers may not know, as AAC."""

    source: AudioStream

    @property
    def is_copied(self) -> bool:
        """Never."""
        return False

    def _place(self, container: OutputContainer) -> AudioStream:
        stream = container.add_stream("aac", rate=SOUND_RATE, layout="stereo")
        stream.bit_rate = SOUND_BITS_S
        if not hasattr(self, "_encoder"):
            self._encoder: AudioCodecContext = stream.codec_context
            self._resampler = AudioResampler("fltp", "stereo", SOUND_RATE, 1024)
        return stream

    def _made(self, packet: AnyPacket) -> Iterator[AnyPacket]:
        for frame in cast("list[AudioFrame]", _decoded(packet)):
            for piece in self._resampler.resample(frame):
                yield from self._encoder.encode(piece)


def _decoded(packet: AnyPacket) -> list[Any]:
    """Its frames; none for a damaged packet, which costs a moment and no more."""
    try:
        return list(packet.decode())
    except InvalidDataError:
        return []


def track_for(source: Stream, muxers: list[Muxer]) -> Track:
    """The cheapest way to bring `source` into `muxers`."""
    if isinstance(source, VideoStream):
        return (Track if _plays_everywhere(source) else NewVideo)(source, muxers)
    return (Track if source.codec_context.name == "aac" else NewSound)(source, muxers)


def fitting_size(width: int, height: int) -> tuple[int, int]:
    """The size to encode: sides even, the longer at most LARGEST_SIDE."""
    longer = max(width, height)
    if longer > LARGEST_SIDE:
        width = width * LARGEST_SIDE // longer
        height = height * LARGEST_SIDE // longer
    return max(2, width - width % 2), max(2, height - height % 2)


def _plays_everywhere(source: VideoStream) -> bool:
    codec = source.codec_context
    return codec.name == "h264" and codec.pix_fmt in COPIED_PIXELS
