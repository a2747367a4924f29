"""A track on its way from the publisher to the muxers.

Every browser plays H.264 (8 bit, 4:2:0) with AAC; both are passed on untouched.
Whatever else arrives is decoded and encoded again.
"""

from collections.abc import Sequence

from av.stream import Stream
from av.video.stream import VideoStream

from media.stage.making import Copied, Making, NewSound, NewVideo
from media.stage.muxing import AnyPacket, Muxer

COPIED_PIXELS = ("yuv420p", "yuvj420p")


class Track:
    """One incoming stream and its place in every muxer that wants it."""

    def __init__(self, source: Stream, muxers: Sequence[Muxer]) -> None:
        self.source = source
        self._making = _making_for(source)
        self._outs = [(each, self._making.place(each.container)) for each in muxers]
        for muxer, stream in self._outs:
            muxer.add(stream)

    @property
    def is_copied(self) -> bool:
        """Whether packets pass untouched."""
        return self._making.is_copied

    def take(self, packet: AnyPacket) -> None:
        """Pass a packet of the source on."""
        for made in self._making.made(packet):
            for muxer, stream in self._outs:
                muxer.mux(made, stream)


def _making_for(source: Stream) -> Making:
    """The cheapest way to have what browsers play."""
    if not isinstance(source, VideoStream):
        is_known = source.codec_context.name == "aac"
        return Copied(source) if is_known else NewSound()
    if _plays_everywhere(source):
        return Copied(source)
    return NewVideo(source.width, source.height)


def _plays_everywhere(source: VideoStream) -> bool:
    codec = source.codec_context
    return codec.name == "h264" and codec.pix_fmt in COPIED_PIXELS
