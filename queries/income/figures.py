"""What the income report sums, and the days, months or years it sums by."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import Enum
from typing import Any, Self

from sqlalchemy import ColumnElement, Integer, extract, literal

from domain.periods import Period

MOST_DAYS = 45
MOST_MONTHS = 36


@dataclass(frozen=True)
class Addable:
    """Figures that are added name by name."""

    def __add__(self, other: Self) -> Self:
        names = [field.name for field in fields(self)]
        return type(self)(
            **{name: getattr(self, name) + getattr(other, name) for name in names}
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened at all."""
        return self == type(self)()


@dataclass(frozen=True)
class Sums(Addable):
    """Sales of some lines in some period; each party's figure is after the fee."""

    weight_g: int = 0
    orders: int = 0
    gross_fen: int = 0
    refunds_fen: int = 0
    freight_fen: int = 0
    member_fen: int = 0
    coop_fen: int = 0
    village_operating_fen: int = 0
    host_fen: int = 0
    platform_fen: int = 0
    psp_fee_fen: int = 0
    compensation_fen: int = 0

    @property
    def net_fen(self) -> int:
        """Goods sold less goods refunded; the parties' figures add up to it."""
        return self.gross_fen - self.refunds_fen

    @property
    def parties_fen(self) -> int:
        """What the parties keep and the payment service took."""
        return (
            self.member_fen
            + self.coop_fen
            + self.village_operating_fen
            + self.host_fen
            + self.platform_fen
            + self.psp_fee_fen
        )


@dataclass(frozen=True)
class VillageIncome(Addable):
    """A village's own books and its employment, besides its share of sales."""

    village_subsidy_fen: int = 0
    village_other_operating_fen: int = 0
    people_employed: int = 0
    wages_fen: int = 0


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
