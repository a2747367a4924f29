"""One product with everything its page tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from core.access import Actor
from core.database import AnyRow, AnySelect, Base, db
from core.errors import NotFound
from core.statements import columns_for, filled, kept, table_of
from domain.catalogue import ListingState, Photo
from domain.money import per_jin_fen
from domain.roles import STUDIO_ROLES
from models.alliances import Alliance, Town, Village
from models.catalogue import Product, ProductPhoto, Variant
from models.cooperative import Cooperative
from queries.catalogue.batches import Batch, newest_batch
from queries.scopes import visible


@dataclass(frozen=True)
class Box:
    """A variant: one box size with its price and what is left of it."""

    id: int
    name: str
    weight_g: int
    price_fen: int
    stock: int
    on_sale: bool

    @property
    def per_jin_fen(self) -> int:
        """Fen for one 斤 of this box."""
        return per_jin_fen(self.price_fen, self.weight_g)

    @property
    def can_be_bought(self) -> bool:
        """Whether at least one is left and on sale."""
        return self.on_sale and self.stock > 0


@dataclass(frozen=True)
class ProductView:
    """A listing as its page, its review and its form show it."""

    id: int
    slug: str
    name: str
    category: str
    story: str
    state: ListingState
    version: int
    sold_count: int
    updated_at: datetime
    approved_at: datetime | None
    alliance_id: int
    alliance: str
    cooperative_id: int
    cooperative: str
    village_id: int
    village: str
    town: str
    boxes: Sequence[Box]
    photos: Sequence[Photo]
    batch: Batch | None

    @property
    def boxes_on_sale(self) -> Sequence[Box]:
        """What a buyer may choose from, sold-out ones included."""
        return [box for box in self.boxes if box.on_sale]

    @property
    def is_sold_out(self) -> bool:
        """Whether nothing is left to buy."""
        return not any(box.can_be_bought for box in self.boxes)

    @property
    def paragraphs(self) -> Sequence[str]:
        """The story, one paragraph a line."""
        return [line.strip() for line in self.story.splitlines() if line.strip()]

    def choose(self, variant_id: int | None) -> Box | None:
        """The box a buyer asked for, else the cheapest that is left, else any."""
        boxes = self.boxes_on_sale
        for box in boxes:
            if box.id == variant_id:
                return box
        left = [box for box in boxes if box.can_be_bought]
        return min(left or boxes, key=lambda box: box.price_fen, default=None)


def find_product(slug: str) -> ProductView | None:
    """The product of the shop with this address, None unless it is approved."""
    row = db.session.execute(_in_shop(), {"slug": slug}).one_or_none()
    return _view(row) if row else None


def get_listing(actor: Actor, listing_id: int) -> ProductView:
    """A listing that the actor may write, in any state. Raises NotFound."""
    own = visible(Product, actor, *STUDIO_ROLES)
    row = db.session.execute(_rows().where(Product.id == listing_id, own)).one_or_none()
    if row is None:
        raise NotFound()
    return _view(row)


@kept
def _in_shop() -> AnySelect:
    product = table_of(Product).c
    is_listed = product.state == ListingState.APPROVED
    return _rows().where(product.slug == bindparam("slug"), is_listed)


def _rows() -> AnySelect:
    product = table_of(Product)
    alliance, cooperative = table_of(Alliance), table_of(Cooperative)
    village, town = table_of(Village), table_of(Town)
    return (
        select(
            *columns_for(ProductView, Product),
            alliance.c.name.label("alliance"),
            cooperative.c.name.label("cooperative"),
            village.c.name.label("village"),
            town.c.name.label("town"),
        )
        .join(alliance, alliance.c.id == product.c.alliance_id)
        .join(cooperative, cooperative.c.id == product.c.cooperative_id)
        .join(village, village.c.id == product.c.village_id)
        .join(town, town.c.id == village.c.town_id)
    )


def _view(row: AnyRow) -> ProductView:
    return filled(
        ProductView,
        row,
        boxes=_parts(Box, Variant, row.id),
        photos=_parts(Photo, ProductPhoto, row.id),
        batch=newest_batch(row.id),
    )


def _parts(view: type[Any], model: type[Base], product_id: int) -> tuple[Any, ...]:
    found = db.session.execute(_parts_of(view, model), {"product_id": product_id})
    return tuple(view(*row) for row in found)


@kept
def _parts_of(view: type[Any], model: type[Base]) -> AnySelect:
    column = table_of(model).c
    return (
        select(*columns_for(view, model))
        .where(column.product_id == bindparam("product_id"))
        .order_by(column.position, column.id)
    )
