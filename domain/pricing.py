"""What a cart costs, and how much of anything one order may hold."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import N_, Invalid
from domain.money import allocate, format_yuan

MAX_QUANTITY = 999
MAX_LINES = 50
MAX_PRICE_FEN = 10_000_000
"""¥100,000 for one box: beyond it, someone mistyped."""

MAX_ORDER_FEN = 99_999_999
"""The largest charge Stripe takes (eight digits of the smallest unit)."""


class QuantityOutOfRange(Invalid):
    """A quantity outside 1 to MAX_QUANTITY."""

    code = "quantity_out_of_range"
    message = N_("数量请填 1 到 %(maximum)s 之间的整数。")

    def __init__(self) -> None:
        super().__init__(maximum=MAX_QUANTITY)


class TooManyLines(Invalid):
    """A cart with more kinds of goods than one order takes."""

    code = "too_many_lines"
    message = N_("一次最多买 %(maximum)s 种，请分成几单。")

    def __init__(self) -> None:
        super().__init__(maximum=MAX_LINES)


class PriceOutOfRange(Invalid):
    """A price of nothing, or one that must be a slip."""

    code = "price_out_of_range"
    message = N_("价格要大于 0，最多 %(maximum)s，请核对。")

    def __init__(self) -> None:
        super().__init__(maximum=format_yuan(MAX_PRICE_FEN))


class OrderTooLarge(Invalid):
    """An order above what can be paid at once."""

    code = "order_too_large"
    message = N_("一单最多 %(maximum)s，请减少数量或分成几单。")

    def __init__(self) -> None:
        super().__init__(maximum=format_yuan(MAX_ORDER_FEN))


@dataclass(frozen=True)
class CartLine:
    """A quantity of one box: its price in fen and its weight in grams."""

    price_fen: int
    weight_g: int
    quantity: int

    @property
    def goods_fen(self) -> int:
        """The price of all boxes."""
        return self.price_fen * self.quantity

    @property
    def total_weight_g(self) -> int:
        """The weight of all boxes."""
        return self.weight_g * self.quantity


@dataclass(frozen=True)
class CartTotals:
    """The sums of a cart's lines, without freight."""

    goods_fen: int
    weight_g: int


def check_price(price_fen: int) -> None:
    """Raise PriceOutOfRange unless a box may cost `price_fen`."""
    if not 0 < price_fen <= MAX_PRICE_FEN:
        raise PriceOutOfRange


def check_quantity(quantity: int) -> None:
    """Raise QuantityOutOfRange unless a line may hold `quantity` boxes."""
    if not 1 <= quantity <= MAX_QUANTITY:
        raise QuantityOutOfRange


def cart_totals(lines: Sequence[CartLine]) -> CartTotals:
    """The sums of a cart.

    Raises TooManyLines, QuantityOutOfRange, PriceOutOfRange or OrderTooLarge.
    """
    if len(lines) > MAX_LINES:
        raise TooManyLines
    for line in lines:
        check_quantity(line.quantity)
        check_price(line.price_fen)
    goods_fen = sum(line.goods_fen for line in lines)
    order_total_fen(goods_fen, 0)
    return CartTotals(goods_fen, sum(line.total_weight_g for line in lines))


def order_total_fen(goods_fen: int, freight_fen: int) -> int:
    """What the buyer pays. Raises OrderTooLarge."""
    if goods_fen + freight_fen > MAX_ORDER_FEN:
        raise OrderTooLarge
    return goods_fen + freight_fen


def split_freight(freight_fen: int, lines: Sequence[CartLine]) -> list[int]:
    """Divide an order's freight over its lines by weight, in fen."""
    return allocate(freight_fen, [line.total_weight_g for line in lines])
