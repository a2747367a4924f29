"""Not more often than so: for counts and floods."""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any

CHATS_PER_S = 30
BATCH_EVERY_S = 0.1
LARGEST_BATCH = 50
"""As many as a page shows: what would scroll away unseen is not sent."""


class Pace:
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


class Floodgate:
    """Lets chat through one by one, and above a rate in batches."""

    def __init__(self, let_out: Callable[[list[dict[str, Any]]], None]) -> None:
        self._let_out = let_out
        self._held: deque[dict[str, Any]] = deque(maxlen=LARGEST_BATCH)
        self._times: deque[float] = deque(maxlen=CHATS_PER_S)
        self._pace = Pace(BATCH_EVERY_S, self._flush)

    @property
    def held(self) -> frozenset[int]:
        """The numbers of the lines that nobody has been told yet."""
        return frozenset(line["seq"] for line in self._held)

    def add(self, line: dict[str, Any]) -> None:
        """Let `line` out now, or with others in a moment."""
        now = monotonic()
        is_flood = len(self._times) == CHATS_PER_S and now - self._times[0] < 1
        self._times.append(now)
        if is_flood or self._held:
            self._held.append(line)
            self._pace.soon()
        else:
            self._let_out([line])

    def drop(self, seq: int) -> None:
        """A held line has been hidden meanwhile."""
        kept = [line for line in self._held if line["seq"] != seq]
        self._held = deque(kept, maxlen=LARGEST_BATCH)

    def _flush(self) -> None:
        lines = list(self._held)
        self._held.clear()
        if lines:
            self._let_out(lines)
