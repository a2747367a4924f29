"""What the income report sums, and the days, months or years it sums by."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import IntEnum
from typing import Any, Self

from sqlalchemy import ColumnElement, Integer, cast, extract

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


class Grain(IntEnum):
    """How finely a period is divided; the value makes a day's key one of the grain's.

    A day's key is 20261124, a month's 202611, a year's 2026; 0 is the whole.
    """

    DAY = 1
    MONTH = 100
    YEAR = 10_000
    WHOLE = 100_000_000

    def key(self, day: date) -> int:
        """The key of the stretch that a day lies in."""
        return (day.year * 10_000 + day.month * 100 + day.day) // self

    def keys(self, period: Period) -> Sequence[int]:
        """The keys of a period, in order, whether or not anything happened."""
        days = period.each_day() if self is Grain.DAY else period.each_month()
        return list(dict.fromkeys(map(self.key, days)))


def day_key(day: Any) -> ColumnElement[int]:
    """The key of a column of days."""
    year, month = extract("year", day), extract("month", day)
    key: ColumnElement[int] = year * 10_000 + month * 100 + extract("day", day)
    return cast(key, Integer)


def grain_for(period: Period) -> Grain:
    """The grain that gives a period a readable number of columns."""
    if period.days <= MOST_DAYS:
        return Grain.DAY
    months = sum(1 for _month in period.each_month())
    return Grain.MONTH if months <= MOST_MONTHS else Grain.YEAR
