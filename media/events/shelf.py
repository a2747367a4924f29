"""What a room offers: its line-up, with the latest price and stock of each box."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")
LineUp = Mapping[int, Sequence[int]]
"""The ids of each product's boxes, in the order shown."""


class Latest(dict[int, tuple[int, Value]], Generic[Value]):
    """The newest value of each id, with the moment (µs) it was true."""

    def take(self, key: int, value: Value, at_us: int) -> bool:
        """Hold `value` unless something newer is held; whether that changed it."""
        held_at, held = self.get(key, (-1, None))
        if at_us <= held_at:
            return False
        self[key] = (at_us, value)
        return held_at < 0 or held != value


class Shelf:
    """Line-up, prices and stock; announcements may come late, doubled, shuffled."""

    def __init__(self) -> None:
        self._line_up: dict[int, list[int]] = {}
        self._owner: dict[int, int] = {}
        self._prices: Latest[int] = Latest()
        self._stock: Latest[int] = Latest()
        self._listed: Latest[bool] = Latest()

    def arrange(self, line_up: LineUp) -> bool:
        """Show these boxes, whose price and stock follow; whether that is a change."""
        wanted = {product: list(boxes) for product, boxes in line_up.items()}
        if list(wanted.items()) == list(self._line_up.items()):
            return False
        self._line_up = wanted
        self._owner = {box: product for product, own in wanted.items() for box in own}
        return True

    def price(self, variant_id: int, price_fen: int, at_us: int) -> bool:
        """Hold a box's price; whether it is news."""
        return self._prices.take(variant_id, price_fen, at_us)

    def stock(self, variant_id: int, stock: int, listed: bool, at_us: int) -> bool:
        """Hold a box's stock and whether its product is on sale; whether it is news."""
        is_news = self._stock.take(variant_id, stock, at_us)
        product = self._owner.get(variant_id)
        if product is None:
            return is_news
        return self._listed.take(product, listed, at_us) or is_news

    def offers(self) -> list[dict[str, Any]]:
        """The shelf as a snapshot tells it; what has no boxes is not on sale."""
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
