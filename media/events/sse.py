"""Server-sent events as bytes on the wire, and the last of them for who comes back.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html. An event is
encoded once for all its readers, as a chunk of a chunked HTTP/1.1 answer (RFC 9112,
7.1).
"""

import json
import secrets
from collections import deque
from enum import StrEnum
from typing import Any

LAST_CHUNK = b"0\r\n\r\n"
MOST_EVENTS = 500
MOST_BYTES = 512 * 1024
MOST_DIGITS = 15


class EventKind(StrEnum):
    """What a reader may hear; RIGHTS is told to this server alone."""

    SNAPSHOT = "snapshot"
    STATE = "state"
    PIN = "pin"
    PRICE = "price"
    STOCK = "stock"
    CHAT = "chat"
    CHATS = "chats"
    HIDE = "hide"
    VIDEO = "video"
    VIEWERS = "viewers"
    LIKES = "likes"
    HEALTH = "health"
    RIGHTS = "rights"
    BYE = "bye"


EPHEMERAL = frozenset(
    (EventKind.VIEWERS, EventKind.LIKES, EventKind.HEALTH, EventKind.BYE)
)
"""Soon said anew: they get no id and are not kept for those who come back."""


def event(kind: str, data: Any, event_id: str = "", retry_ms: int = 0) -> bytes:
    """One event. JSON escapes line ends, so `data` stays on one line."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    head = f"id: {event_id}\n" if event_id else ""
    wait = f"retry: {retry_ms}\n" if retry_ms else ""
    return f"{head}{wait}event: {kind}\ndata: {text}\n\n".encode()


def retry_after(wait_ms: int) -> bytes:
    """How long a browser waits before it comes back, with no event."""
    return f"retry: {wait_ms}\n\n".encode()


def chunk(*events: bytes) -> bytes:
    """Events as one chunk of an answer."""
    data = b"".join(events)
    return b"%x\r\n%b\r\n" % (len(data), data)


HEARTBEAT = chunk(b": here\n\n")


class RingBuffer:
    """The last chunks of a room, numbered, for readers whose connection broke.

    Ids hold an epoch: those of a server that has ended mean nothing here.
    """

    def __init__(self) -> None:
        self._epoch = secrets.token_hex(4)
        self._last = 0
        self._chunks: deque[bytes] = deque()
        self._size = 0

    @property
    def last_id(self) -> str:
        return f"{self._epoch}-{self._last}"

    @property
    def next_id(self) -> str:
        return f"{self._epoch}-{self._last + 1}"

    def append(self, chunk: bytes) -> None:
        """Number and keep the next chunk; the oldest make way."""
        self._last += 1
        self._chunks.append(chunk)
        self._size += len(chunk)
        while len(self._chunks) > MOST_EVENTS or self._size > MOST_BYTES:
            self._size -= len(self._chunks.popleft())

    def clear(self) -> None:
        """Whoever missed something gets a snapshot instead: it may not be repeated."""
        self._chunks.clear()
        self._size = 0

    def since(self, event_id: str) -> bytes | None:
        """What came after `event_id`, or None when that is not known any more.

        event_id: as a browser sends it, so it may be anything.
        """
        missed = self._last - self._number(event_id)
        if not 0 <= missed <= len(self._chunks):
            return None
        return b"".join(list(self._chunks)[len(self._chunks) - missed :])

    def _number(self, event_id: str) -> int:
        """The number in an id of this buffer; -1, which is never resumed from, else."""
        epoch, _dash, digits = event_id.rpartition("-")
        is_ours = epoch == self._epoch and len(digits) <= MOST_DIGITS
        return int(digits) if is_ours and digits.isascii() and digits.isdigit() else -1
