"""Everybody who listens to one room: written to, counted, and cut off when too slow."""

import random
from asyncio import Transport
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from core.clock import now
from core.room_tokens import Pass, Purpose
from media.events.sse import HEARTBEAT, LAST_CHUNK, EventKind, chunk, event

PATIENCE_S = 10
MOST_UNREAD = 1024 * 1024
HEARTBEAT_S = 20.0
GRACE_S = 60.0
RETRY_MS = (1_000, 3_000)


def retry_ms() -> int:
    """When to come back: spread out, or all would come in the same moment."""
    return random.randint(*RETRY_MS)  # noqa: S311 - no secret


@dataclass(eq=False, slots=True)
class Subscription:
    """Somebody who listens on `transport`, let in by `granted`."""

    granted: Pass
    transport: Transport
    began_at: float = field(default_factory=monotonic)

    @property
    def is_host(self) -> bool:
        """Whether they run the session: they hear how their stream does."""
        return self.granted.purpose is Purpose.RUN

    @property
    def subject(self) -> str:
        """Who it is; passes without a subject are counted one by one."""
        return self.granted.subject or f"?{id(self)}"

    @property
    def has_expired(self) -> bool:
        """Whether a host's pass is over.

        A viewer's pass opens the door once: what is told in the room is public, and
        reconnecting thousands every quarter of an hour would protect nothing. A host
        hears more, and may have lost that right.
        """
        over_s = (now() - self.granted.until).total_seconds()
        return self.is_host and over_s > GRACE_S

    def write(self, data: bytes) -> None:
        """Queue `data`, whole chunks, unless the connection is closing."""
        if not self.transport.is_closing():
            self.transport.write(data)

    def is_slow(self, lately: int) -> bool:
        """Whether its buffer holds something from before the last seconds.

        lately: bytes written to everyone in the last PATIENCE_S. More in the buffer
        than that is older than that; what a newcomer got alone is excused.
        """
        if self.transport.is_closing():
            return False
        unread = self.transport.get_write_buffer_size()
        is_new = monotonic() - self.began_at < PATIENCE_S
        return unread > MOST_UNREAD or (unread > lately and not is_new)

    def dismiss(self) -> None:
        """Ask to come back in a while, and hang up."""
        bye = chunk(event(EventKind.BYE, {}, retry_ms=retry_ms()))
        self.write(bye + LAST_CHUNK)
        self.transport.close()


class FanOut:
    """The subscriptions of one room.

    A reader's queue is its connection's buffer. Chunks are shared, so what a slow
    reader has not read costs references, and no more than the room said lately.
    """

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()
        self._hosts: set[Subscription] = set()
        self._subjects: Counter[str] = Counter()
        self._written = 0
        self._written_by_second: deque[int] = deque([0], maxlen=PATIENCE_S + 1)
        self._wrote_at = monotonic()

    def __len__(self) -> int:
        return len(self._subscriptions)

    @property
    def viewers(self) -> int:
        """How many different people watch; hosts do not count."""
        return len(self._subjects)

    def add(self, one: Subscription) -> None:
        self._subscriptions.add(one)
        if one.is_host:
            self._hosts.add(one)
        else:
            self._subjects[one.subject] += 1

    def remove(self, one: Subscription) -> None:
        """Write to it no more, if that is not so already."""
        if one not in self._subscriptions:
            return
        self._subscriptions.discard(one)
        self._hosts.discard(one)
        if not one.is_host:
            self._subjects[one.subject] -= 1
            if not self._subjects[one.subject]:
                del self._subjects[one.subject]

    def write(self, data: bytes, *, hosts_only: bool = False) -> None:
        """The hot path: `data`, whole chunks, to everyone or to the hosts."""
        self._written += len(data)
        for one in self._hosts if hosts_only else self._subscriptions:
            if not one.transport.is_closing():
                one.transport.write(data)
        if not hosts_only:
            self._wrote_at = monotonic()

    def tend(self) -> None:
        """Once a second: say that we are there, cut off the slow, retire old hosts."""
        if monotonic() - self._wrote_at >= HEARTBEAT_S:
            self.write(HEARTBEAT)
        lately = self._written - self._written_by_second[0]
        self._written_by_second.append(self._written)
        for one in [each for each in self._subscriptions if each.is_slow(lately)]:
            one.transport.abort()
            self.remove(one)
        for host in [each for each in self._hosts if each.has_expired]:
            self.remove(host)
            host.dismiss()

    def dismiss(self) -> None:
        self.dismiss_unless(lambda _granted: False)

    def dismiss_unless(self, admits: Callable[[Pass], bool]) -> None:
        """Hang up on those whose pass holds no more."""
        for one in tuple(self._subscriptions):
            if not admits(one.granted):
                self.remove(one)
                one.dismiss()
