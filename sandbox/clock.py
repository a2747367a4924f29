"""The sandbox's own clock, which a test can push forward."""

import time


class Clock:
    """Unix seconds; real time plus an offset that only grows."""

    def __init__(self, offset_s: int = 0) -> None:
        """offset_s: how far ahead of real time the sandbox lives."""
        self.offset_s = offset_s

    def now(self) -> int:
        """Unix seconds on the sandbox's clock."""
        return int(time.time()) + self.offset_s

    def advance(self, seconds: int) -> None:
        """Move `seconds` ahead; ValueError when negative."""
        if seconds < 0:
            raise ValueError("the clock only moves forward")
        self.offset_s += seconds
