"""The last news of a room, for readers whose connection broke."""

import secrets
from collections import deque

LONGEST = 500
HEAVIEST = 512 * 1024
MOST_DIGITS = 15


class Ring:
    """Numbered chunks; the oldest make way. Numbers mean something to one ring only."""

    def __init__(self) -> None:
        self._epoch = secrets.token_hex(4)
        self._last = 0
        self._chunks: deque[bytes] = deque()
        self._weight = 0

    @property
    def last(self) -> str:
        """The id of the latest news."""
        return f"{self._epoch}-{self._last}"

    @property
    def next(self) -> str:
        """The id that the next news will have."""
        return f"{self._epoch}-{self._last + 1}"

    def keep(self, chunk: bytes) -> None:
        """Number and keep the next news."""
        self._last += 1
        self._chunks.append(chunk)
        self._weight += len(chunk)
        while len(self._chunks) > LONGEST or self._weight > HEAVIEST:
            self._weight -= len(self._chunks.popleft())

    def forget(self) -> None:
        """Whoever missed something gets a snapshot instead: it may not be repeated."""
        self._chunks.clear()
        self._weight = 0

    def since(self, event_id: str) -> bytes | None:
        """What came after `event_id`, or None when that is not known any more.

        event_id: as a browser sends it, so it may be anything.
        """
        missed = self._last - self._number(event_id)
        if not 0 <= missed <= len(self._chunks):
            return None
        return b"".join(list(self._chunks)[len(self._chunks) - missed :])

    def _number(self, event_id: str) -> int:
        """The number in an id of this ring; -1, which nobody can resume from, else."""
        epoch, _dash, digits = event_id.rpartition("-")
        is_ours = epoch == self._epoch and len(digits) <= MOST_DIGITS
        return int(digits) if is_ours and digits.isascii() and digits.isdigit() else -1
