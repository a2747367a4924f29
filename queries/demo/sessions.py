"""The demo's own sessions, and the room that its film feeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, func, select

from core.database import db
from domain.catalogue import ListingState
from domain.live import Platform, SessionState
from models.catalogue import Product
from models.live import LineUpItem, LiveEvent, LiveSession

SESSION_MARK = "demo-session-"
"""How the request ids of the demo's own sessions begin."""


_IS_ON_AIR = and_(
    LiveSession.state == SessionState.LIVE,
    LiveSession.place == Platform.ROOM,
    LiveSession.request_id.startswith(SESSION_MARK),
)


@dataclass(frozen=True)
class RoomOnAir:
    """One of our own rooms: its slug, and the generation of its stream key."""

    slug: str
    stream_key: int


def find_room_on_air() -> RoomOnAir | None:
    """The demo's own room that went on air last, of those that are on air.

    Sessions that somebody planned to try things out have their own picture.
    """
    row = db.session.execute(
        select(LiveSession.slug, LiveSession.stream_key)
        .where(_IS_ON_AIR)
        .order_by(LiveSession.started_at.desc(), LiveSession.id.desc())
        .limit(1)
    ).one_or_none()
    return RoomOnAir(*row) if row else None


def is_room_on_air_since(moment: datetime) -> bool:
    """Whether one of the demo's own rooms went on air after `moment` and still is."""
    query = exists().where(_IS_ON_AIR, LiveSession.started_at > moment)
    return bool(db.session.scalar(select(query)))


def sessions_of_the_demo(
    state: SessionState, *, due_before: datetime
) -> Sequence[LiveSession]:
    """The demo's own sessions of one state that were to begin before `due_before`."""
    query = (
        select(LiveSession)
        .where(
            LiveSession.request_id.startswith(SESSION_MARK),
            LiveSession.state == state,
            LiveSession.starts_at < due_before,
        )
        .order_by(LiveSession.starts_at)
    )
    return db.session.scalars(query).all()


def find_session_titled(title: str) -> LiveSession | None:
    """The demo's newest session of that title."""
    query = (
        select(LiveSession)
        .where(
            LiveSession.request_id.startswith(SESSION_MARK), LiveSession.title == title
        )
        .order_by(LiveSession.starts_at.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def line_up_on_sale(session_id: int) -> Sequence[int]:
    """The products of a session's line-up that are on sale now, in its order."""
    query = (
        select(LineUpItem.product_id)
        .join(Product, Product.id == LineUpItem.product_id)
        .where(
            LineUpItem.session_id == session_id,
            Product.state == ListingState.APPROVED,
        )
        .order_by(LineUpItem.position)
    )
    return db.session.scalars(query).all()


def find_last_event_at(session_id: int) -> datetime | None:
    """When something last happened in a session."""
    query = select(func.max(LiveEvent.at)).where(LiveEvent.session_id == session_id)
    return db.session.scalar(query)
