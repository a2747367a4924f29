"""Everybody who listens to one room: written to, counted, and cut off when too slow."""

import random
from asyncio import Transport
from collections import Counter, deque
from dataclasses import dataclass, field
from time import monotonic

from core.clock import now
from core.room_tokens import Pass, Purpose
from media.events.frames import HEARTBEAT, LAST_CHUNK, Kind, chunk, frame

PATIENCE_S = 10
MOST_UNREAD = 1024 * 1024
HEARTBEAT_S = 20.0
GRACE_S = 60.0
RETRY_MS = (1_000, 3_000)


def retry_ms() -> int:
    """When to come back: spread out, or all would come in the same moment."""
    return random.randint(*RETRY_MS)  # noqa: S311 - no secret


@dataclass(eq=False, slots=True)
class Reader:
    """Somebody who listens on `wire`, let in by `granted`."""

    granted: Pass
    wire: Transport
    joined_at: float = field(default_factory=monotonic)

    @property
    def is_host(self) -> bool:
        """Whether they run the session: they hear how their stream does."""
        return self.granted.purpose is Purpose.RUN

    @property
    def has_stayed_too_long(self) -> bool:
        """Whether a host's pass is over.

        A viewer's pass opens the door once: what is told in the room is public, and
        reconnecting thousands every quarter of an hour would protect nothing. A host
        hears more, and may have lost that right.
        """
        over_s = (now() - self.granted.until).total_seconds()
        return self.is_host and over_s > GRACE_S


class Crowd:
    """The readers of one room.

    A reader's queue is its connection's buffer. Frames are shared, so what a slow
    reader has not read costs references, and no more than the room said lately.
    """

    def __init__(self) -> None:
        self._readers: set[Reader] = set()
        self._hosts: set[Reader] = set()
        self._subjects: Counter[str] = Counter()
        self._written = 0
        self._written_by_second: deque[int] = deque([0], maxlen=PATIENCE_S + 1)
        self._spoke_at = monotonic()

    def __len__(self) -> int:
        return len(self._readers)

    @property
    def viewers(self) -> int:
        """How many different people watch; hosts do not count."""
        return len(self._subjects)

    def add(self, reader: Reader) -> None:
        """Write to this reader from now on."""
        self._readers.add(reader)
        if reader.is_host:
            self._hosts.add(reader)
        else:
            self._subjects[_subject(reader)] += 1

    def remove(self, reader: Reader) -> bool:
        """Write to it no more; False when that was so already."""
        if reader not in self._readers:
            return False
        self._readers.discard(reader)
        if reader.is_host:
            self._hosts.discard(reader)
            return True
        subject = _subject(reader)
        self._subjects[subject] -= 1
        if not self._subjects[subject]:
            del self._subjects[subject]
        return True

    def write(self, data: bytes, *, hosts_only: bool = False) -> None:
        """The hot path: `data`, whole chunks, to everyone or to the hosts."""
        self._written += len(data)
        for reader in self._hosts if hosts_only else self._readers:
            if not reader.wire.is_closing():
                reader.wire.write(data)
        if not hosts_only:
            self._spoke_at = monotonic()

    def write_to(self, reader: Reader, data: bytes) -> None:
        """`data`, whole chunks, to one reader."""
        if not reader.wire.is_closing():
            reader.wire.write(data)

    def tend(self) -> None:
        """Once a second: say that we are there, cut off the slow, retire old hosts."""
        if monotonic() - self._spoke_at >= HEARTBEAT_S:
            self.write(HEARTBEAT)
        lately = self._written - self._written_by_second[0]
        self._written_by_second.append(self._written)
        for reader in [one for one in self._readers if _is_slow(one, lately)]:
            reader.wire.abort()
            self.remove(reader)
        for host in [one for one in self._hosts if one.has_stayed_too_long]:
            self._dismiss(host)

    def dismiss(self) -> None:
        """Ask all to come back in a while, and hang up."""
        for reader in tuple(self._readers):
            self._dismiss(reader)

    def _dismiss(self, reader: Reader) -> None:
        self.remove(reader)
        bye = chunk(frame(Kind.BYE, {}, retry_ms=retry_ms()))
        self.write_to(reader, bye + LAST_CHUNK)
        reader.wire.close()


def _subject(reader: Reader) -> str:
    """Who it is; passes without a subject are counted one by one."""
    return reader.granted.subject or f"?{id(reader)}"


def _is_slow(reader: Reader, lately: int) -> bool:
    """Whether its buffer holds something from before the last seconds.

    lately: bytes written to everyone in the last PATIENCE_S. More in the buffer than
    that is older than that; what a newcomer got alone is excused.
    """
    if reader.wire.is_closing():
        return False
    unread = reader.wire.get_write_buffer_size()
    is_new = monotonic() - reader.joined_at < PATIENCE_S
    return unread > MOST_UNREAD or (unread > lately and not is_new)
