"""Jobs that take seconds run in a process of their own, while there are any.

A file of many rows would keep a login's code waiting, and what it takes of memory goes
back to the machine when the process ends.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from subprocess import Popen

import structlog

from core.database import forget_reads
from queries.outbox import Kinds, is_any_due
from services.jobs import SLOW

PATIENCE_S = 4.0
AFTER_FAILURE_S = 10.0

log = structlog.get_logger("tianbo.worker")


class SlowLane:
    """The process for slow jobs: started when one is due, gone when none is."""

    def __init__(self, lease: timedelta) -> None:
        self._words = ("--slow", "--lease", str(lease.total_seconds()))
        self._process: Popen[bytes] | None = None
        self._not_before = 0.0

    def look(self) -> None:
        """Start the process if it is needed and not there."""
        if self._is_at_work() or time.monotonic() < self._not_before:
            return
        due = is_any_due(Kinds(only=frozenset(SLOW)))
        forget_reads()
        if due:
            command = [sys.executable, "-m", "flask", "--app", "app", "worker"]
            self._process = Popen([*command, *self._words])  # noqa: S603 - our own

    def _is_at_work(self) -> bool:
        if self._process is None:
            return False
        code = self._process.poll()
        if code:
            log.warning("process for slow jobs ended", code=code)
            self._not_before = time.monotonic() + AFTER_FAILURE_S
        if code is not None:
            self._process = None
        return code is None

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Take the process along when the worker ends."""
        try:
            yield
        finally:
            if self._process is not None:
                _end(self._process)


def _end(process: Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
