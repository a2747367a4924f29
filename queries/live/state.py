"""A room in figures, for the media server and for browsers that cannot be told news."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from core.clock import now
from core.database import AnyRow, AnySelect, db
from core.errors import NotFound
from domain.catalogue import ListingState
from domain.live import SHAPING
from models.catalogue import Product, Variant
from models.live import LineUpItem, LiveSession
from queries.live.rooms import view_of
from queries.live.talk import TENDING, Line, events_of, tail


@dataclass(frozen=True)
class OfferedBox:
    """A box that can be bought, and how many are left."""

    variant_id: int
    price_fen: int
    stock: int


@dataclass(frozen=True)
class OfferedProduct:
    """A product of the line-up; without boxes when it is not listed."""

    product_id: int
    listed: bool
    boxes: Sequence[OfferedBox]


@dataclass(frozen=True)
class RoomState:
    """A room as it was at `at`, or a little later: the moment before it was read.

    pin: the pin event's number and its product, if something is shown.
    key: generation of the stream key.
    """

    at: datetime
    state: str
    starts_at: datetime
    key: int
    pin: tuple[int, int] | None
    offers: Sequence[OfferedProduct]
    talk: Sequence[Line]


def get_state(slug: str) -> RoomState:
    """A session's room in two queries. Raises NotFound."""
    at = now()
    rows = db.session.execute(_session_with_offers().where(LiveSession.slug == slug))
    boxes = rows.all()
    if not boxes:
        raise NotFound()
    session = boxes[0]
    events = events_of(session.id, SHAPING | TENDING, with_talk=True)
    view = view_of(events)
    is_pinned = view.pin_seq is not None and view.pinned_product_id is not None
    return RoomState(
        at=at,
        state=session.state,
        starts_at=session.starts_at,
        key=session.stream_key,
        pin=(view.pin_seq or 0, view.pinned_product_id or 0) if is_pinned else None,
        offers=_offers(boxes),
        talk=tail(events),
    )


def _session_with_offers() -> AnySelect:
    """A row for each box on sale; a product without one, or nothing at all, has one."""
    is_listed = Product.state == ListingState.APPROVED
    return (
        select(
            LiveSession.id,
            LiveSession.state,
            LiveSession.starts_at,
            LiveSession.stream_key,
            Product.id.label("product_id"),
            is_listed.label("listed"),
            Variant.id.label("variant_id"),
            Variant.price_fen,
            Variant.stock,
        )
        .outerjoin(LineUpItem, LineUpItem.session_id == LiveSession.id)
        .outerjoin(Product, Product.id == LineUpItem.product_id)
        .outerjoin(
            Variant,
            and_(Variant.product_id == Product.id, is_listed, Variant.on_sale),
        )
        .order_by(LineUpItem.position, Variant.position, Variant.id)
    )


def _offers(rows: Sequence[AnyRow]) -> Sequence[OfferedProduct]:
    listed = {row.product_id: bool(row.listed) for row in rows if row.product_id}
    return [
        OfferedProduct(
            product_id,
            is_listed,
            [
                OfferedBox(row.variant_id, row.price_fen, row.stock)
                for row in rows
                if row.product_id == product_id and row.variant_id
            ],
        )
        for product_id, is_listed in listed.items()
    ]
