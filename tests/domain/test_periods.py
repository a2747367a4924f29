"""Periods: Shanghai days, UTC bounds, and the year before."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from domain.periods import (
    DayUnreadable,
    MonthUnreadable,
    Period,
    PeriodReversed,
    day_of,
    day_starts_at,
    month_label,
    month_of,
    parse_day,
    parse_month,
    parse_period,
)

days = st.dates(date(2001, 1, 1), date(2098, 12, 31))
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


def test_a_day_begins_at_four_in_the_afternoon_utc_the_day_before() -> None:
    assert MARCH.starts_at == datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert MARCH.ends_at == datetime(2026, 3, 31, 16, tzinfo=UTC)
    assert MARCH.days == 31


@given(days)
def test_the_bounds_of_a_day_hold_exactly_that_day(day: date) -> None:
    period = Period(day, day)
    assert day_of(period.starts_at) == day
    assert day_of(period.ends_at - timedelta(microseconds=1)) == day
    assert day_of(period.ends_at) == day + timedelta(days=1)
    assert period.ends_at == day_starts_at(day + timedelta(days=1))


@given(days, st.integers(0, 1500))
def test_months_follow_each_other_and_cover_the_period(day: date, length: int) -> None:
    period = Period(day, day + timedelta(days=length))
    months = [month_label(month) for month in period.each_month()]
    assert months == sorted(set(months))
    assert months[0] == f"{period.first:%Y-%m}"
    assert months[-1] == f"{period.last:%Y-%m}"


@pytest.mark.parametrize(
    ("period", "before"),
    [
        (MARCH, (date(2025, 3, 1), date(2025, 3, 31))),
        (month_of(date(2024, 2, 10)), (date(2023, 2, 1), date(2023, 2, 28))),
        (month_of(date(2025, 2, 10)), (date(2024, 2, 1), date(2024, 2, 29))),
        (
            Period(date(2024, 2, 29), date(2024, 2, 29)),
            (date(2023, 2, 28), date(2023, 2, 28)),
        ),
        (
            Period(date(2025, 2, 28), date(2025, 2, 28)),
            (date(2024, 2, 28), date(2024, 2, 28)),
        ),
    ],
)
def test_the_year_before(period: Period, before: tuple[date, date]) -> None:
    assert period.previous_year() == Period(*before)


@given(days, st.integers(0, 1500))
def test_every_period_has_a_year_before(day: date, length: int) -> None:
    period = Period(day, day + timedelta(days=length))
    before = period.previous_year()
    assert abs(before.days - period.days) <= 1
    assert before.first.year == period.first.year - 1


@given(days)
def test_a_day_is_read_as_it_is_written(day: date) -> None:
    wide = day.isoformat().translate(
        str.maketrans("0123456789", "０１２３４５６７８９")
    )
    assert parse_day(day.isoformat()) == parse_day(wide) == day


@pytest.mark.parametrize(
    "text",
    ["", "20260311", "2026-W11-3", "2026-2-1", "2026-02-30", "1999-12-31", "2100-01-01",
     "9999-12-31", "0001-01-01", "٢٠٢٦-٠٣-١١", "2026-03-11\x00", "2026-03-1³", "昨天"],
)  # fmt: skip
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(DayUnreadable):
        parse_day(text)


def test_a_month_is_read_as_its_first_day() -> None:
    assert parse_month("２０２６-03") == date(2026, 3, 1)
    for text in ("2026", "2026-13", "202-601", "2026-03-01", "1999-12", ""):
        with pytest.raises(MonthUnreadable):
            parse_month(text)


def test_an_empty_end_of_a_period_is_the_usual_one() -> None:
    assert parse_period(None, "", MARCH) == MARCH
    assert parse_period("2026-03-05", None, MARCH).first == date(2026, 3, 5)
    assert parse_period("", "2026-03-05", MARCH).last == date(2026, 3, 5)


def test_a_period_does_not_run_backwards() -> None:
    with pytest.raises(PeriodReversed):
        parse_period("2026-04-01", "2026-03-01", MARCH)


@given(st.text(), st.text())
def test_any_period_is_read_or_refused(first: str, last: str) -> None:
    with suppress(Invalid):
        parse_period(first, last, MARCH)
