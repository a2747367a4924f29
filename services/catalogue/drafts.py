"""What a member wrote about a listing, checked by the form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain.catalogue import Photo
from domain.categories import Category


@dataclass(frozen=True)
class BoxDraft:
    """One box size. `id` None is a new one.

    stock_was: the stock the form showed; the stock is set only when the member
    changed it, so that sales in between are never overwritten.
    """

    id: int | None
    name: str
    weight_g: int
    price_fen: int
    stock: int
    stock_was: int | None
    on_sale: bool

    @property
    def sets_stock(self) -> bool:
        """Whether the member typed another stock than the form showed."""
        return self.id is None or self.stock != self.stock_was


@dataclass(frozen=True)
class BatchDraft:
    """A harvest. `id` None is a new one, else a batch nobody has bought from.

    deliveries: grams that each family delivered, by farmer id, in the order typed.
    """

    id: int | None
    harvested_on: date
    plot: str
    deliveries: Mapping[int, int]


@dataclass(frozen=True)
class ListingDraft:
    """A whole listing; the first photo is its cover."""

    name: str
    category: Category
    story: str
    village_id: int
    cooperative_id: int
    boxes: tuple[BoxDraft, ...]
    batch: BatchDraft | None
    photos: tuple[Photo, ...]
