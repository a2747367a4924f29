"""A session's room: who, when, what is shown, what is offered and what is said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from core.access import Actor
from core.database import AnyRow, AnySelect, db
from core.errors import NotFound
from domain.live import (
    SHAPING,
    Event,
    NotTheHost,
    RoomView,
    fold,
)
from domain.roles import STUDIO_ROLES, Role
from models.accounts import Account
from models.alliances import Alliance
from models.catalogue import Product
from models.live import LiveEvent, LiveSession
from queries.live.cards import SESSION
from queries.live.chat import MODERATION, ChatLine, events_of, moderation_of, tail
from queries.live.offers import Offer, offers_in, with_boxes
from queries.scopes import visible


@dataclass(frozen=True)
class Room:
    """A session's page: who, where, when, what, what is shown and said now.

    session: the columns of SESSION, and `may_run`. chat: the last visible lines,
    newest last. muted: names of those who may say no more, by author.
    """

    session: AnyRow
    view: RoomView
    offers: Sequence[Offer]
    chat: Sequence[ChatLine]
    muted: Mapping[str, str]

    @property
    def pinned(self) -> Offer | None:
        """The offer that is being shown, if any."""
        wanted = self.view.pinned_product_id
        return next((o for o in self.offers if o.product_id == wanted), None)


def get_room(actor: Actor, slug: str) -> Room:
    """The public page of a session, in two queries. Raises NotFound."""
    return _room(actor, LiveSession.slug == slug)


def get_studio_room(actor: Actor, session_id: int) -> Room:
    """A session of the actor's own alliances. Raises NotFound outside them."""
    is_own = visible(LiveSession, actor, *STUDIO_ROLES)
    return _room(actor, LiveSession.id == session_id, is_own)


def get_own_room(actor: Actor, session_id: int) -> Room:
    """A session that the actor runs. Raises NotFound or NotTheHost."""
    room = get_studio_room(actor, session_id)
    if not room.session.may_run:
        raise NotTheHost()
    return room


def is_run_by(actor: Actor) -> ColumnElement[bool]:
    """The condition that the actor hosts a session or leads its alliance."""
    is_host = LiveSession.host_id == actor.account_id
    return or_(is_host, visible(LiveSession, actor, Role.LEAD))


def get_session(slug: str) -> LiveSession:
    """The record of a session, for whoever has its address. Raises NotFound."""
    session = db.session.scalar(select(LiveSession).where(LiveSession.slug == slug))
    if session is None:
        raise NotFound()
    return session


def timeline(session_id: int) -> Sequence[AnyRow]:
    """What happened in a session, newest first; what was said is left out.

    Rows: kind, at, product, person.
    """
    query = (
        select(
            LiveEvent.kind,
            LiveEvent.at,
            Product.name.label("product"),
            Account.name.label("person"),
        )
        .outerjoin(Product, Product.id == LiveEvent.product_id)
        .outerjoin(Account, Account.id == LiveEvent.account_id)
        .where(LiveEvent.session_id == session_id, LiveEvent.kind.in_(SHAPING))
        .order_by(LiveEvent.seq.desc())
    )
    return db.session.execute(query).all()


def view_of(events: Sequence[AnyRow]) -> RoomView:
    """What rows of a timeline add up to."""
    return fold(Event(row.seq, row.kind, row.product_id) for row in events)


def _room(actor: Actor, *conditions: ColumnElement[bool]) -> Room:
    boxes = db.session.execute(_session_with_boxes(actor).where(*conditions)).all()
    if not boxes:
        raise NotFound()
    session = boxes[0]
    events = events_of(session.id, SHAPING | MODERATION, with_chat=True)
    return Room(
        session,
        view_of(events),
        offers_in(boxes),
        tail(events),
        moderation_of(events).muted,
    )


def _session_with_boxes(actor: Actor) -> AnySelect:
    """A row for each box on sale; a product without one, or no product, has one."""
    session = (
        select(*SESSION, is_run_by(actor).label("may_run"))
        .join(Account, Account.id == LiveSession.host_id)
        .join(Alliance, Alliance.id == LiveSession.alliance_id)
    )
    return with_boxes(session)
