"""Codes: read out over the phone, mistyped, and still never taken for another."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalogue import BATCH_CODES, UnknownBatchCode, batch_code, parse_batch_code
from domain.orders.numbers import (
    ORDER_NUMBERS,
    UnknownOrderNumber,
    order_number,
    parse_order_number,
)

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
numbers = st.builds(order_number, days, st.integers(0, ORDER_NUMBERS.serials - 1))
PLACES = (*range(3, 9), *range(10, 16))


@given(numbers)
def test_a_number_is_its_own_canonical_form(number: str) -> None:
    assert parse_order_number(number) == number
    assert len(number) == 16


@given(numbers)
def test_how_a_number_is_typed_does_not_matter(number: str) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in number)
    loose = number.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert parse_order_number(wide) == number
    assert parse_order_number(f" {loose} ") == number


@given(numbers, st.sampled_from(PLACES), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(
    number: str, place: int, character: str
) -> None:
    wrong = number[:place] + character + number[place + 1 :]
    assert wrong == number or ORDER_NUMBERS.find(wrong) is None


@given(numbers, st.sampled_from(PLACES), st.sampled_from(PLACES))
def test_two_swapped_characters_are_always_noticed(
    number: str, one: int, other: int
) -> None:
    letters = list(number)
    letters[one], letters[other] = letters[other], letters[one]
    wrong = "".join(letters)
    assert wrong == number or ORDER_NUMBERS.find(wrong) is None


@given(st.text() | st.from_regex(r"TB-?\d{6}-?\w{6}", fullmatch=True))
def test_any_text_is_a_number_or_none(text: str) -> None:
    found = ORDER_NUMBERS.find(text)
    assert found is None or parse_order_number(found) == found


@pytest.mark.parametrize(
    "text", ["", "TB", "TB-261399-000000", "TB-٢٦٠٣١١-000000", "ß"]
)
def test_what_is_no_number_is_not_found(text: str) -> None:
    with pytest.raises(UnknownOrderNumber):
        parse_order_number(text)


def test_a_batch_is_never_taken_for_an_order() -> None:
    code = batch_code(date(2026, 3, 11), 77)
    assert parse_batch_code(code) == code
    assert ORDER_NUMBERS.find(code) is None
    with pytest.raises(UnknownBatchCode):
        parse_batch_code(order_number(date(2026, 3, 11), 77))


@pytest.mark.parametrize("serial", [-1, BATCH_CODES.serials])
def test_a_serial_beyond_the_day_is_a_fault_of_the_caller(serial: int) -> None:
    with pytest.raises(ValueError, match="range"):
        batch_code(date(2026, 3, 11), serial)
