"""Addresses made of names."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.slugs import MAX_SLUG, slugify


@pytest.mark.parametrize(
    ("text", "suffix", "slug"),
    [
        ("Laiwu mi shu", "12", "laiwu-mi-shu-12"),
        ("  <b>Sheng Jiang</b> ", "", "b-sheng-jiang-b"),
        ("莱芜蜜薯", "7", "lai-wu-mi-shu-7"),
        ("！", "7", "item-7"),
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
