"""Weight: grams inside, 斤 outside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from domain.numerals import NotANumber, NumberTooLarge, TooManyDecimals
from domain.weight import MAX_WEIGHT_G, format_jin, parse_jin


@given(st.integers(0, MAX_WEIGHT_G // 5))
def test_what_is_shown_can_be_typed_again(steps: int) -> None:
    assert parse_jin(format_jin(steps * 5)) == steps * 5


@pytest.mark.parametrize(
    ("text", "grams"),
    [("1", 500), ("0.01", 5), ("2.5", 1250), ("１０斤", 5000), ("1,200 斤", 600000)],
)
def test_jin_is_read_as_people_type_it(text: str, grams: int) -> None:
    assert parse_jin(text) == grams


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("³", NotANumber),
        ("٥", NotANumber),
        ("-1", NotANumber),
        ("1\x00", NotANumber),
        ("五斤", NotANumber),
        ("0.001", TooManyDecimals),
        (str(10**20), NumberTooLarge),
        ("20000000.01", NumberTooLarge),
    ],
)
def test_what_no_scale_shows_is_refused(text: str, error: type[Invalid]) -> None:
    with pytest.raises(error):
        parse_jin(text)


@pytest.mark.parametrize(
    ("grams", "text"),
    [(0, "0"), (500, "1"), (1250, "2.5"), (1, "0.002"), (-750, "−1.5"),
     (10**9, "2,000,000")],
)  # fmt: skip
def test_jin_is_shown_exactly_and_without_idle_zeros(grams: int, text: str) -> None:
    assert format_jin(grams) == text
