"""One product with everything its page tells."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, select

from core.database import AnyRow, db
from core.errors import NotFound
from domain.catalogue import ListingState
from domain.money import per_jin_fen
from models.alliances import Alliance, Town, Village
from models.catalogue import Product, ProductPhoto, Variant
from models.cooperative import Cooperative
from queries.catalogue.batches import Batch, newest_batch


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
class Photo:
    """A stored photo of a product."""

    key: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class ProductView:
    """A listing as its page, its review and its form show it."""

    id: int
    slug: str
    name: str
    category: str
    story: str
    state: str
    version: int
    cover: str
    sold_count: int
    created_by: int
    updated_at: datetime
    approved_at: datetime | None
    alliance_id: int
    alliance: str
    cooperative_id: int
    cooperative: str
    village_id: int
    village: str
    town: str
    boxes: Sequence[Box] = field(default=())
    photos: Sequence[Photo] = field(default=())
    batch: Batch | None = None

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
        offered = self.boxes_on_sale
        for box in offered:
            if box.id == variant_id:
                return box
        left = [box for box in offered if box.can_be_bought]
        return min(left or offered, key=lambda box: box.price_fen, default=None)


def find_product(slug: str) -> ProductView | None:
    """The product of the shop with this address, None unless it is approved."""
    return _view(Product.slug == slug, Product.state == ListingState.APPROVED)


def get_listing(listing_id: int, alliance_ids: Collection[int]) -> ProductView:
    """A listing of one of the alliances, in any state. Raises NotFound."""
    view = _view(Product.id == listing_id, Product.alliance_id.in_(alliance_ids))
    if view is None:
        raise NotFound()
    return view


def _view(*conditions: ColumnElement[bool]) -> ProductView | None:
    row = _product(*conditions)
    if row is None:
        return None
    return ProductView(
        **row._asdict(),
        boxes=_boxes(row.id),
        photos=_photos(row.id),
        batch=newest_batch(row.id),
    )


def _product(*conditions: ColumnElement[bool]) -> AnyRow | None:
    return db.session.execute(
        select(
            Product.id,
            Product.slug,
            Product.name,
            Product.category,
            Product.story,
            Product.state,
            Product.version,
            Product.cover,
            Product.sold_count,
            Product.created_by,
            Product.updated_at,
            Product.approved_at,
            Product.alliance_id,
            Alliance.name.label("alliance"),
            Product.cooperative_id,
            Cooperative.name.label("cooperative"),
            Product.village_id,
            Village.name.label("village"),
            Town.name.label("town"),
        )
        .join(Alliance, Alliance.id == Product.alliance_id)
        .join(Cooperative, Cooperative.id == Product.cooperative_id)
        .join(Village, Village.id == Product.village_id)
        .join(Town, Town.id == Village.town_id)
        .where(*conditions)
    ).one_or_none()


def _boxes(product_id: int) -> Sequence[Box]:
    rows = db.session.execute(
        select(
            Variant.id,
            Variant.name,
            Variant.weight_g,
            Variant.price_fen,
            Variant.stock,
            Variant.on_sale,
        )
        .where(Variant.product_id == product_id)
        .order_by(Variant.position, Variant.id)
    )
    return [Box(*row) for row in rows]


def _photos(product_id: int) -> Sequence[Photo]:
    rows = db.session.execute(
        select(
            ProductPhoto.key, ProductPhoto.width, ProductPhoto.height, ProductPhoto.alt
        )
        .where(ProductPhoto.product_id == product_id)
        .order_by(ProductPhoto.position, ProductPhoto.id)
    )
    return [Photo(*row) for row in rows]
