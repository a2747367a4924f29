from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.live_replay import Chapter, Shown, Take, chapters, clock_of

SWEETPOTATO, GINGER, HONEY = 1, 2, 3
MINUTE = 60_000

takes_drawn = st.lists(
    st.builds(Take, st.integers(0, 10_000), st.integers(-5, 3_000)), max_size=6
)
pins_drawn = st.lists(
    st.builds(Shown, st.integers(1, 99), st.integers(1, 4), st.integers(0, 14_000)),
    max_size=12,
    unique_by=lambda pin: pin.seq,
)


def test_a_pin_is_found_where_it_was_recorded() -> None:
    takes = [Take(MINUTE, 10 * MINUTE)]
    pins = [Shown(2, SWEETPOTATO, 2 * MINUTE), Shown(3, GINGER, 5 * MINUTE)]

    assert chapters(takes, pins) == [
        Chapter(2, SWEETPOTATO, MINUTE),
        Chapter(3, GINGER, 4 * MINUTE),
    ]


def test_takes_follow_one_another_without_their_gap() -> None:
    takes = [Take(0, 5 * MINUTE), Take(60 * MINUTE, 5 * MINUTE)]
    pins = [Shown(2, SWEETPOTATO, MINUTE), Shown(3, GINGER, 62 * MINUTE)]

    assert [chapter.at_ms for chapter in chapters(takes, pins)] == [MINUTE, 7 * MINUTE]


def test_a_pin_between_two_takes_lands_where_the_next_begins() -> None:
    takes = [Take(0, 5 * MINUTE), Take(60 * MINUTE, 5 * MINUTE)]

    [chapter] = chapters(takes, [Shown(2, GINGER, 30 * MINUTE)])

    assert chapter.at_ms == 5 * MINUTE


def test_a_pin_before_the_camera_ran_is_the_beginning() -> None:
    [chapter] = chapters([Take(MINUTE, MINUTE)], [Shown(2, GINGER, 0)])

    assert chapter.at_ms == 0


def test_what_was_pinned_after_the_last_take_was_never_seen() -> None:
    assert chapters([Take(0, MINUTE)], [Shown(2, GINGER, 2 * MINUTE)]) == []


def test_what_was_pinned_while_the_picture_was_under_way_is_the_end() -> None:
    [chapter] = chapters([Take(0, MINUTE)], [Shown(2, GINGER, MINUTE + 3_000)])

    assert chapter.at_ms == MINUTE - 1


def test_nothing_recorded_has_no_chapters() -> None:
    assert chapters([], [Shown(2, GINGER, 0)]) == []
    assert chapters([Take(0, 0)], [Shown(2, GINGER, 0)]) == []


def test_a_product_shown_twice_in_a_row_is_one_chapter() -> None:
    takes = [Take(0, 9 * MINUTE)]
    pins = [
        Shown(2, GINGER, MINUTE),
        Shown(4, GINGER, 2 * MINUTE),
        Shown(5, HONEY, 3 * MINUTE),
        Shown(6, GINGER, 4 * MINUTE),
    ]

    assert [chapter.seq for chapter in chapters(takes, pins)] == [2, 5, 6]


def test_of_several_pins_while_nothing_ran_only_the_last_was_seen() -> None:
    takes = [Take(0, MINUTE), Take(5 * MINUTE, MINUTE)]
    pins = [
        Shown(2, SWEETPOTATO, 0),
        Shown(3, GINGER, 2 * MINUTE),
        Shown(4, HONEY, 3 * MINUTE),
    ]

    assert [chapter.product_id for chapter in chapters(takes, pins)] == [
        SWEETPOTATO,
        HONEY,
    ]


def test_what_goes_on_over_a_gap_stays_one_chapter() -> None:
    takes = [Take(0, MINUTE), Take(5 * MINUTE, MINUTE)]
    pins = [
        Shown(2, SWEETPOTATO, 0),
        Shown(3, GINGER, 2 * MINUTE),
        Shown(4, SWEETPOTATO, 3 * MINUTE),
    ]

    assert [chapter.seq for chapter in chapters(takes, pins)] == [2]


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_was_set_moves_no_chapter(days: int) -> None:
    """Takes and pins after that are dated by the new time."""
    day = days * 24 * 60 * MINUTE
    takes = [Take(2000 * MINUTE, 5 * MINUTE), Take(2005 * MINUTE + day, 5 * MINUTE)]
    pins = [
        Shown(2, GINGER, 2001 * MINUTE),
        Shown(3, HONEY, 2006 * MINUTE + day),
        Shown(4, GINGER, 2008 * MINUTE + day),
    ]

    found = [(chapter.seq, chapter.at_ms) for chapter in chapters(takes, pins)]
    assert found == [(2, MINUTE), (3, 6 * MINUTE), (4, 8 * MINUTE)]


@given(takes_drawn, pins_drawn)
def test_chapters_rise_within_the_recording(
    takes: list[Take], pins: list[Shown]
) -> None:
    found = chapters(takes, pins)

    length = sum(max(0, take.duration_ms) for take in takes)
    assert all(0 <= chapter.at_ms < length for chapter in found)
    for before, after in pairwise(found):
        assert before.at_ms < after.at_ms
        assert before.product_id != after.product_id


@given(takes_drawn, pins_drawn)
def test_every_chapter_is_a_pin(takes: list[Take], pins: list[Shown]) -> None:
    pinned = {(pin.seq, pin.product_id) for pin in pins}

    found = chapters(takes, pins)

    assert {(chapter.seq, chapter.product_id) for chapter in found} <= pinned


@given(takes_drawn, pins_drawn)
def test_the_order_of_the_rows_does_not_matter(
    takes: list[Take], pins: list[Shown]
) -> None:
    shuffled = sorted(pins, key=lambda pin: (pin.product_id, -pin.seq))

    assert chapters(takes, pins) == chapters(takes, shuffled)


@given(takes_drawn, pins_drawn, st.integers(0, 10**12))
def test_the_hour_of_the_day_does_not_matter(
    takes: list[Take], pins: list[Shown], later: int
) -> None:
    moved_takes = [Take(take.started_at_ms + later, take.duration_ms) for take in takes]
    moved_pins = [Shown(pin.seq, pin.product_id, pin.at_ms + later) for pin in pins]

    assert chapters(takes, pins) == chapters(moved_takes, moved_pins)


@pytest.mark.parametrize(
    ("at_ms", "words"),
    [(0, "0:00"), (999, "0:00"), (192_500, "3:12"), (3_723_000, "1:02:03")],
)
def test_a_place_is_written_as_players_do(at_ms: int, words: str) -> None:
    assert clock_of(at_ms) == words
