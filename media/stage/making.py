"""Packets as every browser plays them: copied, or decoded and made anew."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Protocol, cast

from av import AudioFrame, AudioResampler, VideoFrame
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import InvalidDataError
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.stream import VideoStream

from media.stage.muxing import AnyPacket
from media.stage.pictures import Surround, black, fitting_size

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
SOUND_RATE = 48_000
SOUND_BITS_S = 96_000
SOUND_SAMPLES = 1024


class Making(Protocol):
    """How packets of one kind are made; one of them serves one source after another.

    is_copied: whether packets pass untouched.
    """

    is_copied: bool

    def place(self, container: OutputContainer) -> Stream:
        """A new stream of `container` for what is made."""

    def made(self, packet: AnyPacket) -> Iterator[AnyPacket]:
        """What becomes of a packet; one without data ends its source."""

    def blank(self, until_s: float) -> Iterator[AnyPacket]:
        """Silence, or black, from what was made last until that time."""

    def rest(self) -> Iterator[AnyPacket]:
        """What was held back; nothing can be made after that."""


class Copied:
    """Packets of a stream whose codec every browser knows."""

    is_copied = True

    def __init__(self, source: Stream) -> None:
        self._source = source

    def place(self, container: OutputContainer) -> Stream:
        """A stream like the source."""
        return container.add_stream_from_template(self._source)

    def made(self, packet: AnyPacket) -> Iterator[AnyPacket]:
        """The packet itself."""
        if packet.dts is not None:
            yield packet

    def blank(self, until_s: float) -> Iterator[AnyPacket]:
        """Nothing: a codec that is only copied has no black."""
        yield from ()

    def rest(self) -> Iterator[AnyPacket]:
        """Nothing is held back."""
        yield from ()


class NewVideo:
    """Video as H.264 with a keyframe every second, in one size.

    width, height: of the source, 0 where it does not say; pictures of another shape
    are surrounded by black.
    """

    is_copied = False

    def __init__(self, width: int, height: int) -> None:
        self._size = fitting_size(width or 640, height or 360)
        self._surround = Surround(self._size)
        self._key_at_s = float("-inf")
        self._blank_at_s = 0.0
        self._encoder: VideoCodecContext

    def place(self, container: OutputContainer) -> VideoStream:
        """A stream with the encoder; there can be only one."""
        stream = container.add_stream("libx264", rate=FRAMES_S, options=VIDEO_OPTIONS)
        stream.width, stream.height = self._size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = MILLISECONDS
        self._encoder = stream.codec_context
        return stream

    def made(self, packet: AnyPacket) -> Iterator[AnyPacket]:
        """Its pictures, encoded."""
        for frame in _decoded(packet):
            if frame.pts is not None:
                yield from self._encoded(self._surround.fit(frame), frame.time)

    def blank(self, until_s: float) -> Iterator[AnyPacket]:
        """A black picture every second."""
        while self._blank_at_s < until_s:
            yield from self._encoded(black(self._size), self._blank_at_s)

    def rest(self) -> Iterator[AnyPacket]:
        """What the encoder held back."""
        yield from self._encoder.encode(None)

    def _encoded(self, frame: VideoFrame, at_s: float) -> list[AnyPacket]:
        frame.pts = int(at_s * 1000)
        frame.time_base = MILLISECONDS
        is_due = at_s - self._key_at_s >= KEYFRAME_S
        frame.pict_type = PictureType.I if is_due else PictureType.NONE
        self._key_at_s = at_s if is_due else self._key_at_s
        self._blank_at_s = at_s + KEYFRAME_S
        return self._encoder.encode(frame)


class NewSound:
    """Sound as AAC, 48 kHz stereo."""

    is_copied = False

    def __init__(self) -> None:
        self._encoder: AudioCodecContext | None = None
        self._resampler: AudioResampler | None = None
        self._heard: tuple[str, str, int] | None = None
        self._ends_s = 0.0

    def place(self, container: OutputContainer) -> AudioStream:
        """A stream; the first one's encoder works for all."""
        stream = container.add_stream("aac", rate=SOUND_RATE, layout="stereo")
        stream.bit_rate = SOUND_BITS_S
        self._encoder = self._encoder or stream.codec_context
        return stream

    def made(self, packet: AnyPacket) -> Iterator[AnyPacket]:
        """Its sound, encoded."""
        for frame in cast("list[AudioFrame]", _decoded(packet)):
            for piece in self._resampled(frame):
                yield from self._encoded(piece)

    def blank(self, until_s: float) -> Iterator[AnyPacket]:
        """Silence."""
        lasts_s = SOUND_SAMPLES / SOUND_RATE
        while self._ends_s + lasts_s <= until_s:
            yield from self._encoded(_silence(self._ends_s))

    def rest(self) -> Iterator[AnyPacket]:
        """What resampler and encoder held back."""
        if self._encoder is None:
            return
        if self._resampler is not None:
            for piece in self._resampler.resample(None):
                yield from self._encoded(piece)
        yield from self._encoder.encode(None)

    def _resampled(self, frame: AudioFrame) -> list[AudioFrame]:
        """A resampler knows one kind of sound: another kind needs another one."""
        heard = (frame.format.name, frame.layout.name, frame.sample_rate)
        pieces: list[AudioFrame] = []
        if self._resampler is None or heard != self._heard:
            if self._resampler is not None:
                pieces += self._resampler.resample(None)
            self._heard = heard
            self._resampler = AudioResampler(
                "fltp", "stereo", SOUND_RATE, SOUND_SAMPLES
            )
        return pieces + self._resampler.resample(frame)

    def _encoded(self, piece: AudioFrame) -> list[AnyPacket]:
        if self._encoder is None:
            return []
        self._ends_s = (piece.time or 0.0) + piece.samples / SOUND_RATE
        return self._encoder.encode(piece)


def _silence(at_s: float) -> AudioFrame:
    frame = AudioFrame(format="fltp", layout="stereo", samples=SOUND_SAMPLES)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate = SOUND_RATE
    frame.time_base = Fraction(1, SOUND_RATE)
    frame.pts = round(at_s * SOUND_RATE)
    return frame


def _decoded(packet: AnyPacket) -> list[Any]:
    """Its frames; none for a damaged packet, which costs a moment and no more."""
    try:
        return list(packet.decode())
    except InvalidDataError:
        return []
