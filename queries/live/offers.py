"""What live rooms offer at this moment: boxes with their prices and stock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from core.database import AnyRow, AnySelect, db
from domain.catalogue import ListingState
from domain.live import SessionState
from models.alliances import Village
from models.catalogue import Product, Variant
from models.live import LineUpItem, LiveSession

IS_LISTED = Product.state == ListingState.APPROVED


@dataclass(frozen=True)
class OfferedBox:
    """A variant as a live room offers it."""

    variant_id: int
    name: str
    price_fen: int
    stock: int


@dataclass(frozen=True)
class Offer:
    """A product of a line-up with its boxes on sale; none when it is not listed."""

    product_id: int
    name: str
    slug: str
    cover: str
    category: str
    village: str
    is_listed: bool
    boxes: Sequence[OfferedBox]

    @property
    def stock(self) -> int:
        """Boxes left over all sizes; 0 when the listing is not on sale."""
        return sum(box.stock for box in self.boxes)

    @property
    def first(self) -> OfferedBox | None:
        """The box offered first: the cheapest that is left, else the cheapest."""
        left = [box for box in self.boxes if box.stock] or list(self.boxes)
        return min(left, key=lambda box: box.price_fen, default=None)


def with_boxes(sessions: AnySelect) -> AnySelect:
    """A select of sessions with a row for each box on sale of their line-ups.

    A product without one has one row, and so has a session without products.
    """
    return (
        sessions.add_columns(
            Product.id.label("product_id"),
            Product.name.label("product"),
            Product.slug.label("product_slug"),
            Product.cover,
            Product.category,
            Village.name.label("village"),
            IS_LISTED.label("listed"),
            Variant.id.label("variant_id"),
            Variant.name.label("variant"),
            Variant.price_fen,
            Variant.stock,
        )
        .outerjoin(LineUpItem, LineUpItem.session_id == LiveSession.id)
        .outerjoin(Product, Product.id == LineUpItem.product_id)
        .outerjoin(Village, Village.id == Product.village_id)
        .outerjoin(
            Variant,
            and_(Variant.product_id == Product.id, IS_LISTED, Variant.on_sale),
        )
        .order_by(LineUpItem.position, Variant.position, Variant.id)
    )


def offers_in(rows: Sequence[AnyRow]) -> Sequence[Offer]:
    """The line-up in the rows of `with_boxes` for one session."""
    offers: dict[int, list[AnyRow]] = {}
    for row in rows:
        if row.product_id is not None:
            offers.setdefault(row.product_id, []).append(row)
    return [_offer(boxes) for boxes in offers.values()]


def boxes_on_air(
    variant_ids: Collection[int], product_ids: Collection[int]
) -> Sequence[AnyRow]:
    """These boxes, and all boxes of these products, in each room that is on air now.

    Rows: slug of the room, product_id, variant_id, price_fen, stock, listed (whether
    it can be bought).
    """
    query = (
        select(
            LiveSession.slug,
            Variant.product_id,
            Variant.id.label("variant_id"),
            Variant.price_fen,
            Variant.stock,
            and_(IS_LISTED, Variant.on_sale.is_(True)).label("listed"),
        )
        .join(LineUpItem, LineUpItem.session_id == LiveSession.id)
        .join(Product, Product.id == LineUpItem.product_id)
        .join(Variant, Variant.product_id == Product.id)
        .where(
            LiveSession.state == SessionState.LIVE,
            or_(Variant.id.in_(variant_ids), Product.id.in_(product_ids)),
        )
        .order_by(LiveSession.id, Variant.id)
    )
    return db.session.execute(query).all()


def _offer(rows: Sequence[AnyRow]) -> Offer:
    first = rows[0]
    boxes = [
        OfferedBox(row.variant_id, row.variant, row.price_fen, row.stock)
        for row in rows
        if row.variant_id is not None
    ]
    return Offer(
        product_id=first.product_id,
        name=first.product,
        slug=first.product_slug,
        cover=first.cover,
        category=first.category,
        village=first.village,
        is_listed=bool(first.listed),
        boxes=boxes,
    )
