"""The chat of a room: its last lines in order, and floods of it told in batches."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import Any

from media.events.rate_limits import Throttle

LISTED = 50
"""As many as a page shows: what would scroll away unseen is not sent."""

MOST_HIDDEN = 1_000
SINGLY_PER_S = 30
BATCH_EVERY_S = 0.1

ChatLine = dict[str, Any]
"""seq, name, text, at_ms, author."""


class ChatHistory:
    """The last lines; each is new once, wherever it came from and however late."""

    def __init__(self) -> None:
        self._lines: list[ChatLine] = []
        self._heard_at: dict[int, float] = {}
        self._hidden: deque[int] = deque(maxlen=MOST_HIDDEN)

    @property
    def tail(self) -> list[ChatLine]:
        return list(self._lines)

    def add(self, line: ChatLine) -> bool:
        """Keep a line in its place; whether it is to be told.

        One from before all that are kept would come out of order: it is not.
        """
        is_old = bool(self._lines) and line["seq"] < self._lines[0]["seq"]
        return not is_old and self._keep(line)

    def hide(self, seq: int) -> bool:
        """Take a line away, or never show it; whether that is new."""
        if seq in self._hidden:
            return False
        self._hidden.append(seq)
        self._lines = [line for line in self._lines if line["seq"] != seq]
        self._heard_at.pop(seq, None)
        return True

    def fill(self, lines: Iterable[ChatLine]) -> None:
        """Keep lines that nobody needs to be told, if there is room for them."""
        for line in lines:
            self._keep(line)

    def gone_from(self, lines: Sequence[ChatLine], heard_before: float) -> list[int]:
        """Which of our lines are not among the last `lines` of the database.

        heard_before: moment (monotonic, s); what came later may be missing there
        because it came later.
        """
        theirs = {line["seq"] for line in lines}
        first = 0 if len(lines) < LISTED else min(theirs)
        return [
            line["seq"]
            for line in self._lines
            if line["seq"] >= first
            and line["seq"] not in theirs
            and self._heard_at[line["seq"]] < heard_before
        ]

    def _keep(self, line: ChatLine) -> bool:
        seq = line["seq"]
        if seq in self._hidden or seq in self._heard_at:
            return False
        self._lines.append(line)
        self._heard_at[seq] = monotonic()
        if len(self._lines) > 1 and seq < self._lines[-2]["seq"]:
            self._lines.sort(key=lambda each: int(each["seq"]))
        if len(self._lines) > LISTED:
            del self._heard_at[self._lines.pop(0)["seq"]]
        return True


class ChatBatcher:
    """Sends lines one by one, and above a rate in batches of the last of them."""

    def __init__(self, send: Callable[[list[ChatLine]], None]) -> None:
        self._send = send
        self._queue: deque[ChatLine] = deque(maxlen=LISTED)
        self._came_at: deque[float] = deque(maxlen=SINGLY_PER_S)
        self._throttle = Throttle(BATCH_EVERY_S, self._flush)

    @property
    def queued(self) -> frozenset[int]:
        """The numbers of the lines that nobody has been told yet."""
        return frozenset(line["seq"] for line in self._queue)

    def add(self, line: ChatLine) -> None:
        """Send `line` now, or with others in a moment."""
        now = monotonic()
        is_flood = len(self._came_at) == SINGLY_PER_S and now - self._came_at[0] < 1
        self._came_at.append(now)
        if is_flood or self._queue:
            self._queue.append(line)
            self._throttle.soon()
        else:
            self._send([line])

    def drop(self, seq: int) -> None:
        """A queued line has been hidden meanwhile."""
        kept = [line for line in self._queue if line["seq"] != seq]
        self._queue = deque(kept, maxlen=LISTED)

    def _flush(self) -> None:
        lines = list(self._queue)
        self._queue.clear()
        if lines:
            self._send(lines)
