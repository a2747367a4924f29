"""Cards of live sessions, for the shop's schedule and the studio's list."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Integer,
    bindparam,
    case,
    func,
    null,
    select,
    type_coerce,
)

from core.access import Actor
from core.clock import local_day, now, today
from core.config import current_settings
from core.database import AnyRow, AnySelect, db
from core.pages.paging import Page, paginate
from core.statements import kept
from domain.live import SessionState
from domain.periods import Period
from domain.roles import STUDIO_ROLES
from models.accounts import Account
from models.alliances import Alliance
from models.live import LineUpItem, LiveRecording, LiveSession
from queries.live.replays import IS_WATCHABLE
from queries.scopes import visible

PER_PAGE = 12
SESSION = (
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
    LiveSession.stream_key,
    Account.name.label("host"),
    Alliance.name.label("alliance"),
)
"""What a card or a room says of a session itself."""


def sessions_on_air() -> Sequence[AnyRow]:
    """The sessions running now, newest first."""
    return db.session.execute(_on_air()).all()


def sessions_to_come(limit: int = 6) -> Sequence[AnyRow]:
    """Planned sessions, next first; those hours late are left out."""
    wanted = {"since": now() - timedelta(hours=3), "most": limit}
    return db.session.execute(_to_come(), wanted).all()


def sessions_past(page: int) -> Page[AnyRow]:
    """Finished sessions, newest first; `replay_ms` is None without a replay."""
    query = _cards().where(LiveSession.state == SessionState.ENDED)
    query = query.add_columns(_replay_ms().label("replay_ms"))
    return paginate(query.order_by(LiveSession.starts_at.desc()), page, PER_PAGE)


def own_sessions(actor: Actor, state: str | None, page: int) -> Page[AnyRow]:
    """The sessions of the actor's alliances, maybe of one state.

    Those on air first, then those to come, next first, then the others, newest first.
    """
    query = _cards().where(visible(LiveSession, actor, *STUDIO_ROLES))
    if state in set(SessionState):
        query = query.where(LiveSession.state == state)
    is_to_come = LiveSession.state == SessionState.PLANNED
    query = query.order_by(
        case((LiveSession.state == SessionState.LIVE, 0), (is_to_come, 1), else_=2),
        case((is_to_come, LiveSession.starts_at)),
        LiveSession.starts_at.desc(),
        LiveSession.id.desc(),
    )
    return paginate(query, page, PER_PAGE)


def sessions_of_today(actor: Actor, *roles: str, limit: int = 8) -> Sequence[AnyRow]:
    """What is planned, runs or ran today in the alliances in scope, by the clock."""
    day = Period(today(), today())
    query = _cards().where(
        visible(LiveSession, actor, *roles),
        LiveSession.state != SessionState.CANCELLED,
        LiveSession.starts_at >= day.starts_at,
        LiveSession.starts_at < day.ends_at,
    )
    return db.session.execute(query.order_by(LiveSession.starts_at).limit(limit)).all()


def day_heading(starts_at: datetime) -> int:
    """How many days from today a session starts: 0 today, 1 tomorrow …"""
    return (local_day(starts_at) - today()).days


@kept
def _on_air() -> AnySelect:
    query = _cards().where(LiveSession.state == SessionState.LIVE)
    return query.order_by(LiveSession.started_at.desc())


@kept
def _to_come() -> AnySelect:
    query = _cards().where(
        LiveSession.state == SessionState.PLANNED,
        LiveSession.starts_at > bindparam("since"),
    )
    return query.order_by(LiveSession.starts_at).limit(bindparam("most"))


def _cards() -> AnySelect:
    """SESSION, and `item_count`: how many products its line-up has."""
    items = (
        select(func.count())
        .where(LineUpItem.session_id == LiveSession.id)
        .scalar_subquery()
    )
    return (
        select(*SESSION, items.label("item_count"))
        .join(Account, Account.id == LiveSession.host_id)
        .join(Alliance, Alliance.id == LiveSession.alliance_id)
    )


def _replay_ms() -> ColumnElement[int | None]:
    """How long a session's replay plays; none can be seen without a media server."""
    if current_settings().media_url is None:
        return type_coerce(null(), Integer)
    return (
        select(LiveRecording.duration_ms)
        .where(LiveRecording.session_id == LiveSession.id, IS_WATCHABLE)
        .scalar_subquery()
    )
