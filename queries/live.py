"""Live sessions as the shop and the studio show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from core.access import Actor, Role, ScopeKind
from core.clock import local_day, now, today
from core.database import AnyRow, AnySelect, db
from core.errors import NotFound
from core.paging import Page, paginate
from domain.catalogue import ListingState
from domain.live import Event, EventKind, Place, RoomView, SessionState, fold
from domain.orders import OrderState
from domain.training import CertificateKind
from models import (
    Account,
    Alliance,
    AllianceMember,
    Certificate,
    LineUpItem,
    LiveEvent,
    LiveSession,
    Order,
    OrderLine,
    Product,
    Variant,
    Village,
)

PER_PAGE = 12
SOLD_STATES = (
    OrderState.PAID,
    OrderState.ACCEPTED,
    OrderState.PACKED,
    OrderState.SHIPPED,
    OrderState.DELIVERED,
    OrderState.COMPLETED,
)
STUDIO_ROLES = (Role.MEMBER, Role.LEAD)


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
    """A session's page: who, where, when, what, and what is shown now."""

    session: AnyRow
    view: RoomView
    offers: Sequence[Offer]

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


def sessions_on_air() -> Sequence[AnyRow]:
    """The sessions running now, newest first."""
    query = _cards().where(LiveSession.state == SessionState.LIVE)
    return db.session.execute(query.order_by(LiveSession.started_at.desc())).all()


def sessions_to_come(limit: int = 6) -> Sequence[AnyRow]:
    """Planned sessions, next first; those hours late are left out."""
    query = _cards().where(
        LiveSession.state == SessionState.PLANNED,
        LiveSession.starts_at > now() - timedelta(hours=3),
    )
    return db.session.execute(query.order_by(LiveSession.starts_at).limit(limit)).all()


def sessions_past(page: int) -> Page[AnyRow]:
    """Finished sessions, newest first."""
    query = _cards().where(LiveSession.state == SessionState.ENDED)
    return paginate(query.order_by(LiveSession.starts_at.desc()), page, PER_PAGE)


def get_room(slug: str) -> Room:
    """The public page of a session. Raises NotFound."""
    return _room(LiveSession.slug == slug)


def get_studio_room(actor: Actor, session_id: int) -> Room:
    """A session of the actor's own alliances. Raises NotFound outside them."""
    return _room(LiveSession.id == session_id, _own(actor))


def get_own_session(actor: Actor, session_id: int) -> LiveSession:
    """The record of a session of the actor's own alliances, to change it."""
    session = db.session.scalar(
        select(LiveSession).where(LiveSession.id == session_id, _own(actor))
    )
    if session is None:
        raise NotFound()
    return session


def own_sessions(actor: Actor, state: str | None, page: int) -> Page[AnyRow]:
    """The sessions of the actor's alliances, newest first, maybe of one state."""
    query = _cards().where(_own(actor))
    if state in set(SessionState):
        query = query.where(LiveSession.state == state)
    return paginate(query.order_by(LiveSession.starts_at.desc()), page, PER_PAGE)


def may_run(actor: Actor | None, session: AnyRow | LiveSession) -> bool:
    """Whether the actor hosts the session or leads its alliance."""
    if actor is None:
        return False
    leads = session.alliance_id in actor.scope_ids(ScopeKind.ALLIANCE, Role.LEAD)
    return leads or session.host_id == actor.account_id


@dataclass(frozen=True)
class SessionFigures:
    """What a session sold: orders that were paid or accepted, and their goods."""

    orders: int
    boxes: int
    goods_fen: int


def session_figures(session_id: int) -> SessionFigures:
    """What was bought from a session's page so far, unpaid orders left out."""
    row = db.session.execute(
        select(
            func.count(func.distinct(OrderLine.order_id)),
            func.coalesce(func.sum(OrderLine.quantity), 0),
            func.coalesce(func.sum(OrderLine.goods_fen), 0),
        )
        .join(Order, Order.id == OrderLine.order_id)
        .where(OrderLine.session_id == session_id, Order.state.in_(SOLD_STATES))
    ).one()
    return SessionFigures(*row)


def timeline(session_id: int) -> Sequence[Moment]:
    """What happened in a session, newest first."""
    rows = db.session.execute(
        select(LiveEvent.kind, LiveEvent.at, Product.name, Account.name, LiveEvent.seq)
        .join(Product, Product.id == LiveEvent.product_id, isouter=True)
        .join(Account, Account.id == LiveEvent.account_id, isouter=True)
        .where(LiveEvent.session_id == session_id)
        .order_by(LiveEvent.seq.desc())
    )
    return [Moment(EventKind(row[0]), *row[1:]) for row in rows]


def line_up_ids(session_id: int) -> list[int]:
    """The product ids of a line-up, in order."""
    query = select(LineUpItem.product_id).where(LineUpItem.session_id == session_id)
    return list(db.session.scalars(query.order_by(LineUpItem.position)))


def alliance_choices(actor: Actor) -> Sequence[AnyRow]:
    """The alliances for which the actor plans sessions: id, name."""
    ids = actor.scope_ids(ScopeKind.ALLIANCE, *STUDIO_ROLES)
    query = select(Alliance.id, Alliance.name).where(Alliance.id.in_(ids))
    return db.session.execute(query.order_by(Alliance.name)).all()


def host_choices(alliance_id: int) -> Sequence[AnyRow]:
    """Today's members of an alliance: id, name, host certificate's last day."""
    day = today()
    until = (
        select(func.max(Certificate.valid_until))
        .where(
            Certificate.account_id == Account.id,
            Certificate.kind == CertificateKind.LIVE_HOST,
            Certificate.revoked_on.is_(None),
        )
        .scalar_subquery()
    )
    query = (
        select(Account.id, Account.name, until.label("certified_until"))
        .join(AllianceMember, AllianceMember.account_id == Account.id)
        .where(
            AllianceMember.alliance_id == alliance_id,
            AllianceMember.joined_on <= day,
            (AllianceMember.left_on.is_(None)) | (AllianceMember.left_on > day),
        )
        .order_by(Account.name)
    )
    return db.session.execute(query).all()


def product_choices(alliance_id: int) -> Sequence[AnyRow]:
    """What an alliance has on sale: id, name, spec, cover, category."""
    query = select(
        Product.id, Product.name, Product.spec, Product.cover, Product.category
    ).where(Product.alliance_id == alliance_id, Product.state == ListingState.APPROVED)
    return db.session.execute(query.order_by(Product.name)).all()


def day_heading(starts_at: datetime) -> int:
    """How many days from today a session starts: 0 today, 1 tomorrow …"""
    return (local_day(starts_at) - today()).days


def _own(actor: Actor) -> ColumnElement[bool]:
    ids = actor.scope_ids(ScopeKind.ALLIANCE, *STUDIO_ROLES)
    return LiveSession.alliance_id.in_(ids)


def _cards() -> AnySelect:
    first_cover = (
        select(Product.cover)
        .join(LineUpItem, LineUpItem.product_id == Product.id)
        .where(LineUpItem.session_id == LiveSession.id)
        .order_by(LineUpItem.position)
        .limit(1)
        .scalar_subquery()
    )
    items = (
        select(func.count())
        .where(LineUpItem.session_id == LiveSession.id)
        .scalar_subquery()
    )
    return (
        select(
            LiveSession.id,
            LiveSession.slug,
            LiveSession.title,
            LiveSession.summary,
            LiveSession.place,
            LiveSession.room_url,
            LiveSession.poster,
            LiveSession.state,
            LiveSession.starts_at,
            LiveSession.started_at,
            LiveSession.ended_at,
            LiveSession.host_id,
            LiveSession.alliance_id,
            Account.name.label("host"),
            Alliance.name.label("alliance"),
            first_cover.label("first_cover"),
            items.label("item_count"),
        )
        .join(Account, Account.id == LiveSession.host_id)
        .join(Alliance, Alliance.id == LiveSession.alliance_id)
    )


def _room(*conditions: ColumnElement[bool]) -> Room:
    session = db.session.execute(_cards().where(*conditions)).one_or_none()
    if session is None:
        raise NotFound()
    events = db.session.execute(
        select(LiveEvent.seq, LiveEvent.kind, LiveEvent.at, LiveEvent.product_id).where(
            LiveEvent.session_id == session.id
        )
    )
    return Room(session, fold(Event(*row) for row in events), _offers(session.id))


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


def is_outside(place: str) -> bool:
    """Whether a session takes place on another platform."""
    return place != Place.ROOM
