"""Boxes: what FFmpeg writes in any slices comes out whole, timed and marked."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from media.video.mp4 import BoxWriter, fragments


def box(kind: bytes, *inside: bytes) -> bytes:
    body = b"".join(inside)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def moof(*, flags: int, samples: bytes, count: int, first_flags: int = 0) -> bytes:
    header = box(b"tfhd", struct.pack(">IIII", 0x28, 1, 512, 0x1010000))
    at = box(b"tfdt", struct.pack(">IQ", 1 << 24, 90_000))
    run = struct.pack(">II", flags, count)
    run += struct.pack(">I", first_flags) if flags & 4 else b""
    return box(b"moof", box(b"traf", header, at, box(b"trun", run, samples)))


def test_durations_come_from_the_defaults_where_samples_have_none() -> None:
    found = fragments(moof(flags=0x04, samples=b"", count=5, first_flags=0x2000000))

    assert (found[1].start, found[1].duration, found[1].independent) == (
        90_000,
        5 * 512,
        True,
    )


def test_durations_and_flags_of_samples_win() -> None:
    samples = struct.pack(">IIII", 100, 0x1010000, 200, 0x2000000)
    found = fragments(moof(flags=0x500, samples=samples, count=2))

    assert (found[1].duration, found[1].independent) == (300, False)


@given(st.lists(st.binary(max_size=60), max_size=8), st.integers(1, 40))
def test_boxes_come_out_whole_however_they_are_sliced(
    bodies: list[bytes], step: int
) -> None:
    came: list[tuple[bytes, bytes]] = []
    writer = BoxWriter(lambda kind, data: came.append((kind, data)))
    boxes = [box(b"free", body) for body in bodies]
    stream = b"".join(boxes)

    for start in range(0, len(stream), step):
        writer.write(stream[start : start + step])

    assert came == [(b"free", one) for one in boxes]
