"""Limits for one job's time: the claim must outlive it, and a stop must not wait."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

JOB_LIMIT_S = 90.0
PATIENCE_S = 1.5


class TimeUp(BaseException):
    """Raised inside a job that must end now; not an Exception, so none swallows it."""


class Stopper:
    """Remembers that the worker shall stop, and bounds what it is doing."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._listening = False
        self._busy = False

    @property
    def stopping(self) -> bool:
        """Whether a stop was asked for."""
        return self._stop.is_set()

    def sleep(self, seconds: float) -> None:
        """Wait, but not past a stop."""
        self._stop.wait(seconds)

    def stop(self) -> None:
        """Ask for a stop; a running job has PATIENCE_S left."""
        self._stop.set()
        if self._busy:
            signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT while inside; main thread only."""
        numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)
        before = [signal.getsignal(number) for number in numbers]
        signal.signal(signal.SIGTERM, self._on_stop)
        signal.signal(signal.SIGINT, self._on_stop)
        signal.signal(signal.SIGALRM, _on_alarm)
        self._listening = True
        try:
            yield
        finally:
            self._listening = False
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)

    @contextmanager
    def bounded(self) -> Iterator[None]:
        """Raise TimeUp inside when the job's time is over; needs `listening`."""
        if not self._listening:
            yield
            return
        self._busy = True
        signal.setitimer(signal.ITIMER_REAL, JOB_LIMIT_S)
        if self.stopping:
            signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._busy = False

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()


def _on_alarm(_number: int, _frame: FrameType | None) -> None:
    raise TimeUp
