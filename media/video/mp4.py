"""A take as fragmented MP4 (ISO/IEC 14496-12), cut into parts in memory."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import av
from av.container import OutputContainer

BOX_HEADER = struct.Struct(">I4s")
NOT_SYNC = 0x10000

# Flags of tfhd and trun: which of their optional fields are there.
HAS_BASE_OFFSET, HAS_DESCRIPTION = 0x01, 0x02
HAS_DEFAULT_DURATION, HAS_DEFAULT_SIZE, HAS_DEFAULT_FLAGS = 0x08, 0x10, 0x20
HAS_DATA_OFFSET, HAS_FIRST_FLAGS = 0x01, 0x04
HAS_DURATION, HAS_SIZE, HAS_FLAGS, HAS_OFFSET = 0x100, 0x200, 0x400, 0x800

LEADING_TRACK = 1
MOVFLAGS = "empty_moov+default_base_moof+frag_keyframe+skip_trailer"


@dataclass(frozen=True, slots=True)
class Take:
    """One unbroken stretch from one publisher.

    name: unique for this room and in file names. began_at: seconds since 1970.
    init: the MP4 header that every part of the take needs.
    """

    name: str
    began_at: float
    init: bytes


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a take, one `moof` and `mdat`, some 0.2 s long.

    start_s: seconds since the take began. independent: a player may begin here.
    """

    data: bytes
    start_s: float
    duration_s: float
    independent: bool


class Muxer:
    """Writes one take; parts are timed by the first stream added to `container`.

    came_at: when the first picture was taken, in seconds since 1970.
    on_part: hears each part as soon as it is whole.
    """

    def __init__(
        self,
        take_name: str,
        part_s: float,
        came_at: float,
        on_part: Callable[[Take, Part], None],
    ) -> None:
        self._name, self._came_at, self._on_part = take_name, came_at, on_part
        self._header = bytearray()
        self._take: Take | None = None
        self._moof = b""
        options = {
            "movflags": MOVFLAGS,
            "frag_duration": str(int(part_s * 1_000_000)),
            "flush_packets": "1",
        }
        file = cast("Any", BoxWriter(self._take_box))
        self.container: OutputContainer = av.open(file, "w", "mp4", options=options)
        # PyAV takes the streams off a container before it writes the last part.
        self._streams = self.container.streams

    def _take_box(self, kind: bytes, box: bytes) -> None:
        if kind == b"moof":
            self._moof = box
        elif kind != b"mdat":
            self._header += box
        else:
            part = self._part(box)
            if self._take is None:
                began_at = self._came_at - part.start_s
                self._take = Take(self._name, began_at, bytes(self._header))
            self._on_part(self._take, part)

    def _part(self, mdat: bytes) -> Part:
        found = fragments(self._moof)
        track = LEADING_TRACK if LEADING_TRACK in found else min(found)
        fragment = found[track]
        unit = self._streams[track - 1].time_base or Fraction(1, 1000)
        return Part(
            data=self._moof + mdat,
            start_s=float(fragment.start * unit),
            duration_s=float(fragment.duration * unit),
            independent=fragment.independent and track == LEADING_TRACK,
        )


class BoxWriter:
    """A file that cannot seek, to which FFmpeg writes: hands on whole boxes."""

    def __init__(self, on_box: Callable[[bytes, bytes], None]) -> None:
        self._on_box = on_box
        self._buffer = bytearray()

    def write(self, data: bytes) -> int:
        """Take bytes; every box that is now whole goes on, with its four letters."""
        self._buffer += data
        while len(self._buffer) >= BOX_HEADER.size:
            size, kind = BOX_HEADER.unpack_from(self._buffer)
            if not BOX_HEADER.size <= size <= len(self._buffer):
                break
            box = bytes(self._buffer[:size])
            del self._buffer[:size]
            self._on_box(kind, box)
        return len(data)


@dataclass(frozen=True)
class Fragment:
    """One track's samples in a `moof`: start and duration in the track's own units.

    independent: whether its first sample can be decoded alone.
    """

    start: int
    duration: int
    independent: bool


def fragments(moof: bytes) -> dict[int, Fragment]:
    """What a `moof` box holds of each track, by track id."""
    boxes = _children(moof, BOX_HEADER.size, len(moof))
    return dict(
        _track_fragment(moof, start, end)
        for kind, start, end in boxes
        if kind == b"traf"
    )


def _children(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The boxes in a box: their letters, where their bodies begin and end."""
    while start + BOX_HEADER.size <= end:
        size, kind = BOX_HEADER.unpack_from(data, start)
        if size < BOX_HEADER.size:
            return
        yield kind, start + BOX_HEADER.size, start + size
        start += size


def _track_fragment(data: bytes, start: int, end: int) -> tuple[int, Fragment]:
    track = default_duration = default_flags = begins = duration = 0
    first_flags: int | None = None
    for kind, body, _end in _children(data, start, end):
        if kind == b"tfhd":
            track, default_duration, default_flags = _defaults(data, body)
        elif kind == b"tfdt":
            begins = _decode_time(data, body)
        elif kind == b"trun":
            lasts, flags = _run(data, body, default_duration, default_flags)
            duration += lasts
            first_flags = flags if first_flags is None else first_flags
    return track, Fragment(begins, duration, not (first_flags or 0) & NOT_SYNC)


def _defaults(data: bytes, at: int) -> tuple[int, int, int]:
    """Track id, default duration and default flags of a `tfhd`."""
    flags, track = struct.unpack_from(">II", data, at)
    at += 16 if flags & HAS_BASE_OFFSET else 8
    wanted = HAS_DESCRIPTION, HAS_DEFAULT_DURATION, HAS_DEFAULT_SIZE, HAS_DEFAULT_FLAGS
    found, _at = _fields(data, at, flags, *wanted)
    return track, found.get(HAS_DEFAULT_DURATION, 0), found.get(HAS_DEFAULT_FLAGS, 0)


def _decode_time(data: bytes, at: int) -> int:
    is_long = data[at] == 1
    return int(struct.unpack_from(">Q" if is_long else ">I", data, at + 4)[0])


def _run(data: bytes, at: int, duration: int, sample_flags: int) -> tuple[int, int]:
    """Duration of all samples of a `trun`, and the flags of its first."""
    flags, count = struct.unpack_from(">II", data, at)
    head, at = _fields(data, at + 8, flags, HAS_DATA_OFFSET, HAS_FIRST_FLAGS)
    first_flags, lasts = head.get(HAS_FIRST_FLAGS), 0
    wanted = HAS_DURATION, HAS_SIZE, HAS_FLAGS, HAS_OFFSET
    for _sample in range(count):
        found, at = _fields(data, at, flags, *wanted)
        lasts += found.get(HAS_DURATION, duration)
        if first_flags is None:
            first_flags = found.get(HAS_FLAGS, sample_flags)
    return lasts, sample_flags if first_flags is None else first_flags


def _fields(
    data: bytes, at: int, flags: int, *wanted: int
) -> tuple[dict[int, int], int]:
    """The optional fields that are there, by their flag, and where they end."""
    present = [flag for flag in wanted if flags & flag]
    values = struct.unpack_from(f">{len(present)}I", data, at)
    return dict(zip(present, values, strict=True)), at + 4 * len(present)
