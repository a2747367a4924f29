"""Listings: their moves and their addresses."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalogue import (
    LISTING,
    MAX_SLUG,
    ListingMoved,
    ListingState,
    check_transition,
    slugify,
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
        check_transition(current, wanted)


@pytest.mark.parametrize(
    ("current", "wanted"),
    [("draft", "approved"), ("rejected", "approved"), ("withdrawn", "approved")],
)
def test_nothing_is_approved_that_was_not_submitted(current: str, wanted: str) -> None:
    with pytest.raises(ListingMoved):
        check_transition(current, wanted)


def test_the_machine_knows_exactly_its_states() -> None:
    assert set(LISTING.moves) == set(ListingState)


@pytest.mark.parametrize(
    ("text", "suffix", "slug"),
    [
        ("Laiwu mi shu", "12", "laiwu-mi-shu-12"),
        ("  <b>Sheng Jiang</b> ", "", "b-sheng-jiang-b"),
        ("蜜薯", "7", "item-7"),
        ("", "", "item"),
        ("a" * 200, "123", "a" * 76 + "-123"),
        ("a" * 75 + " b", "123", "a" * 75 + "-123"),
    ],
)
def test_a_name_becomes_an_address(text: str, suffix: str, slug: str) -> None:
    assert slugify(text, suffix) == slug


@given(st.text())
def test_every_address_is_plain(text: str) -> None:
    slug = slugify(text, "9")
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= MAX_SLUG
