"""The one clock: aware UTC moments and the district's calendar day."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_fixed: ContextVar[datetime | None] = ContextVar("tianbo_clock", default=None)


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return _fixed.get() or datetime.now(UTC)  # noqa: TID251 - the clock itself


def today() -> date:
    """The current calendar day in Asia/Shanghai."""
    return local_day(now())


def local_day(moment: datetime) -> date:
    """The calendar day of an aware moment in Asia/Shanghai."""
    return moment.astimezone(SHANGHAI).date()


def clock_words(moment: datetime) -> str:
    """Day and time of an aware moment in Asia/Shanghai, for a text message."""
    local = moment.astimezone(SHANGHAI)
    return f"{local.month} 月 {local.day} 日 {local:%H:%M}"


def millis(moment: datetime) -> int:
    """A moment as browsers count: milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Hold the clock at an aware moment: for tests and for the demo's history."""
    token = _fixed.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)
