"""Who may run a room and publish in it, by what the web process said last."""

from collections.abc import Mapping
from typing import Any

from core.room_tokens import STAND_IN, Pass, Purpose

SET_BACK_US = 60_000_000
"""What is so much older was not overtaken: the web process's clock was set back."""


class Admission:
    """Whose passes still hold. While nobody has said, a good signature is enough."""

    def __init__(self) -> None:
        self._key: int | None = None
        self._runners: frozenset[str] | None = None
        self._at_us = -1

    def note(self, rights: Mapping[str, Any]) -> bool:
        """Heed what is told of key and runners; False when something newer was told."""
        if 0 <= self._at_us - rights["at_us"] < SET_BACK_US:
            return False
        self._key, self._at_us = rights["key"], rights["at_us"]
        self._runners = frozenset(rights["runners"])
        return True

    def admits(self, granted: Pass) -> bool:
        """Whether the bearer may still do what the pass is for."""
        if granted.purpose is Purpose.WATCH:
            return True
        is_key_good = granted.purpose is Purpose.RUN or self._key in (None, granted.key)
        return is_key_good and self._knows(granted.subject)

    def _knows(self, runner: str) -> bool:
        return runner == STAND_IN or self._runners is None or runner in self._runners
