"""Packets as every browser plays them: passed through, or decoded and encoded again.

Every browser plays H.264 (8 bit, 4:2:0) with AAC.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, TypeAlias, cast

from av import AudioFrame, AudioResampler, VideoFrame
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import InvalidDataError
from av.packet import Packet
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.stream import VideoStream

from media.video.scaling import Letterbox, black, encoded_size

AnyPacket: TypeAlias = "Packet[Any]"

PASSED_PIXELS = ("yuv420p", "yuvj420p")
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
    "g": str(FRAMES_S * KEYFRAME_S),
}
AUDIO_RATE = 48_000
AUDIO_BITS_S = 96_000
AUDIO_SAMPLES = 1024


class Transcoder(ABC):
    """Converts packets of one kind; one of them serves one source after another.

    is_copying: whether packets pass untouched.
    """

    is_copying = False

    @abstractmethod
    def add_stream(self, container: OutputContainer) -> Stream:
        """A new stream of `container` for what is converted."""

    @abstractmethod
    def convert(self, packet: AnyPacket) -> Iterator[AnyPacket]:
        """What becomes of a packet; one without data ends its source."""

    def fill_until(self, until_s: float) -> Iterator[AnyPacket]:
        """Silence, or black, from the last packet until that time; copies have none."""
        return iter(())

    def flush(self) -> Iterator[AnyPacket]:
        """What was held back; nothing can be converted after that."""
        return iter(())


def transcoder_for(source: Stream) -> Transcoder:
    """The cheapest way from `source` to what browsers play."""
    codec = source.codec_context
    plays_everywhere = codec.name == "aac"
    if isinstance(source, VideoStream):
        is_common = source.codec_context.pix_fmt in PASSED_PIXELS
        plays_everywhere = codec.name == "h264" and is_common
    return PassThrough(source) if plays_everywhere else encoding(source)


def encoding(source: Stream) -> Transcoder:
    """The way for streams that are not all like `source`."""
    if isinstance(source, VideoStream):
        return VideoTranscoder(source.width, source.height)
    return AudioTranscoder()


class PassThrough(Transcoder):
    """Packets of a stream whose codec every browser knows."""

    is_copying = True

    def __init__(self, source: Stream) -> None:
        self._source = source

    def add_stream(self, container: OutputContainer) -> Stream:
        return container.add_stream_from_template(self._source)

    def convert(self, packet: AnyPacket) -> Iterator[AnyPacket]:
        if packet.dts is not None:
            yield packet


class VideoTranscoder(Transcoder):
    """Video as H.264 with a keyframe every second, in one size.

    width, height: of the source, 0 where it does not say; pictures of another shape
    are surrounded by black.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = encoded_size(width or 640, height or 360)
        self._letterbox = Letterbox(self._size)
        self._keyframe_at_s = float("-inf")
        self._fill_from_s = 0.0
        self._encoder: VideoCodecContext

    def add_stream(self, container: OutputContainer) -> VideoStream:
        """A stream with the encoder; there can be only one."""
        stream = container.add_stream("libx264", rate=FRAMES_S, options=VIDEO_OPTIONS)
        stream.width, stream.height = self._size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = MILLISECONDS
        self._encoder = stream.codec_context
        return stream

    def convert(self, packet: AnyPacket) -> Iterator[AnyPacket]:
        for frame in _decoded(packet):
            if frame.pts is not None:
                yield from self._encoded(self._letterbox.fit(frame), frame.time)

    def fill_until(self, until_s: float) -> Iterator[AnyPacket]:
        while self._fill_from_s < until_s:
            yield from self._encoded(black(self._size), self._fill_from_s)

    def flush(self) -> Iterator[AnyPacket]:
        yield from self._encoder.encode(None)

    def _encoded(self, frame: VideoFrame, at_s: float) -> list[AnyPacket]:
        """Keyframes go by the clock: a camera's frame rate is only a wish."""
        frame.pts = int(at_s * 1000)
        frame.time_base = MILLISECONDS
        is_due = at_s - self._keyframe_at_s >= KEYFRAME_S
        frame.pict_type = PictureType.I if is_due else PictureType.NONE
        self._keyframe_at_s = at_s if is_due else self._keyframe_at_s
        self._fill_from_s = at_s + KEYFRAME_S
        return self._encoder.encode(frame)


class AudioTranscoder(Transcoder):
    """Sound as AAC, 48 kHz stereo."""

    def __init__(self) -> None:
        self._encoder: AudioCodecContext | None = None
        self._resampler: AudioResampler | None = None
        self._resamples: tuple[str, str, int] | None = None
        self._fill_from_s = 0.0

    def add_stream(self, container: OutputContainer) -> AudioStream:
        """A stream; the first one's encoder works for all."""
        stream = container.add_stream("aac", rate=AUDIO_RATE, layout="stereo")
        stream.bit_rate = AUDIO_BITS_S
        self._encoder = self._encoder or stream.codec_context
        return stream

    def convert(self, packet: AnyPacket) -> Iterator[AnyPacket]:
        for frame in cast("list[AudioFrame]", _decoded(packet)):
            for piece in self._resampled(frame):
                yield from self._encoded(piece)

    def fill_until(self, until_s: float) -> Iterator[AnyPacket]:
        while self._fill_from_s + AUDIO_SAMPLES / AUDIO_RATE <= until_s:
            yield from self._encoded(_silence(self._fill_from_s))

    def flush(self) -> Iterator[AnyPacket]:
        if self._encoder is None:
            return
        for piece in self._resampler.resample(None) if self._resampler else ():
            yield from self._encoded(piece)
        yield from self._encoder.encode(None)

    def _resampled(self, frame: AudioFrame) -> list[AudioFrame]:
        """A resampler knows one kind of sound: another kind needs another one."""
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        pieces: list[AudioFrame] = []
        if self._resampler is None or kind != self._resamples:
            if self._resampler is not None:
                pieces += self._resampler.resample(None)
            self._resamples = kind
            self._resampler = AudioResampler(
                "fltp", "stereo", AUDIO_RATE, AUDIO_SAMPLES
            )
        return pieces + self._resampler.resample(frame)

    def _encoded(self, piece: AudioFrame) -> list[AnyPacket]:
        if self._encoder is None:
            return []
        self._fill_from_s = (piece.time or 0.0) + piece.samples / AUDIO_RATE
        return self._encoder.encode(piece)


def _silence(at_s: float) -> AudioFrame:
    frame = AudioFrame(format="fltp", layout="stereo", samples=AUDIO_SAMPLES)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate = AUDIO_RATE
    frame.time_base = Fraction(1, AUDIO_RATE)
    frame.pts = round(at_s * AUDIO_RATE)
    return frame


def _decoded(packet: AnyPacket) -> list[Any]:
    """Its frames; none for a damaged packet, which costs a moment and no more."""
    try:
        return list(packet.decode())
    except InvalidDataError:
        return []
