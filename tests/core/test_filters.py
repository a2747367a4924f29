"""How amounts, weights, moments and phones look on a page."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from core.clock import at
from core.i18n import say
from core.pages.filters import (
    jin,
    jin_plain,
    local_clock,
    local_date,
    local_day,
    local_month,
    local_time,
    mask_phone,
    percent,
    wan,
    yuan,
    yuan_parts,
    yuan_plain,
)
from core.web.addresses import static
from domain.training import CertificateExpired

AMOUNTS = st.integers(-(2**63), 2**63 - 1)
NEW_YEAR = datetime(2025, 12, 31, 16, 30, tzinfo=UTC)
LATER = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
MINUS = "−"


def value_of(text: str) -> Fraction:
    return Fraction(text.replace(MINUS, "-").replace(",", "").replace("¥", ""))


@pytest.mark.parametrize(
    ("fen", "shown"),
    [
        (0, "0.00"),
        (1, "0.01"),
        (-1, "−0.01"),
        (123_450, "1,234.50"),
        (-123_450, "−1,234.50"),
        (10**14, "1,000,000,000,000.00"),
    ],
)
def test_yuan_have_two_decimals(fen: int, shown: str) -> None:
    assert yuan_plain(fen) == shown
    assert yuan(fen) == (f"−¥{shown[1:]}" if fen < 0 else f"¥{shown}")


@given(fen=AMOUNTS)
def test_yuan_lose_nothing(fen: int) -> None:
    assert value_of(yuan_plain(fen)) * 100 == fen
    assert value_of(yuan(fen)) * 100 == fen
    whole, decimals = yuan_parts(fen)
    assert value_of(f"{whole}.{decimals or 0}") * 100 == fen
    assert ".".join(yuan_parts(fen, exact=True)) == yuan_plain(fen)


@pytest.mark.parametrize(
    ("fen", "shown"),
    [
        (0, "0.0"),
        (49_999, "0.0"),
        (50_000, "0.1"),
        (-49_999, "0.0"),
        (-50_000, "−0.1"),
        (114_500_000, "114.5"),
        (10**14, "100,000,000.0"),
    ],
)
def test_wan_have_one_decimal(fen: int, shown: str) -> None:
    assert wan(fen) == shown


@pytest.mark.parametrize(
    ("grams", "shown"),
    [
        (0, "0"),
        (1, "0"),
        (-1, "0"),
        (3, "0.01"),
        (-3, "−0.01"),
        (250, "0.5"),
        (500, "1"),
        (2_250, "4.5"),
        (2_500_000, "5,000"),
        (-2_250, "−4.5"),
    ],
)
def test_jin_have_two_decimals_at_most(grams: int, shown: str) -> None:
    assert jin_plain(grams) == shown


@given(number=AMOUNTS)
def test_rounding_stays_within_half_a_step(number: int) -> None:
    assert abs(value_of(jin_plain(number)) - Fraction(number, 500)) <= Fraction(1, 200)
    assert abs(value_of(wan(number)) - Fraction(number, 1_000_000)) <= Fraction(1, 20)


@given(number=AMOUNTS)
def test_opposites_look_alike_and_nothing_has_no_sign(number: int) -> None:
    for show in (yuan_plain, jin_plain, wan, percent):
        plus, minus = show(abs(number)), show(-abs(number))
        assert minus in (f"{MINUS}{plus}", plus)
        assert minus != plus or value_of(plus.rstrip("%")) == 0


@pytest.mark.parametrize(
    ("basis_points", "shown"),
    [
        (0, "0%"),
        (1, "0.01%"),
        (850, "8.5%"),
        (-850, "−8.5%"),
        (10_000, "100%"),
        (1_050, "10.5%"),
    ],
)
def test_percent(basis_points: int, shown: str) -> None:
    assert percent(basis_points) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800000002", "138****0002"),
        ("053176000000", "053****0000"),
        ("110", "****"),
        ("", "****"),
    ],
)
def test_a_phone_hides_its_middle(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("zh", ["1月1日 00:30", "1月1日", "2026年1月1日", "2026年1月", "5 斤"]),
        ("en", ["1 Jan 00:30", "1 Jan", "1 Jan 2026", "Jan 2026", None]),
    ],
)
def test_moments_are_shown_in_the_districts_time(
    still_app: Flask, language: str, shown: list[str | None]
) -> None:
    cookies = {"Cookie": f"lang={language}"}
    with at(NEW_YEAR), still_app.test_request_context(headers=cookies):
        looks = [
            local_time(NEW_YEAR),
            local_day(NEW_YEAR),
            local_date(NEW_YEAR),
            local_month(date(2026, 1, 1)),
            jin(2_500),
        ]

    assert local_clock(NEW_YEAR) == "00:30"
    for look, expected in zip(looks, shown, strict=True):
        assert expected in (look, None)


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("zh", ["2026年1月1日 00:30", "2026年1月1日"]),
        ("en", ["1 Jan 2026 00:30", "1 Jan 2026"]),
    ],
)
def test_a_day_of_another_year_names_the_year(
    still_app: Flask, language: str, shown: list[str]
) -> None:
    cookies = {"Cookie": f"lang={language}"}
    with at(LATER), still_app.test_request_context(headers=cookies):
        assert [local_time(NEW_YEAR), local_day(NEW_YEAR)] == shown


def test_a_static_file_is_named_by_its_content() -> None:
    base, tokens = static("css/base.css"), static("css/tokens.css")

    assert base.startswith("/static/css/base.css?v=")
    assert base.split("=")[1] != tokens.split("=")[1]
    assert static("css/none.css").endswith("?v=0")


def test_a_day_in_a_rules_sentence_is_said_in_words(app: Flask) -> None:
    error = CertificateExpired(until=date(2026, 11, 23))
    with app.test_request_context():
        assert say(error) == "主播证已在 2026年11月23日 到期，请先换新证。"
    with app.test_request_context(headers={"Cookie": "lang=en"}):
        assert "23 Nov 2026" in say(error)
