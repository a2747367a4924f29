"""A way to someone outside that is not taken while nobody answers there.

Else every thread of a web process would come to wait for the same silence. The
libraries for this that were looked at hold a lock during the call, so that callers
queue: the very thing to be avoided.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar

import structlog

from core.clock import now

FAILURES = 3
PAUSE = timedelta(seconds=30)

T = TypeVar("T")
log = structlog.get_logger("tianbo")


class Circuit:
    """Makes calls, or refuses them at once; safe from any thread.

    FAILURES in a row open it. From then on one call in each PAUSE is made, to try;
    the first that is answered closes it.
    """

    def __init__(self, name: str, *, at_once: int, away: type[Exception]) -> None:
        """at_once: calls under way at a time, one more is refused and waits for none.

        away: what a call raises when nobody answered, and what a refused one raises.
        """
        self._name, self._at_once, self._away = name, at_once, away
        self._lock = Lock()
        self._under_way = self._failures = 0
        self._next_try: datetime | None = None

    def call(self, ask: Callable[[], T]) -> T:
        """What `ask` answers. Raises `away` when it is not to be called now."""
        with self._lock:
            self._enter()
        answered = False
        try:
            answer = ask()
            answered = True
        except self._away:
            raise
        except Exception:
            answered = True
            raise
        finally:
            with self._lock:
                self._leave(answered)
        return answer

    def _enter(self) -> None:
        if self._under_way >= self._at_once or self._is_pausing():
            raise self._away()
        if self._next_try is not None:
            self._next_try = now() + PAUSE
        self._under_way += 1

    def _is_pausing(self) -> bool:
        """A clock that was put back must not make the pause longer."""
        if self._next_try is None:
            return False
        return timedelta() < self._next_try - now() <= PAUSE

    def _leave(self, answered: bool) -> None:
        self._under_way -= 1
        if answered:
            if self._next_try is not None:
                log.info("answers again", who=self._name)
            self._failures, self._next_try = 0, None
            return
        self._failures += 1
        if self._failures >= FAILURES:
            if self._next_try is None:
                log.warning("does not answer, asked seldom", who=self._name)
            self._next_try = now() + PAUSE
