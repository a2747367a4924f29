"""Passes to a live room: what was signed is read back, and nothing else is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from core.room_tokens import BadToken, ExpiredToken, Pass, Purpose, check, read, sign

SECRET = "s" * 32
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def granted(**changes: object) -> Pass:
    values = {"room": "honey-1", "purpose": Purpose.WATCH, "until": NOON}
    return Pass(**(values | changes))  # type: ignore[arg-type]


def test_a_pass_comes_back_as_it_was_signed() -> None:
    wanted = granted(purpose=Purpose.PUBLISH, subject="v:9", key=3)

    with clock.at(NOON - timedelta(seconds=1)):
        assert read(SECRET, sign(SECRET, wanted)) == wanted


def test_a_pass_ends_on_the_second() -> None:
    token = sign(SECRET, granted())

    with clock.at(NOON), pytest.raises(ExpiredToken):
        check(SECRET, token, "honey-1", Purpose.WATCH)


@pytest.mark.parametrize(
    ("room", "purpose", "secret"),
    [
        ("honey-2", Purpose.WATCH, SECRET),
        ("honey-1", Purpose.RUN, SECRET),
        ("honey-1", Purpose.WATCH, "t" * 32),
    ],
)
def test_another_room_purpose_or_secret_is_refused(
    room: str, purpose: Purpose, secret: str
) -> None:
    token = sign(SECRET, granted())

    with clock.at(NOON - timedelta(hours=1)), pytest.raises(BadToken):
        check(secret, token, room, purpose)


@given(st.text(max_size=500))
def test_whatever_is_typed_as_a_token_is_refused(text: str) -> None:
    with pytest.raises(BadToken):
        check(SECRET, text, "honey-1", Purpose.WATCH)


@given(st.integers(min_value=0), st.characters())
def test_a_changed_letter_is_refused(place: int, letter: str) -> None:
    token = sign(SECRET, granted())
    place %= len(token) - 1  # the last letter holds two unused bits
    forged = token[:place] + letter + token[place + 1 :]

    if forged != token:
        with clock.at(NOON - timedelta(hours=1)), pytest.raises(BadToken):
            read(SECRET, forged)
