"""What live rooms offer at this moment: boxes with their prices and stock."""

from collections.abc import Collection, Sequence

from sqlalchemy import and_, or_, select

from core.database import AnyRow, db
from domain.catalogue import ListingState
from domain.live import SessionState
from models.catalogue import Product, Variant
from models.live import LineUpItem, LiveSession


def boxes_on_air(
    variant_ids: Collection[int], product_ids: Collection[int]
) -> Sequence[AnyRow]:
    """These boxes, and all boxes of these products, in each room that is on air now.

    Rows: slug of the room, product_id, variant_id, price_fen, stock, listed (whether
    it can be bought).
    """
    is_listed = and_(Product.state == ListingState.APPROVED, Variant.on_sale.is_(True))
    query = (
        select(
            LiveSession.slug,
            Variant.product_id,
            Variant.id.label("variant_id"),
            Variant.price_fen,
            Variant.stock,
            is_listed.label("listed"),
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
