"""Segments: where they are cut, what readers wait for, what is forgotten."""

import asyncio
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.video.mp4 import Part, Take
from media.video.packager import Rendition
from media.video.playlist import playlist
from media.video.segments import (
    FEWEST_SEGMENTS,
    KEPT_S,
    LONGEST_S,
    SEGMENT_S,
    SegmentWindow,
)
from tests.support.loops import run_apart

FIRST = 1000
TAKE = Take("t1", 1_790_000_000.0, b"init")


def part(at: float, *, key: bool = False, lasts: float = 0.2) -> Part:
    return Part(b"x", at, lasts, key)


def filled(seconds: float, keyframe_s: float) -> SegmentWindow:
    window = SegmentWindow(FIRST)
    run(window, seconds, keyframe_s)
    return window


def run(
    window: SegmentWindow, seconds: float, keyframe_s: float, take: Take = TAKE
) -> None:
    per_key = round(keyframe_s / 0.2)
    for index in range(round(seconds / 0.2)):
        window.add(take, part(index * 0.2, key=index % per_key == 0))


def test_a_segment_is_cut_at_the_first_keyframe_after_two_seconds() -> None:
    window = filled(6.2, keyframe_s=1)

    assert [len(one.parts) for one in window.segments] == [10, 10, 10, 1]
    assert all(one.parts[0].independent for one in window.segments)


def test_long_keyframes_make_long_segments() -> None:
    window = filled(20.2, keyframe_s=10)

    assert [round(one.duration_s) for one in window.segments] == [10, 10, 0]
    assert "#EXT-X-TARGETDURATION:10" in playlist(window, Rendition.VIDEO)


def test_a_stream_without_keyframes_is_cut_all_the_same_and_forgotten() -> None:
    window = filled(600, keyframe_s=600)

    kept = list(window.segments)
    assert sum(one.duration_s for one in kept) < KEPT_S + SEGMENT_S
    assert not any(one.is_independent for one in kept)
    text = playlist(window, Rendition.VIDEO)
    assert "INDEPENDENT=YES" not in text
    assert "#EXT-X-TARGETDURATION:2\n" in text


@pytest.mark.parametrize("keyframe_s", [1, 5, 11, 12, 13, 14, 30, 600])
def test_however_long_keyframes_are_what_is_kept_is_bounded(keyframe_s: int) -> None:
    window = SegmentWindow(FIRST)
    for index in range(3000):
        window.add(TAKE, part(index * 0.2, key=index % (keyframe_s * 5) == 0))
        kept_s = sum(one.duration_s for one in window.segments)
        assert kept_s <= FEWEST_SEGMENTS * LONGEST_S + 0.2


def test_the_next_keyframe_begins_a_segment_however_short_the_last_is() -> None:
    window = filled(20, keyframe_s=15)

    cut = [(round(one.duration_s), one.is_independent) for one in window.segments]
    assert cut == [(12, True), (2, False), (1, False), (5, True)]


def test_a_gap_makes_parts_and_latency_long_only_while_it_is_listed() -> None:
    window = filled(2.0, keyframe_s=1)
    window.add(TAKE, part(2.0, key=True, lasts=6.0))
    listed = playlist(window, Rendition.VIDEO)
    run(window, 7, 1)
    later = playlist(window, Rendition.VIDEO)

    assert "#EXT-X-PART-INF:PART-TARGET=6.00000\n" in listed
    assert "PART-HOLD-BACK=18.000" in listed
    assert "#EXT-X-PART-INF:PART-TARGET=0.20000\n" in later
    assert "PART-HOLD-BACK=0.600" in later


def test_a_take_that_begins_without_a_keyframe_waits_for_one() -> None:
    window = SegmentWindow(FIRST)
    window.add(TAKE, part(0))
    window.add(TAKE, part(0.2, key=True))

    assert [one.start_s for one in window.segments[0].parts] == [0.2]


def test_old_segments_go_but_never_the_last_four() -> None:
    assert len(filled(60, keyframe_s=1).segments) == 11
    assert len(filled(60, keyframe_s=10).segments) == 4


def test_a_new_take_is_a_discontinuity_until_the_old_one_is_gone() -> None:
    window = filled(4, keyframe_s=1)
    window.end()
    second = Take("t2", TAKE.began_at + 9, b"init2")
    run(window, 4, 1, second)

    text = playlist(window, Rendition.VIDEO)
    assert text.count("#EXT-X-DISCONTINUITY\n") == 1
    assert text.count("#EXT-X-MAP:") == 2
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:0\n" in text

    run(window, 40, 1, second)
    text = playlist(window, Rendition.VIDEO)
    assert "#EXT-X-DISCONTINUITY\n" not in text
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:1\n" in text


def test_numbers_go_on_through_takes_and_clearing() -> None:
    window = filled(4, keyframe_s=1)
    window.clear()
    run(window, 1, 1, Take("t2", 0, b""))

    assert window.segments[0].number == FIRST + 2


def test_the_hint_names_the_part_that_comes() -> None:
    window = filled(1.0, keyframe_s=1)
    assert window.hint == ("t1", FIRST, 5)

    run(window, 1.0, 1)
    assert window.hint == ("t1", FIRST + 1, 0)

    window.end()
    assert "PRELOAD-HINT" not in playlist(window, Rendition.VIDEO)


def test_the_hint_expects_a_segment_to_be_as_long_as_the_one_before() -> None:
    window = filled(15.0, keyframe_s=5)
    assert window.segments[-1].duration_s == pytest.approx(5)
    assert window.hint == ("t1", FIRST + 3, 0)

    window = filled(13.0, keyframe_s=5)
    assert window.hint == ("t1", FIRST + 2, 15)


def test_a_part_beyond_a_whole_segment_means_the_first_of_the_next() -> None:
    window = filled(2.0, keyframe_s=1)
    assert not window.has(FIRST, 10)

    window.add(TAKE, part(2.0, key=True))
    assert window.has(FIRST, 10)
    assert window.has(FIRST, None)


def test_readers_wait_for_the_next_part_and_no_longer() -> None:
    async def wait() -> tuple[bool, bool]:
        window = filled(1.0, keyframe_s=1)
        waiting = asyncio.create_task(window.wait_for(FIRST, 5, 5))
        await asyncio.sleep(0)
        window.add(TAKE, part(1.0, key=True))
        came = await asyncio.wait_for(waiting, 1)
        return came, await window.wait_for(FIRST, 6, 0.01)

    assert run_apart(wait()) == (True, False)


def test_readers_are_let_go_when_the_take_ends() -> None:
    async def wait() -> bool:
        window = filled(1.0, keyframe_s=1)
        waiting = asyncio.create_task(window.wait_for(FIRST, 9, 60))
        await asyncio.sleep(0)
        window.end()
        return await asyncio.wait_for(waiting, 1)

    assert run_apart(wait()) is False


@given(st.lists(st.tuples(st.booleans(), st.floats(0.05, 8.0)), max_size=200))
def test_whatever_comes_segments_begin_independent_or_after_a_long_wait(
    pieces: list[tuple[bool, float]],
) -> None:
    window = SegmentWindow(FIRST)
    at = 0.0
    for key, lasts in pieces:
        window.add(TAKE, part(at, key=key, lasts=lasts))
        at += lasts
        assert is_as_short_as_promised(window)

    kept = list(window.segments)
    for one, following in pairwise(kept):
        assert following.number == one.number + 1
        enough = SEGMENT_S if following.is_independent else LONGEST_S
        if one.is_independent:
            assert one.duration_s >= enough - 0.05
    text = playlist(window, Rendition.VIDEO)
    assert text.count("#EXTINF") == sum(one.is_complete for one in kept)


def is_as_short_as_promised(window: SegmentWindow) -> bool:
    """Whether the playlist's targets hold for everything that it lists."""
    text = playlist(window, Rendition.VIDEO)
    parts = [float(found) for found in re.findall(r"PART:DURATION=([0-9.]+)", text)]
    segments = [float(found) for found in re.findall(r"#EXTINF:([0-9.]+)", text)]
    target = re.search(r"#EXT-X-TARGETDURATION:([0-9]+)\n", text)
    part_target = re.search(r"PART-TARGET=([0-9.]+)\n", text)
    assert target is not None
    assert part_target is not None
    parts_fit = all(part <= float(part_target[1]) for part in parts)
    return parts_fit and all(one <= int(target[1]) + 0.5 for one in segments)
