"""The looping film, drawn and encoded once and kept in a file."""

import os
from array import array
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeAlias

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import PictureType
from av.video.stream import VideoStream

from commands.demo.stream.painting import paint
from commands.demo.stream.painting.land import HEIGHT, WIDTH
from commands.demo.stream.painting.weather import Loop
from commands.demo.stream.sound import RATE, compose

AnyPacket: TypeAlias = "Packet[Any]"

SECONDS = 60
FRAMES_S = 20
SOUND_FRAME = 1024
SHORTEST_S = 4
"""A loop is a multiple of it: then sound frames fill it exactly."""

RUN_UP = 8
"""Sound frames encoded before the loop: its first then follows from its last."""

EDITION = "2"
"""Count up when the film looks or sounds different: kept ones are drawn again."""

BT709 = 1
VIDEO_OPTIONS = {
    "preset": "medium",
    "profile": "main",
    "crf": "28",
    "maxrate": "900k",
    "bufsize": "900k",
    "g": str(FRAMES_S),
    "keyint_min": str(FRAMES_S),
    "sc_threshold": "0",
    "bf": "0",
    "threads": "1",
}
SOUND_BITS_S = 48_000


@dataclass(frozen=True)
class Sample:
    """A packet of the film: its bytes, when it is due in the loop, its stream."""

    data: bytes
    ticks: int
    lasts: int
    is_key: bool
    stream: Stream
    unit: Fraction

    @property
    def at(self) -> Fraction:
        """When it is due, in seconds of the loop."""
        return self.ticks * self.unit


@dataclass(frozen=True)
class Film:
    """A film in memory, in the order its packets are due."""

    container: InputContainer
    streams: tuple[Stream, ...]
    samples: tuple[Sample, ...]
    seconds: int


def keep_film(path: Path, seconds: int = SECONDS) -> Path:
    """The film at `path`, drawn now if no whole one of this edition is there.

    It takes half a minute of one core, politely: everybody else goes first.
    """
    if not _is_kept(path):
        drawing = get_context("spawn").Process(
            target=_draw_politely, args=(path, seconds), daemon=True
        )
        drawing.start()
        drawing.join()
    return path


def _draw_politely(path: Path, seconds: int) -> None:
    with suppress(OSError):
        os.nice(19)
    draft = path.with_suffix(".part")
    draw_film(draft, seconds)
    draft.replace(path)


def draw_film(path: Path, seconds: int = SECONDS) -> None:
    """Draw and encode a loop of `seconds`, a multiple of SHORTEST_S."""
    with av.open(str(path), "w", "mp4") as out:
        out.metadata["comment"] = EDITION
        video, sound = _add_video(out), _add_sound(out)
        heard = _heard(sound, compose(seconds))
        for second in range(seconds):
            for index in range(FRAMES_S):
                out.mux(_encoded(video, Loop(seconds), second * FRAMES_S + index))
            _mux_until(out, heard, (second + 1) * RATE)
        out.mux(video.encode())
        _mux_until(out, heard, seconds * RATE)


def read_film(path: Path) -> Film:
    """Load a film that `draw_film` made."""
    container = av.open(str(path), options={"ignore_editlist": "1"})
    samples = [_sample(packet) for packet in container.demux() if packet.size]
    samples.sort(key=lambda sample: sample.at)
    ends = max(sample.at for sample in samples)
    seconds = round(ends + Fraction(1, FRAMES_S))
    return Film(container, tuple(container.streams), tuple(samples), seconds)


def _is_kept(path: Path) -> bool:
    try:
        with av.open(str(path)) as film:
            return film.metadata.get("comment") == EDITION
    except (av.FFmpegError, OSError):
        return False


def _add_video(out: OutputContainer) -> VideoStream:
    stream = out.add_stream("libx264", rate=FRAMES_S, options=VIDEO_OPTIONS)
    stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    context = stream.codec_context
    context.colorspace = context.color_primaries = context.color_trc = BT709
    return stream


def _add_sound(out: OutputContainer) -> AudioStream:
    stream = out.add_stream("aac", rate=RATE, layout="mono")
    stream.bit_rate = SOUND_BITS_S
    return stream


def _encoded(video: VideoStream, loop: Loop, number: int) -> list[AnyPacket]:
    picture = paint(loop, number / FRAMES_S)
    drawn = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
    frame = drawn.reformat(format="yuv420p", dst_colorspace="itu709")
    frame.pts, frame.time_base = number, Fraction(1, FRAMES_S)
    frame.pict_type = PictureType.NONE if number % FRAMES_S else PictureType.I
    return list(video.encode(frame))


def _heard(sound: AudioStream, track: "array[float]") -> Iterator[AnyPacket]:
    """The sound's packets within the loop."""
    count = len(track) // SOUND_FRAME
    for number in range(-RUN_UP, count + RUN_UP):
        begins = number % count * SOUND_FRAME
        frame = av.AudioFrame("fltp", "mono", SOUND_FRAME)
        frame.planes[0].update(track[begins : begins + SOUND_FRAME].tobytes())
        frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
        frame.pts = number * SOUND_FRAME
        for packet in sound.encode(frame):
            if 0 <= (packet.pts or 0) < len(track):
                yield packet


def _mux_until(out: OutputContainer, packets: Iterator[AnyPacket], ends: int) -> None:
    for packet in packets:
        out.mux(packet)
        if (packet.pts or 0) + SOUND_FRAME >= ends:
            return


def _sample(packet: AnyPacket) -> Sample:
    ticks = packet.pts or 0
    return Sample(
        data=bytes(packet),
        ticks=ticks,
        lasts=packet.duration or 0,
        is_key=packet.is_keyframe,
        stream=packet.stream,
        unit=packet.time_base,
    )
