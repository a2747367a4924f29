"""Not more often than so: for counts that change all the time, and for machines."""

import asyncio
from collections.abc import Callable
from time import monotonic

MOST_BUCKETS = 50_000


class Throttle:
    """Does something soon after it was asked for, at most once in `interval_s`."""

    def __init__(self, interval_s: float, act: Callable[[], None]) -> None:
        self._interval_s = interval_s
        self._act = act
        self._acted_at = -interval_s
        self._timer: asyncio.TimerHandle | None = None

    def soon(self) -> None:
        """Act at once if the last time is long enough ago, else when it is."""
        if self._timer is not None:
            return
        wait_s = self._acted_at + self._interval_s - monotonic()
        if wait_s <= 0:
            self._do()
        else:
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._do)

    def _do(self) -> None:
        self._timer = None
        self._acted_at = monotonic()
        self._act()


class TokenBuckets:
    """A bucket for each caller, of `size` tokens, that fills by `per_s`."""

    def __init__(self, size: float, per_s: float) -> None:
        self._size, self._per_s = size, per_s
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, caller: str) -> bool:
        """Use up a token, if there is one.

        The caller that was quiet the longest is forgotten when there are too many.
        """
        now = monotonic()
        left, at = self._buckets.pop(caller, (self._size, now))
        left = min(self._size, left + (now - at) * self._per_s)
        is_good = left >= 1
        self._buckets[caller] = (left - is_good, now)
        if len(self._buckets) > MOST_BUCKETS:
            del self._buckets[next(iter(self._buckets))]
        return is_good
