"""Server-sent events as bytes on the wire, encoded once for all their readers.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html; each frame is
one chunk of a chunked HTTP/1.1 answer (RFC 9112, 7.1).
"""

import json
from enum import StrEnum
from typing import Any

LAST_CHUNK = b"0\r\n\r\n"


class Kind(StrEnum):
    """What a reader may hear."""

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
    BYE = "bye"


FLEETING = frozenset((Kind.VIEWERS, Kind.LIKES, Kind.HEALTH, Kind.BYE))
"""Soon said anew: they get no number and are not kept for those who come back."""


def frame(kind: str, data: Any, number: str = "", retry_ms: int = 0) -> bytes:
    """One event. JSON escapes line ends, so `data` stays on one line."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    head = f"id: {number}\n" if number else ""
    wait = f"retry: {retry_ms}\n" if retry_ms else ""
    return f"{head}{wait}event: {kind}\ndata: {text}\n\n".encode()


def retry_after(wait_ms: int) -> bytes:
    """How long a browser waits before it comes back, with no event."""
    return f"retry: {wait_ms}\n\n".encode()


def chunk(data: bytes) -> bytes:
    """`data` as one chunk of an answer."""
    return b"%x\r\n%b\r\n" % (len(data), data)


HEARTBEAT = chunk(b": here\n\n")
