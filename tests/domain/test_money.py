"""Money: divided without loss, read as people type it, shown to the fen."""

from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from domain.money import (
    MAX_FEN,
    NothingToSplit,
    NoWeight,
    allocate,
    format_yuan,
    format_yuan_plain,
    parse_yuan,
    per_jin_fen,
)
from domain.numerals import NotANumber, NumberTooLarge, TooManyDecimals

totals = st.integers(-(10**12), 10**12)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(any)


@given(totals, weights)
def test_parts_always_sum_to_the_whole(total: int, parts: list[int]) -> None:
    assert sum(allocate(total, parts)) == total


@given(totals, weights)
def test_every_part_is_within_one_fen_of_its_exact_share(
    total: int, parts: list[int]
) -> None:
    exact = [Fraction(total * weight, sum(parts)) for weight in parts]
    shares = allocate(total, parts)
    assert all(abs(share - due) < 1 for share, due in zip(shares, exact, strict=True))


@given(totals, weights)
def test_a_negative_total_is_the_mirror_image(total: int, parts: list[int]) -> None:
    assert allocate(-total, parts) == [-share for share in allocate(total, parts)]


@given(totals, weights)
def test_a_larger_weight_never_gets_less(total: int, parts: list[int]) -> None:
    shares = sorted(zip(parts, allocate(abs(total), parts), strict=True))
    assert [share for _, share in shares] == sorted(share for _, share in shares)


def test_ties_go_in_the_listed_order() -> None:
    assert allocate(5, [1, 1, 1]) == [2, 2, 1]
    assert allocate(1, [0, 1, 1]) == [0, 1, 0]


@pytest.mark.parametrize("parts", [[], [0], [0, 0]])
def test_nothing_to_split_among_nobody(parts: list[int]) -> None:
    with pytest.raises(NothingToSplit):
        allocate(100, parts)


def test_a_negative_weight_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="negative"):
        allocate(100, [2, -1])


@given(st.integers(0, MAX_FEN))
def test_what_is_shown_can_be_typed_again(fen: int) -> None:
    assert parse_yuan(format_yuan(fen)) == fen
    assert parse_yuan(format_yuan_plain(fen)) == fen


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("0", 0),
        ("12", 1200),
        ("12.5", 1250),
        ("007.05", 705),
        ("1,234.50", 123450),
        ("¥ 1,234.50", 123450),
        ("￥１，２３４．５０", 123450),
        (" 12元 ", 1200),
        ("　１２　", 1200),
        ("100000000", MAX_FEN),
    ],
)
def test_yuan_is_read_as_people_type_it(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text",
    ["", " ", "¥", "元", "³", "1³", "٣", "१२", "Ⅻ", "十二", "½", "1e3", "1E3", "0x1f",
     "1_000", "-1", "−1", "－1", "+1", ".5", "5.", "1.2.3", "1,23", "12,34.5", ",1",
     "1\x002", "\x00", "NaN", "inf", "1 2", "12\n3", "<b>1</b>", "¥¥1"],
)  # fmt: skip
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(NotANumber):
        parse_yuan(text)


@pytest.mark.parametrize("text", ["100000000.01", str(10**20), "9" * 5000])
def test_sums_no_cooperative_has_are_refused(text: str) -> None:
    with pytest.raises(NumberTooLarge):
        parse_yuan(text)


def test_a_third_decimal_is_refused() -> None:
    with pytest.raises(TooManyDecimals) as refused:
        parse_yuan("1.234")
    assert refused.value.text == "小数点后最多 2 位。"


@given(st.text())
def test_any_text_is_money_or_refused(text: str) -> None:
    with suppress(Invalid):
        assert 0 <= parse_yuan(text) <= MAX_FEN


def test_a_debt_is_shown_with_its_sign() -> None:
    assert format_yuan(-468) == "−¥4.68"
    assert format_yuan_plain(-5) == "−0.05"
    assert format_yuan(123450) == "¥1,234.50"


def test_the_price_of_a_jin_rounds_halves_up() -> None:
    assert per_jin_fen(2990, 2500) == 598
    assert per_jin_fen(1, 1000) == 1
    assert per_jin_fen(999, 1500) == 333


@given(st.integers(0, 10**8), st.integers(1, 10**6))
def test_the_price_of_a_jin_is_within_half_a_fen(price: int, weight: int) -> None:
    off = per_jin_fen(price, weight) - Fraction(price * 500, weight)
    assert Fraction(-1, 2) < off <= Fraction(1, 2)


def test_a_price_per_jin_needs_a_weight() -> None:
    with pytest.raises(NoWeight):
        per_jin_fen(100, 0)
