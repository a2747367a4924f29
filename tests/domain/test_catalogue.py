"""Listings: their moves."""

from itertools import pairwise

import pytest

from domain.catalogue import (
    LISTING,
    ListingMoved,
    ListingState,
)


@pytest.mark.parametrize(
    "path",
    [
        "draft submitted approved withdrawn draft submitted",
        "draft submitted rejected submitted approved submitted approved",
        "draft submitted draft",
    ],
)
def test_the_ways_a_listing_may_go(path: str) -> None:
    states = path.split()
    for current, wanted in pairwise(states):
        LISTING.check(current, wanted)


@pytest.mark.parametrize(
    ("current", "wanted"),
    [("draft", "approved"), ("rejected", "approved"), ("withdrawn", "approved")],
)
def test_nothing_is_approved_that_was_not_submitted(current: str, wanted: str) -> None:
    with pytest.raises(ListingMoved):
        LISTING.check(current, wanted)


def test_the_machine_knows_exactly_its_states() -> None:
    assert set(LISTING.moves) == set(ListingState)
