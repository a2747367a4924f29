"""A session's room: its timeline folded, its line-up with prices and stock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, select

from core.access import Actor
from core.database import AnyRow, db
from core.errors import NotFound
from domain.catalogue import ListingState
from domain.live import SHAPING, Event, EventKind, RoomView, fold
from domain.roles import Role, ScopeKind
from models.accounts import Account
from models.alliances import Village
from models.catalogue import Product, Variant
from models.live import LineUpItem, LiveEvent, LiveSession
from queries.live.cards import is_own, session_cards
from queries.live.talk import TENDING, Line, events_of, tail, tending_of


@dataclass(frozen=True)
class Box:
    """A variant as a live room offers it."""

    variant_id: int
    name: str
    weight_g: int
    price_fen: int
    stock: int


@dataclass(frozen=True)
class Offer:
    """A product of a line-up with its boxes on sale; `stock` counts all boxes."""

    product_id: int
    name: str
    slug: str
    cover: str
    category: str
    village: str
    is_listed: bool
    boxes: Sequence[Box] = field(default=())

    @property
    def stock(self) -> int:
        """Boxes left over all sizes; 0 when the listing is not on sale."""
        return sum(box.stock for box in self.boxes)

    @property
    def first(self) -> Box | None:
        """The box offered first: the cheapest that is left, else the cheapest."""
        left = [box for box in self.boxes if box.stock] or list(self.boxes)
        return min(left, key=lambda box: box.price_fen, default=None)


@dataclass(frozen=True)
class Room:
    """A session's page: who, where, when, what, what is shown and said now.

    talk: the last visible lines, newest last. muted: names of those who may say no
    more, by what the room calls them.
    """

    session: AnyRow
    view: RoomView
    offers: Sequence[Offer]
    talk: Sequence[Line] = ()
    muted: Mapping[str, str] = field(default_factory=dict)

    @property
    def pinned(self) -> Offer | None:
        """The offer that is being shown, if any."""
        wanted = self.view.pinned_product_id
        return next((o for o in self.offers if o.product_id == wanted), None)


@dataclass(frozen=True)
class Moment:
    """A line of the timeline in words' raw material: kind, product, time, person."""

    kind: EventKind
    at: datetime
    product: str | None
    person: str | None
    seq: int


def get_room(slug: str) -> Room:
    """The public page of a session. Raises NotFound."""
    return _room(LiveSession.slug == slug)


def get_studio_room(actor: Actor, session_id: int) -> Room:
    """A session of the actor's own alliances. Raises NotFound outside them."""
    return _room(LiveSession.id == session_id, is_own(actor))


def get_session(slug: str) -> LiveSession:
    """The record of a session, for whoever has its address. Raises NotFound."""
    session = db.session.scalar(select(LiveSession).where(LiveSession.slug == slug))
    if session is None:
        raise NotFound()
    return session


def get_own_session(actor: Actor, session_id: int) -> LiveSession:
    """The record of a session of the actor's own alliances, to change it."""
    session = db.session.scalar(
        select(LiveSession).where(LiveSession.id == session_id, is_own(actor))
    )
    if session is None:
        raise NotFound()
    return session


def may_run(actor: Actor | None, session: AnyRow | LiveSession) -> bool:
    """Whether the actor hosts the session or leads its alliance."""
    if actor is None:
        return False
    leads = session.alliance_id in actor.scope_ids(ScopeKind.ALLIANCE, Role.LEAD)
    return leads or session.host_id == actor.account_id


def timeline(session_id: int) -> Sequence[Moment]:
    """What happened in a session, newest first; what was said is left out."""
    rows = db.session.execute(
        select(LiveEvent.kind, LiveEvent.at, Product.name, Account.name, LiveEvent.seq)
        .join(Product, Product.id == LiveEvent.product_id, isouter=True)
        .join(Account, Account.id == LiveEvent.account_id, isouter=True)
        .where(LiveEvent.session_id == session_id, LiveEvent.kind.in_(SHAPING))
        .order_by(LiveEvent.seq.desc())
    )
    return [Moment(EventKind(row[0]), *row[1:]) for row in rows]


def _room(*conditions: ColumnElement[bool]) -> Room:
    session = db.session.execute(session_cards().where(*conditions)).one_or_none()
    if session is None:
        raise NotFound()
    events = events_of(session.id, SHAPING | TENDING, with_talk=True)
    return Room(
        session,
        view_of(events),
        _offers(session.id),
        tail(events),
        tending_of(events).muted,
    )


def view_of(events: Sequence[AnyRow]) -> RoomView:
    """What rows of a timeline add up to."""
    return fold(Event(row.seq, row.kind, row.at, row.product_id) for row in events)


def _offers(session_id: int) -> Sequence[Offer]:
    rows = db.session.execute(
        select(
            Product.id,
            Product.name,
            Product.slug,
            Product.cover,
            Product.category,
            Village.name.label("village"),
            case((Product.state == ListingState.APPROVED, 1), else_=0).label("listed"),
            Variant.id.label("variant_id"),
            Variant.name.label("variant"),
            Variant.weight_g,
            Variant.price_fen,
            Variant.stock,
        )
        .join(LineUpItem, LineUpItem.product_id == Product.id)
        .join(Village, Village.id == Product.village_id)
        .join(
            Variant,
            (Variant.product_id == Product.id) & Variant.on_sale.is_(True),
            isouter=True,
        )
        .where(LineUpItem.session_id == session_id)
        .order_by(LineUpItem.position, Variant.position, Variant.id)
    ).all()
    offers: dict[int, list[Any]] = {}
    for row in rows:
        offers.setdefault(row.id, []).append(row)
    return [_offer(boxes) for boxes in offers.values()]


def _offer(rows: Sequence[Any]) -> Offer:
    first = rows[0]
    boxes = [
        Box(row.variant_id, row.variant, row.weight_g, row.price_fen, row.stock)
        for row in rows
        if row.listed and row.variant_id
    ]
    return Offer(
        product_id=first.id,
        name=first.name,
        slug=first.slug,
        cover=first.cover,
        category=first.category,
        village=first.village,
        is_listed=bool(first.listed),
        boxes=tuple(boxes),
    )
