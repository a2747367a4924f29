"""Who handles which kind of job. Handlers live in commands/worker/handlers/.

A handler gets the job's payload, opens its own transactions and may be called again
for the same job: a worker can die between the work and the note that it is done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from core.clock import now
from services import outbox

Handler = Callable[[dict[str, Any]], None]

HANDLERS: dict[str, Handler] = {}
SLOW: set[str] = set()
"""Kinds that take seconds: others, such as a login's code, do not wait behind them."""
PERIODIC: list["Periodic"] = []


@dataclass(frozen=True)
class Periodic:
    """A job that comes again with every period of the clock."""

    kind: str
    every: timedelta


class NotYet(Exception):
    """The job's time has not come: handle it again at `due_at`."""

    def __init__(self, due_at: datetime) -> None:
        super().__init__(due_at)
        self.due_at = due_at


class GiveUp(Exception):
    """Trying again would not help: park the job with this sentence."""


def handles(kind: str, *, is_slow: bool = False) -> Callable[[Handler], Handler]:
    """Register the decorated function as the handler of `kind`."""

    def register(handler: Handler) -> Handler:
        if kind in HANDLERS:
            raise ValueError(f"{kind} has a handler already")
        HANDLERS[kind] = handler
        if is_slow:
            SLOW.add(kind)
        return handler

    return register


def periodically(kind: str, every: timedelta) -> Callable[[Handler], Handler]:
    """Register the handler of a job that no one enqueues: it comes by itself."""

    def register(handler: Handler) -> Handler:
        PERIODIC.append(Periodic(kind, every))
        return handles(kind)(handler)

    return register


def enqueue_periodic() -> None:
    """Put the present period's run of each periodic job into the queue.

    The key names the period, so many workers make one run, and none piles up while
    no worker is there.
    """
    for periodic in PERIODIC:
        start = _period_start(periodic.every)
        key = f"periodic:{periodic.kind}:{start:%Y%m%dT%H%M%S}"
        outbox.enqueue(periodic.kind, {}, key=key, due_at=start)


def _period_start(every: timedelta) -> datetime:
    seconds = int(every.total_seconds())
    return datetime.fromtimestamp(int(now().timestamp()) // seconds * seconds, UTC)
