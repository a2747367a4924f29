"""Events on the wire, and the ring buffer of the last of them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from media.events.sse import MOST_BYTES, MOST_EVENTS, RingBuffer, chunk, event


@given(st.integers(min_value=1, max_value=30), st.integers(min_value=0, max_value=40))
def test_a_ring_gives_exactly_what_was_missed(kept: int, known: int) -> None:
    ring = RingBuffer()
    start = ring.last_id
    ids, chunks = [start], []
    for number in range(kept):
        ids.append(ring.next_id)
        chunks.append(b"%d;" % number)
        ring.append(chunks[-1])

    known = min(known, kept)
    assert ring.since(ids[known]) == b"".join(chunks[known:])


def test_a_ring_is_bounded_in_number_and_weight() -> None:
    light, heavy = RingBuffer(), RingBuffer()
    first = light.last_id, heavy.last_id
    for _time in range(MOST_EVENTS + 1):
        light.append(b"x")
        heavy.append(b"x" * (MOST_BYTES // 10))

    assert light.since(first[0]) is None
    assert (
        len(light.since(light.last_id.replace(f"-{MOST_EVENTS + 1}", "-1")) or b"")
        == 500
    )
    assert (
        heavy.since(
            heavy.last_id.replace(f"-{MOST_EVENTS + 1}", f"-{MOST_EVENTS - 20}")
        )
        is None
    )


def test_what_was_forgotten_cannot_be_resumed() -> None:
    ring = RingBuffer()
    before = ring.last_id
    ring.append(b"secret")
    ring.clear()

    assert ring.since(before) is None
    assert ring.since(ring.last_id) == b""


@given(st.text())
def test_whatever_is_sent_as_an_id_is_answered(text: str) -> None:
    ring = RingBuffer()
    ring.append(b"x")

    assert ring.since(text) is None or text == ring.last_id


@given(st.recursive(st.none() | st.booleans() | st.text(), st.lists))
def test_an_event_is_one_line_of_data(data: Any) -> None:
    lines = event("chat", data, "a-1").decode().split("\n")

    assert lines[0] == "id: a-1"
    assert lines[1] == "event: chat"
    assert lines[2].startswith("data: ")
    assert lines[3:] == ["", ""]


def test_a_chunk_says_how_many_bytes_it_has() -> None:
    assert chunk("蜜".encode() * 6) == b"12\r\n" + "蜜".encode() * 6 + b"\r\n"
