"""Periods of calendar days in Asia/Shanghai, and the UTC moments that bound them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.errors import N_, Invalid
from domain.numerals import narrow

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_YEAR, LAST_YEAR = 2000, 2099
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class DayUnreadable(Invalid):
    """Not a day as YYYY-MM-DD, or outside the years this house keeps."""

    code = "day_unreadable"
    message = N_("日期请写成 2026-03-11 这样，而且要真有这一天。")


class MonthUnreadable(Invalid):
    """Not a month as YYYY-MM, or outside the years this house keeps."""

    code = "month_unreadable"
    message = N_("请按 2026-03 这样的格式填月份。")


class PeriodReversed(Invalid):
    """The first day lies after the last."""

    code = "period_reversed"
    message = N_("开始日期晚于结束日期，请对调一下。")


@dataclass(frozen=True)
class Period:
    """Calendar days from `first` to `last`, both included.

    Raises PeriodReversed.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise PeriodReversed

    @property
    def starts_at(self) -> datetime:
        """The first moment, in UTC."""
        return day_starts_at(self.first)

    @property
    def ends_at(self) -> datetime:
        """The first moment after the period, in UTC."""
        return day_starts_at(self.last + timedelta(days=1))

    @property
    def days(self) -> int:
        """How many days there are."""
        return (self.last - self.first).days + 1

    def each_day(self) -> Iterator[date]:
        """Every day, in order."""
        return (self.first + timedelta(days=offset) for offset in range(self.days))

    def each_month(self) -> Iterator[date]:
        """The first day of every calendar month touched, in order."""
        month = self.first.replace(day=1)
        while month <= self.last:
            yield month
            month = next_month(month)

    def by_month(self) -> Iterator["Period"]:
        """The days before the first whole month, the whole months, the days after.

        Without a whole month: the period itself.
        """
        first = self.first if self.first.day == 1 else next_month(self.first)
        after = (self.last + timedelta(days=1)).replace(day=1)
        if first >= after:
            yield self
            return
        eve = timedelta(days=1)
        if self.first < first:
            yield Period(self.first, first - eve)
        yield Period(first, after - eve)
        if after <= self.last:
            yield Period(after, self.last)

    @property
    def is_whole_months(self) -> bool:
        """Whether it starts and ends with a month."""
        return self.first.day == 1 and self.last == _month_end(self.last)

    def previous_year(self) -> "Period":
        """The same days one year earlier; whole months stay whole."""
        first, last = _year_before(self.first), _year_before(self.last)
        if self.is_whole_months:
            last = _month_end(last)
        return Period(first, last)


def day_starts_at(day: date) -> datetime:
    """The first moment of a Shanghai day, in UTC."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """The Shanghai day of an aware moment."""
    return moment.astimezone(SHANGHAI).date()


def month_label(day: date) -> str:
    """The month of a day, as "2026-03"."""
    return f"{day:%Y-%m}"


def month_of(day: date) -> Period:
    """The calendar month of a day."""
    return Period(day.replace(day=1), _month_end(day))


def parse_day(text: str) -> date:
    """A day as YYYY-MM-DD, full-width digits forgiven. Raises DayUnreadable."""
    plain = narrow(text)
    if not _ISO_DAY.fullmatch(plain):
        raise DayUnreadable
    try:
        day = date.fromisoformat(plain)
    except ValueError as error:
        raise DayUnreadable from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise DayUnreadable
    return day


def parse_month(text: str) -> date:
    """The first day of a month as YYYY-MM. Raises MonthUnreadable."""
    try:
        return parse_day(f"{text}-01")
    except DayUnreadable as error:
        raise MonthUnreadable from error


def parse_period(first: str | None, last: str | None, default: Period) -> Period:
    """The period between two days as typed; an empty one is the default's.

    Raises DayUnreadable or PeriodReversed.
    """
    return Period(
        parse_day(first) if first else default.first,
        parse_day(last) if last else default.last,
    )


def _year_before(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)


def next_month(day: date) -> date:
    """The first day of the month after a day's."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _month_end(day: date) -> date:
    return next_month(day) - timedelta(days=1)
