"""The columns of a chart over time: days, months or years."""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Integer, extract, literal

from domain.periods import Period

MOST_DAYS = 45
MOST_MONTHS = 36


class Grain(Enum):
    """How finely a period is divided."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    WHOLE = "whole"

    def column(self, day: Any) -> ColumnElement[int]:
        """A day column as an integer key: 2026, 202611 or 20261124; 0 for WHOLE."""
        if self is Grain.WHOLE:
            return literal(0, Integer)
        year = extract("year", day)
        if self is Grain.YEAR:
            return year
        month = year * 100 + extract("month", day)
        return month if self is Grain.MONTH else month * 100 + extract("day", day)

    def keys(self, period: Period) -> Sequence[int]:
        """The keys of a period, in order, whether or not anything happened."""
        days = [period.first + timedelta(days=offset) for offset in range(period.days)]
        return list(dict.fromkeys(self._key(day) for day in days))

    def _key(self, day: date) -> int:
        keys = {
            Grain.WHOLE: 0,
            Grain.YEAR: day.year,
            Grain.MONTH: day.year * 100 + day.month,
            Grain.DAY: day.year * 10_000 + day.month * 100 + day.day,
        }
        return keys[self]


def grain_for(period: Period) -> Grain:
    """The grain that gives a period a readable number of columns."""
    if period.days <= MOST_DAYS:
        return Grain.DAY
    first, last = period.first, period.last
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    return Grain.MONTH if months <= MOST_MONTHS else Grain.YEAR
