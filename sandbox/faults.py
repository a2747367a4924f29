"""Faults to order: the next requests fail, hang, or lose their answer."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.errors import StripeError

KINDS = ("error", "unavailable", "hang", "trickle", "drop")
SLOW = ("hang", "trickle")
MOMENTS = ("before", "after")


@dataclass
class Fault:
    """What the next `count` matching API requests meet.

    kind: `error` 500, `unavailable` 503, `hang` waits `seconds`, `trickle` waits as
    long before each byte of the answer, `drop` closes the connection without one.
    when: `before` or `after` the work is done.
    method, path: only requests with this method, and whose path starts with this.
    saved: a 500 after the work is what the idempotency key replays from then on.
    """

    kind: str
    when: str = "before"
    count: int = 1
    seconds: float = 0
    method: str = ""
    path: str = ""
    saved: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        if self.when not in MOMENTS:
            raise ValueError("when must be before or after")
        if type(self.count) is not int or self.count < 1:
            raise ValueError("count must be 1 or more")
        if type(self.seconds) not in (int, float) or self.seconds < 0:
            raise ValueError("seconds must be zero or more")

    def matches(self, method: str, path: str) -> bool:
        """Whether a request of `method` to `path` meets this fault."""
        return self.method.upper() in ("", method) and path.startswith(self.path)


class FaultTable:
    """The faults still to come, in the order they were asked for.

    waiting: requests that a fault holds up at this moment.
    """

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self.waiting = 0

    def add(self, fault: Fault) -> None:
        """Queue `fault` behind those already waiting."""
        with self._lock:
            self._faults.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """Use up one occurrence of the first fault that matches, if any."""
        with self._lock:
            for fault in self._faults:
                if fault.matches(method, path):
                    fault.count -= 1
                    if fault.count == 0:
                        self._faults.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        """No more faults: what hangs goes on."""
        with self._lock:
            self._faults.clear()
            self._over.set()
            self._over = threading.Event()

    def list(self) -> list[dict[str, Any]]:
        """The faults still to come, JSON-ready."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def hang(self, fault: Fault | None, when: str) -> None:
        """Wait as long as the fault says, if it is a hang set for this moment."""
        if fault is not None and fault.kind == "hang" and fault.when == when:
            self._wait(fault.seconds)

    def trickle(self, body: bytes, seconds: float) -> Iterator[bytes]:
        """The body byte by byte."""
        for position in range(len(body)):
            self._wait(seconds)
            yield body[position : position + 1]

    def _wait(self, seconds: float) -> None:
        with self._lock:
            over = self._over
            self.waiting += 1
        over.wait(seconds)
        with self._lock:
            self.waiting -= 1


def strike(fault: Fault | None, when: str, connection: socket.socket | None) -> None:
    """Raise what the client is to see at this moment, if anything.

    connection: the client's, which a `drop` cuts before anything is answered.
    """
    if fault is None or fault.when != when or fault.kind in SLOW:
        return
    if fault.kind == "drop" and connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
    raise failure(fault)


def failure(fault: Fault) -> StripeError:
    """The error that `fault` shows as."""
    status = 503 if fault.kind == "unavailable" else 500
    message = "An unknown error occurred (a fault ordered from the sandbox)."
    return StripeError(status, message, kind="api_error")
