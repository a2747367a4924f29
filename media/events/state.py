"""What holds in a room now: a snapshot for who enters, and the measure of what is new.

Announcements come late, doubled and shuffled; each thing has a number or a moment by
which the last one wins.
"""

from collections.abc import Collection, Mapping, Sequence
from time import monotonic
from typing import Any, Generic, TypeVar

from core.clock import now
from domain.live import SessionState
from media.events.chat import ChatHistory
from media.events.sse import EventKind

RANK: dict[str, int] = {
    SessionState.PLANNED: 0,
    SessionState.LIVE: 1,
    SessionState.ENDED: 2,
    SessionState.CANCELLED: 2,
}
"""A session never goes back, so what is late is known without comparing clocks."""

SET_BACK_US = 60_000_000
"""What is so much older is not late: the web process's clock was set back."""

Value = TypeVar("Value")
LineUp = Mapping[int, Sequence[int]]
"""The ids of each product's boxes, in the order shown."""


class LiveState:
    """State, pin, offers, chat and video of one room.

    state: None until the web process has said it.
    """

    def __init__(self) -> None:
        self.state: str | None = None
        self.starts_at_ms = 0
        self.pin_seq = 0
        self.pinned: int | None = None
        self._pin_heard_at = 0.0
        self.offers = Offers()
        self.chat = ChatHistory()
        self.has_video = False

    def apply(self, kind: str, data: dict[str, Any]) -> bool:
        """Note what was announced; False when it is late, doubled or no change."""
        match kind:
            case EventKind.STATE:
                return self._advance(data["state"])
            case EventKind.PIN:
                return self._pin(data["seq"], data["product_id"])
            case EventKind.PRICE:
                return self.offers.set_price(**data)
            case EventKind.STOCK:
                return self.offers.set_stock(**data)
            case EventKind.CHAT:
                return self.chat.add(data)
            case EventKind.HIDE:
                return self.chat.hide(data["seq"])
            case EventKind.VIDEO:
                self.has_video = data["on"]
        return True

    def arrange(self, starts_at_ms: int, line_up: LineUp) -> bool:
        """Note the session's time and its boxes; whether that is a change."""
        is_moved = starts_at_ms != self.starts_at_ms
        self.starts_at_ms = starts_at_ms
        return self.offers.arrange(line_up) or is_moved

    def unpin(self, heard_before: float) -> bool:
        """Pin nothing, if this pin was heard before then; whether that is a change.

        heard_before: moment (monotonic, s).
        """
        if self.pinned is None or self._pin_heard_at >= heard_before:
            return False
        self.pinned = None
        return True

    def snapshot(self, unsent: Collection[int] = ()) -> dict[str, Any]:
        """All of it, for a reader who knows nothing.

        unsent: numbers of lines of chat that nobody has been told yet.
        """
        pin = {"seq": self.pin_seq, "product_id": self.pinned}
        return {
            "at_ms": round(now().timestamp() * 1000),
            "state": self.state,
            "starts_at_ms": self.starts_at_ms,
            "pin": None if self.pinned is None else pin,
            "offers": self.offers.as_json(),
            "chat": [line for line in self.chat.tail if line["seq"] not in unsent],
            "video": {"on": self.has_video},
        }

    def _advance(self, state: str) -> bool:
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


class Latest(dict[int, tuple[int, Value]], Generic[Value]):
    """The newest value of each id, with the moment (µs) it was true."""

    def put(self, key: int, value: Value, at_us: int) -> bool:
        """Hold `value` unless something newer is held; whether that changed it."""
        held_at, held = self.get(key, (-1, None))
        if 0 <= held_at - at_us < SET_BACK_US:
            return False
        self[key] = (at_us, value)
        return held_at < 0 or held != value


class Offers:
    """The line-up, with the latest price and stock of each box."""

    def __init__(self) -> None:
        self._line_up: dict[int, list[int]] = {}
        self._product_of: dict[int, int] = {}
        self._prices: Latest[int] = Latest()
        self._stock: Latest[int] = Latest()
        self._listed: Latest[bool] = Latest()

    def arrange(self, line_up: LineUp) -> bool:
        """Show these boxes, whose price and stock follow; whether that is a change."""
        wanted = {product: list(boxes) for product, boxes in line_up.items()}
        if list(wanted.items()) == list(self._line_up.items()):
            return False
        self._line_up = wanted
        self._product_of = {box: one for one, boxes in wanted.items() for box in boxes}
        return True

    def set_price(self, variant_id: int, price_fen: int, at_us: int) -> bool:
        return self._prices.put(variant_id, price_fen, at_us)

    def set_stock(self, variant_id: int, stock: int, listed: bool, at_us: int) -> bool:
        """Hold a box's stock and whether its product is on sale; whether it is new."""
        is_new = self._stock.put(variant_id, stock, at_us)
        product = self._product_of.get(variant_id)
        if product is None:
            return is_new
        return self._listed.put(product, listed, at_us) or is_new

    def as_json(self) -> list[dict[str, Any]]:
        """As a snapshot tells it; what has no boxes is not on sale."""
        return [
            {
                "product_id": product,
                "listed": bool(boxes) and self._listed[product][1],
                "boxes": [self._box(box) for box in boxes],
            }
            for product, boxes in self._line_up.items()
        ]

    def _box(self, variant_id: int) -> dict[str, int]:
        return {
            "variant_id": variant_id,
            "price_fen": self._prices[variant_id][1],
            "stock": self._stock[variant_id][1],
        }
