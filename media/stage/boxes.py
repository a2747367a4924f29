"""Just enough of ISO/IEC 14496-12 to cut a fragmented MP4 into parts."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

HEADER = struct.Struct(">I4s")
NOT_SYNC = 0x10000

HAS_BASE_OFFSET, HAS_DESCRIPTION = 0x01, 0x02
HAS_DEFAULT_DURATION, HAS_DEFAULT_SIZE, HAS_DEFAULT_FLAGS = 0x08, 0x10, 0x20
HAS_DATA_OFFSET, HAS_FIRST_FLAGS = 0x01, 0x04
HAS_DURATION, HAS_SIZE, HAS_FLAGS, HAS_OFFSET = 0x100, 0x200, 0x400, 0x800

Box = tuple[bytes, int, int]


@dataclass(frozen=True)
class Fragment:
    """One track's samples in a `moof`: start and duration in the track's own units.

    independent: whether its first sample can be decoded alone.
    """

    start: int
    duration: int
    independent: bool


class BoxWriter:
    """A file that cannot seek, to which FFmpeg writes: hands on whole boxes."""

    def __init__(self, on_box: Callable[[bytes, bytes], None]) -> None:
        self._on_box = on_box
        self._buffer = bytearray()

    def write(self, data: bytes) -> int:
        """Take bytes; every box that is now whole goes on, with its four letters."""
        self._buffer += data
        while len(self._buffer) >= HEADER.size:
            size, kind = HEADER.unpack_from(self._buffer)
            if not HEADER.size <= size <= len(self._buffer):
                break
            box = bytes(self._buffer[:size])
            del self._buffer[:size]
            self._on_box(kind, box)
        return len(data)


def fragments(moof: bytes) -> dict[int, Fragment]:
    """What a `moof` box holds of each track, by track id."""
    found = {}
    for kind, start, end in _inside(moof, HEADER.size, len(moof)):
        if kind == b"traf":
            track, fragment = _track_fragment(moof, start, end)
            found[track] = fragment
    return found


def _inside(data: bytes, start: int, end: int) -> Iterator[Box]:
    while start + HEADER.size <= end:
        size, kind = HEADER.unpack_from(data, start)
        if size < HEADER.size:
            return
        yield kind, start + HEADER.size, start + size
        start += size


def _track_fragment(data: bytes, start: int, end: int) -> tuple[int, Fragment]:
    track = default_duration = default_flags = begins = duration = 0
    first_flags: int | None = None
    for kind, body, _end in _inside(data, start, end):
        if kind == b"tfhd":
            track, default_duration, default_flags = _header(data, body)
        elif kind == b"tfdt":
            begins = _decode_time(data, body)
        elif kind == b"trun":
            lasts, flags = _run(data, body, default_duration, default_flags)
            duration += lasts
            first_flags = flags if first_flags is None else first_flags
    return track, Fragment(begins, duration, not (first_flags or 0) & NOT_SYNC)


def _header(data: bytes, at: int) -> tuple[int, int, int]:
    """Track id, default duration and default flags of a `tfhd`."""
    flags, track = struct.unpack_from(">II", data, at)
    at += 8
    at += 8 * bool(flags & HAS_BASE_OFFSET) + 4 * bool(flags & HAS_DESCRIPTION)
    duration, at = _optional(data, at, flags & HAS_DEFAULT_DURATION)
    _size, at = _optional(data, at, flags & HAS_DEFAULT_SIZE)
    sample_flags, _at = _optional(data, at, flags & HAS_DEFAULT_FLAGS)
    return track, duration or 0, sample_flags or 0


def _decode_time(data: bytes, at: int) -> int:
    is_long = data[at] == 1
    return int(struct.unpack_from(">Q" if is_long else ">I", data, at + 4)[0])


def _run(data: bytes, at: int, duration: int, sample_flags: int) -> tuple[int, int]:
    """Duration of all samples of a `trun`, and the flags of its first."""
    flags, count = struct.unpack_from(">II", data, at)
    at += 8 + 4 * bool(flags & HAS_DATA_OFFSET)
    first, at = _optional(data, at, flags & HAS_FIRST_FLAGS)
    width = 4 * sum(
        bool(flags & bit) for bit in (HAS_DURATION, HAS_SIZE, HAS_FLAGS, HAS_OFFSET)
    )
    if first is None and flags & HAS_FLAGS and count:
        before = 4 * bool(flags & HAS_DURATION) + 4 * bool(flags & HAS_SIZE)
        first = struct.unpack_from(">I", data, at + before)[0]
    lasts = duration * count
    if flags & HAS_DURATION:
        places = range(at, at + width * count, width)
        lasts = sum(struct.unpack_from(">I", data, place)[0] for place in places)
    return lasts, sample_flags if first is None else first


def _optional(data: bytes, at: int, present: int) -> tuple[int | None, int]:
    if not present:
        return None, at
    return struct.unpack_from(">I", data, at)[0], at + 4
