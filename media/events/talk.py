"""The chat of a room: its last lines, in order, without the hidden ones."""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

TAIL = 50
MOST_HIDDEN = 1_000

Line = dict[str, Any]
"""seq, name, text, at_ms, author."""


class Talk:
    """The last lines; each is news once, wherever it came from and however late."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._hidden: deque[int] = deque(maxlen=MOST_HIDDEN)

    @property
    def tail(self) -> list[Line]:
        """The last lines, oldest first."""
        return list(self._lines)

    @property
    def seqs(self) -> frozenset[int]:
        """The numbers of the last lines."""
        return frozenset(line["seq"] for line in self._lines)

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
        return True

    def fill(self, lines: Iterable[Line]) -> None:
        """Keep lines that nobody needs to be told, if there is room for them."""
        for line in lines:
            self._keep(line)

    def hidden_since(self, lines: Sequence[Line], held: frozenset[int]) -> list[int]:
        """Which of the lines we show are not among the last `lines` of the database.

        held: what we showed before those were read; a later line may be missing
        because it came later.
        """
        theirs = {line["seq"] for line in lines}
        is_whole = len(lines) < TAIL
        first = 0 if is_whole else min(theirs)
        return sorted(
            seq for seq in held & self.seqs if seq >= first and seq not in theirs
        )

    def _keep(self, line: Line) -> bool:
        seq = line["seq"]
        if seq in self._hidden or seq in self.seqs:
            return False
        self._lines.append(line)
        if len(self._lines) > 1 and seq < self._lines[-2]["seq"]:
            self._lines.sort(key=lambda each: int(each["seq"]))
        self._lines = self._lines[-TAIL:]
        return True
