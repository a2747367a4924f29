"""A session's one timeline: held, read and written on."""

from typing import Any

from sqlalchemy import func, select

from core.clock import now
from core.database import db
from domain import live as rules
from domain.live import SHAPING, EventKind
from models.live import LineUpItem, LiveEvent, LiveSession


def hold(session_id: int) -> LiveSession:
    """The session, held so that its events are numbered one after another.

    FOR NO KEY UPDATE: orders' lines refer to the session, and must not wait for a
    room's talk.
    """
    return db.session.scalars(
        select(LiveSession)
        .where(LiveSession.id == session_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def products_of(session_id: int) -> set[int]:
    """The ids of a session's line-up."""
    query = select(LineUpItem.product_id).where(LineUpItem.session_id == session_id)
    return set(db.session.scalars(query))


def view_of(session_id: int) -> rules.RoomView:
    """What the timeline adds up to; what was said in the room is not read."""
    rows = db.session.execute(
        select(LiveEvent.seq, LiveEvent.kind, LiveEvent.at, LiveEvent.product_id).where(
            LiveEvent.session_id == session_id, LiveEvent.kind.in_(SHAPING)
        )
    )
    return rules.fold(rules.Event(*row) for row in rows)


def write(
    session_id: int,
    kind: EventKind,
    by: int | None,
    *,
    product_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> LiveEvent:
    """Write the next event of a session; `by` is an account, None for a guest."""
    last = db.session.scalar(
        select(func.max(LiveEvent.seq)).where(LiveEvent.session_id == session_id)
    )
    event = LiveEvent(
        session_id=session_id,
        seq=(last or 0) + 1,
        kind=kind,
        product_id=product_id,
        account_id=by,
        detail=detail or {},
        at=now(),
    )
    db.session.add(event)
    db.session.flush()
    return event
