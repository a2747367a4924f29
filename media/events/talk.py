"""The chat of a room: its last lines, in order, without the hidden ones."""

from collections import deque
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Any

TAIL = 50
MOST_HIDDEN = 1_000

Line = dict[str, Any]
"""seq, name, text, at_ms, author."""


class Talk:
    """The last lines; each is news once, wherever it came from and however late."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._heard_at: dict[int, float] = {}
        self._hidden: deque[int] = deque(maxlen=MOST_HIDDEN)

    @property
    def tail(self) -> list[Line]:
        """The last lines, oldest first."""
        return list(self._lines)

    def add(self, line: Line) -> bool:
        """Keep a line in its place; whether it is news.

        One from before all that are kept would come out of order: it is none.
        """
        is_old = bool(self._lines) and line["seq"] < self._lines[0]["seq"]
        return not is_old and self._keep(line)

    def hide(self, seq: int) -> bool:
        """Take a line away, or never show it; whether that is news."""
        if seq in self._hidden:
            return False
        self._hidden.append(seq)
        self._lines = [line for line in self._lines if line["seq"] != seq]
        self._heard_at.pop(seq, None)
        return True

    def fill(self, lines: Iterable[Line]) -> None:
        """Keep lines that nobody needs to be told, if there is room for them."""
        for line in lines:
            self._keep(line)

    def gone_from(self, lines: Sequence[Line], heard_before: float) -> list[int]:
        """Which of our lines are not among the last `lines` of the database.

        heard_before: moment (monotonic, s); what came later may be missing there
        because it came later.
        """
        theirs = {line["seq"] for line in lines}
        first = 0 if len(lines) < TAIL else min(theirs)
        return [
            line["seq"]
            for line in self._lines
            if line["seq"] >= first
            and line["seq"] not in theirs
            and self._heard_at[line["seq"]] < heard_before
        ]

    def _keep(self, line: Line) -> bool:
        seq = line["seq"]
        if seq in self._hidden or seq in self._heard_at:
            return False
        self._lines.append(line)
        self._heard_at[seq] = monotonic()
        if len(self._lines) > 1 and seq < self._lines[-2]["seq"]:
            self._lines.sort(key=lambda each: int(each["seq"]))
        if len(self._lines) > TAIL:
            del self._heard_at[self._lines.pop(0)["seq"]]
        return True
