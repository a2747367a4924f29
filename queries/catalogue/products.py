"""One product with everything its page tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from core.access import Actor
from core.database import db
from core.errors import NotFound
from core.statements import columns_for, filled
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
    return _view(Product.slug == slug, Product.state == ListingState.APPROVED)


def get_listing(actor: Actor, listing_id: int) -> ProductView:
    """A listing that the actor may write, in any state. Raises NotFound."""
    view = _view(Product.id == listing_id, visible(Product, actor, *STUDIO_ROLES))
    if view is None:
        raise NotFound()
    return view


def _view(*conditions: ColumnElement[bool]) -> ProductView | None:
    row = db.session.execute(
        select(
            *columns_for(ProductView, Product),
            Alliance.name.label("alliance"),
            Cooperative.name.label("cooperative"),
            Village.name.label("village"),
            Town.name.label("town"),
        )
        .join(Alliance, Alliance.id == Product.alliance_id)
        .join(Cooperative, Cooperative.id == Product.cooperative_id)
        .join(Village, Village.id == Product.village_id)
        .join(Town, Town.id == Village.town_id)
        .where(*conditions)
    ).one_or_none()
    if row is None:
        return None
    return filled(
        ProductView,
        row,
        boxes=_parts(Box, Variant, row.id),
        photos=_parts(Photo, ProductPhoto, row.id),
        batch=newest_batch(row.id),
    )


def _parts(view: type[Any], model: Any, product_id: int) -> Sequence[Any]:
    rows = db.session.execute(
        select(*columns_for(view, model))
        .where(model.product_id == product_id)
        .order_by(model.position, model.id)
    )
    return [view(*row) for row in rows]
