"""What the pages of a cart show, read and ready."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.errors import DomainError
from domain.freight import FreightQuote


class Trouble(StrEnum):
    """Why a cart line cannot be bought as it stands.

    withdrawn: no longer on sale. sold_out: none left. short: fewer left than asked.
    """

    WITHDRAWN = "withdrawn"
    SOLD_OUT = "sold_out"
    SHORT = "short"


@dataclass(frozen=True)
class CartLineView:
    """One variant in a cart, at today's price and stock; amounts in fen."""

    item_id: int
    variant_id: int
    product_name: str
    variant_name: str
    slug: str
    cover: str
    category: str
    village: str
    price_fen: int
    weight_g: int
    quantity: int
    stock: int
    trouble: Trouble | None
    session_slug: str | None
    session_title: str | None

    @property
    def goods_fen(self) -> int:
        """The price of all boxes of the line."""
        return self.price_fen * self.quantity

    @property
    def total_weight_g(self) -> int:
        """The weight of all boxes of the line."""
        return self.weight_g * self.quantity


@dataclass(frozen=True)
class CartGroup:
    """The lines of one cooperative: one order, one payment, one parcel.

    freight: None until a province is chosen, or when freight_error says why there
    is none.
    """

    cooperative_id: int
    cooperative: str
    lines: Sequence[CartLineView]
    freight: FreightQuote | None
    freight_error: DomainError | None

    @property
    def goods_fen(self) -> int:
        """The goods of the lines, without freight."""
        return sum(line.goods_fen for line in self.lines)

    @property
    def weight_g(self) -> int:
        """The weight of the parcel's goods."""
        return sum(line.total_weight_g for line in self.lines)

    @property
    def total_fen(self) -> int:
        """Goods, and freight as far as it is known."""
        return self.goods_fen + (self.freight.fen if self.freight else 0)


@dataclass(frozen=True)
class CartView:
    """A buyer's cart."""

    groups: Sequence[CartGroup]

    @property
    def lines(self) -> list[CartLineView]:
        """Every line of every group."""
        return [line for group in self.groups for line in group.lines]

    @property
    def count(self) -> int:
        """How many boxes there are."""
        return sum(line.quantity for line in self.lines)

    @property
    def goods_fen(self) -> int:
        """All goods without freight."""
        return sum(group.goods_fen for group in self.groups)

    @property
    def freight_fen(self) -> int | None:
        """All freight, or None while some is not known."""
        quotes = [group.freight for group in self.groups]
        if any(quote is None for quote in quotes):
            return None
        return sum(quote.fen for quote in quotes if quote)

    @property
    def total_fen(self) -> int:
        """What checkout would ask for, freight as far as it is known."""
        return sum(group.total_fen for group in self.groups)

    @property
    def can_check_out(self) -> bool:
        """Whether there is something, and nothing in its way."""
        return bool(self.groups) and not any(line.trouble for line in self.lines)
