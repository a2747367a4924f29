"""Plan a live session, run it, and write its one timeline."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from core.clock import local_day, now, today
from core.database import db
from core.errors import N_, Conflict, Forbidden, Invalid
from domain import live as rules
from domain.catalogue import ListingState, slugify
from domain.live import EventKind, Place, SessionState
from models import (
    AllianceMember,
    LineUpItem,
    LiveEvent,
    LiveSession,
    Product,
)
from models.history import move, record_change
from queries.training.certificates import check_host_certificate
from services.slugs import to_ascii

MOST_PRODUCTS = 40


class HostNotMember(Invalid):
    """The host does not belong to the alliance on the day of the session."""

    code = "host_not_member"
    message = N_("这位主播当天不是本联盟成员，请换一位。")


class NothingToSell(Invalid):
    """A session needs at least one product of the alliance that is on sale."""

    code = "nothing_to_sell"
    message = N_("至少选一件已经上架的农货，最多 40 件。")


class NotPlanned(Conflict):
    """Only a planned session can be changed."""

    code = "not_planned"
    message = N_("直播已经开始或结束，安排不能再改。")


class NotTheHost(Forbidden):
    """Only the host and the alliance's lead run a session."""

    code = "not_the_host"
    message = N_("这场直播由主播和联盟负责人操作，您可以看，不能改。")


@dataclass(frozen=True)
class SessionDraft:
    """What a planner typed: place and room link, when, who, what."""

    request_id: str
    title: str
    summary: str
    place: Place
    room_url: str
    starts_at: datetime
    host_id: int
    product_ids: tuple[int, ...]
    poster: str = ""


def plan_session(alliance_id: int, draft: SessionDraft, *, by: int) -> LiveSession:
    """Plan a session; the same request id gives the same session.

    Raises RoomLinkWrong, HostNotMember, a missing or expired certificate, or
    NothingToSell.
    """
    existing = db.session.scalar(
        select(LiveSession).where(LiveSession.request_id == draft.request_id)
    )
    if existing is not None:
        return existing
    _check(alliance_id, draft)
    session = LiveSession(
        alliance_id=alliance_id,
        request_id=draft.request_id,
        slug=slugify(to_ascii(draft.title), secrets.token_hex(3)),
        state=SessionState.PLANNED,
        **_columns(draft),
    )
    db.session.add(session)
    db.session.flush()
    _line_up(session.id, draft.product_ids)
    record_change(session, SessionState.PLANNED, account_id=by)
    return session


def change_session(session: LiveSession, draft: SessionDraft, *, by: int) -> None:
    """Change a planned session. Raises NotPlanned and what plan_session raises."""
    if session.state != SessionState.PLANNED:
        raise NotPlanned()
    _check(session.alliance_id, draft)
    for name, value in _columns(draft).items():
        setattr(session, name, value)
    _line_up(session.id, draft.product_ids)
    record_change(
        session, SessionState.PLANNED, from_state=SessionState.PLANNED, account_id=by
    )


def go_live(session: LiveSession, *, by: int) -> None:
    """Start a planned session. The host's certificate must be valid today."""
    rules.check_transition(session.state, SessionState.LIVE)
    check_host_certificate(session.host_id, today())
    move(session, SessionState.LIVE, account_id=by, started_at=now())
    _write(session.id, EventKind.GO_LIVE, by)


def end(session: LiveSession, *, by: int) -> None:
    """End a running session."""
    rules.check_transition(session.state, SessionState.ENDED)
    move(session, SessionState.ENDED, account_id=by, ended_at=now())
    _write(session.id, EventKind.END, by)


def cancel(session: LiveSession, *, by: int, reason: str) -> None:
    """Call a planned session off."""
    rules.check_transition(session.state, SessionState.CANCELLED)
    move(session, SessionState.CANCELLED, account_id=by, reason=reason)
    _write(session.id, EventKind.CANCEL, by, detail={"reason": reason})


def pin(session: LiveSession, product_id: int, *, by: int) -> None:
    """Show a product of the line-up; pinning what is pinned changes nothing."""
    locked = _lock(session.id)
    rules.check_pin(locked.state, product_id, _products_of(session.id))
    if _view(session.id).pinned_product_id != product_id:
        _write(session.id, EventKind.PIN, by, product_id=product_id)


def unpin(session: LiveSession, *, by: int) -> None:
    """Show nothing; unpinning nothing changes nothing."""
    _lock(session.id)
    pinned = _view(session.id).pinned_product_id
    if pinned is not None:
        _write(session.id, EventKind.UNPIN, by, product_id=pinned)


def _columns(draft: SessionDraft) -> dict[str, Any]:
    return {
        "title": draft.title,
        "summary": draft.summary,
        "place": draft.place,
        "room_url": draft.room_url,
        "starts_at": draft.starts_at,
        "host_id": draft.host_id,
        "poster": draft.poster,
    }


def _check(alliance_id: int, draft: SessionDraft) -> None:
    rules.check_room_link(draft.place, draft.room_url)
    _check_member(alliance_id, draft.host_id, draft.starts_at)
    check_host_certificate(draft.host_id, local_day(draft.starts_at))
    _check_products(alliance_id, draft.product_ids)


def _check_member(alliance_id: int, host_id: int, at: datetime) -> None:
    day = local_day(at)
    member = db.session.scalar(
        select(AllianceMember.id).where(
            AllianceMember.alliance_id == alliance_id,
            AllianceMember.account_id == host_id,
            AllianceMember.joined_on <= day,
            (AllianceMember.left_on.is_(None)) | (AllianceMember.left_on > day),
        )
    )
    if member is None:
        raise HostNotMember()


def _check_products(alliance_id: int, product_ids: tuple[int, ...]) -> None:
    on_sale = db.session.scalar(
        select(func.count()).where(
            Product.id.in_(product_ids),
            Product.alliance_id == alliance_id,
            Product.state == ListingState.APPROVED,
        )
    )
    wanted = len(set(product_ids))
    if not 0 < wanted <= MOST_PRODUCTS or on_sale != wanted:
        raise NothingToSell()


def _line_up(session_id: int, product_ids: tuple[int, ...]) -> None:
    db.session.execute(delete(LineUpItem).where(LineUpItem.session_id == session_id))
    for position, product_id in enumerate(dict.fromkeys(product_ids)):
        db.session.add(
            LineUpItem(session_id=session_id, product_id=product_id, position=position)
        )
    db.session.flush()


def _lock(session_id: int) -> LiveSession:
    """The session, held so that its events are numbered one after another."""
    return db.session.scalars(
        select(LiveSession)
        .where(LiveSession.id == session_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _products_of(session_id: int) -> set[int]:
    query = select(LineUpItem.product_id).where(LineUpItem.session_id == session_id)
    return set(db.session.scalars(query))


def _view(session_id: int) -> rules.RoomView:
    rows = db.session.execute(
        select(LiveEvent.seq, LiveEvent.kind, LiveEvent.at, LiveEvent.product_id).where(
            LiveEvent.session_id == session_id
        )
    )
    return rules.fold(rules.Event(*row) for row in rows)


def _write(
    session_id: int,
    kind: EventKind,
    by: int,
    *,
    product_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    last = db.session.scalar(
        select(func.max(LiveEvent.seq)).where(LiveEvent.session_id == session_id)
    )
    db.session.add(
        LiveEvent(
            session_id=session_id,
            seq=(last or 0) + 1,
            kind=kind,
            product_id=product_id,
            account_id=by,
            detail=detail or {},
            at=now(),
        )
    )
    db.session.flush()
