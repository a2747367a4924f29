"""What holds in a room now: told to whoever enters, and the measure of what is news."""

from collections.abc import Collection
from time import monotonic
from typing import Any

from core.clock import now
from domain.live import SessionState
from media.events.frames import Kind
from media.events.shelf import LineUp, Shelf
from media.events.talk import Talk

RANK: dict[str, int] = {
    SessionState.PLANNED: 0,
    SessionState.LIVE: 1,
    SessionState.ENDED: 2,
    SessionState.CANCELLED: 2,
}
"""A session never goes back, so what is late is known without comparing clocks."""


class Board:
    """State, pin, offers, chat and video of one room.

    state: None until the web process has said it.
    """

    def __init__(self) -> None:
        self.state: str | None = None
        self.starts_at_ms = 0
        self.pin_seq = 0
        self.pinned: int | None = None
        self._pin_heard_at = 0.0
        self.shelf = Shelf()
        self.talk = Talk()
        self.is_on = False

    def take(self, kind: str, data: dict[str, Any]) -> bool:
        """Show what was announced; False when it is late, doubled or no change."""
        match kind:
            case Kind.STATE:
                return self._move(data["state"])
            case Kind.PIN:
                return self._pin(data["seq"], data["product_id"])
            case Kind.PRICE:
                return self.shelf.price(**data)
            case Kind.STOCK:
                return self.shelf.stock(**data)
            case Kind.CHAT:
                return self.talk.add(data)
            case Kind.HIDE:
                return self.talk.hide(data["seq"])
            case Kind.VIDEO:
                self.is_on = data["on"]
        return True

    def arrange(self, starts_at_ms: int, line_up: LineUp) -> bool:
        """Show the session's time and its boxes; whether that is a change."""
        is_moved = starts_at_ms != self.starts_at_ms
        self.starts_at_ms = starts_at_ms
        return self.shelf.arrange(line_up) or is_moved

    def unpin(self, heard_before: float) -> bool:
        """Show no pin, if this one was heard before then; whether that is a change.

        heard_before: moment (monotonic, s).
        """
        if self.pinned is None or self._pin_heard_at >= heard_before:
            return False
        self.pinned = None
        return True

    def snapshot(self, untold: Collection[int] = ()) -> dict[str, Any]:
        """All of it, for a reader who knows nothing.

        untold: numbers of lines of chat that nobody has been told yet.
        """
        pin = {"seq": self.pin_seq, "product_id": self.pinned}
        return {
            "at_ms": round(now().timestamp() * 1000),
            "state": self.state,
            "starts_at_ms": self.starts_at_ms,
            "pin": None if self.pinned is None else pin,
            "offers": self.shelf.offers(),
            "chat": [one for one in self.talk.tail if one["seq"] not in untold],
            "video": {"on": self.is_on},
        }

    def _move(self, state: str) -> bool:
        if self.state is not None and RANK[state] <= RANK[self.state]:
            return False
        self.state = state
        return True

    def _pin(self, seq: int, product_id: int | None) -> bool:
        if seq <= self.pin_seq:
            return False
        self.pin_seq, self.pinned = seq, product_id
        self._pin_heard_at = monotonic()
        return True
