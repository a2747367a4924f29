"""Plan a live session: when, where, who and what."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from core.access import Actor
from core.clock import local_day, now
from core.database import db
from core.errors import N_, Conflict, Invalid, NotFound
from domain import live as rules
from domain.catalogue import ListingState
from domain.live import Platform, SessionState
from domain.roles import STUDIO_ROLES
from domain.slugs import slugify
from models.alliances import Alliance, AllianceMember
from models.catalogue import Product
from models.history import record_change
from models.live import LineUpItem, LiveSession
from queries.scopes import find_visible, is_member_on
from queries.training.certificates import check_host_certificate
from services.live.running import hold, renew_key
from services.requests import add_first, find_known

MOST_PRODUCTS = 40
APART = ("request_id", "product_ids")
"""Fields of a draft that a change does not write into the record."""


class HostNotMember(Invalid):
    """The host does not belong to the alliance on the day of the session."""

    code = "host_not_member"
    field = "host_id"
    message = N_("这位主播当天不是本联盟成员，请换一位。")


class NothingToSell(Invalid):
    """A session needs at least one product of the alliance that is on sale."""

    code = "nothing_to_sell"
    field = "product_ids"
    message = N_("至少选一件已经上架的农货，最多 40 件。")


class NotPlanned(Conflict):
    """Only a planned session can be changed."""

    code = "not_planned"
    message = N_("直播已经开始或结束，安排不能再改。")


@dataclass(frozen=True)
class SessionDraft:
    """What a planner typed: place and room link, when, who, what."""

    request_id: str
    title: str
    summary: str
    place: Platform
    room_url: str
    starts_at: datetime
    host_id: int
    product_ids: tuple[int, ...]
    poster: str = ""


def plan_session(actor: Actor, alliance_id: int, draft: SessionDraft) -> int:
    """The id of a session that is planned; the same request id gives the same one.

    Raises NotFound outside the actor's alliances, StartsInThePast, RoomLinkWrong,
    HostNotMember, a missing or expired certificate, or NothingToSell.
    """
    if find_visible(Alliance, alliance_id, actor, *STUDIO_ROLES) is None:
        raise NotFound()
    known = find_known(LiveSession, draft.request_id)
    if known is not None:
        return known
    rules.check_start(draft.starts_at, now())
    _check(alliance_id, draft)
    session = LiveSession(
        alliance_id=alliance_id,
        request_id=draft.request_id,
        slug=slugify(draft.title, secrets.token_hex(3)),
        state=SessionState.PLANNED,
        **_columns(draft),
    )
    twin = add_first(session)
    if twin is not None:
        return twin
    _line_up(session.id, draft.product_ids)
    record_change(session, SessionState.PLANNED, account_id=actor.account_id)
    return session.id


def change_session(actor: Actor, session_id: int, draft: SessionDraft) -> None:
    """Change a planned session. Raises NotPlanned and what plan_session raises.

    A time that was to begin and is kept may be over: hosts are late now and then.
    Another host gets another stream key: the one of before opens the room no more.
    """
    session = hold(actor, session_id)
    if session.state != SessionState.PLANNED:
        raise NotPlanned()
    if draft.starts_at != session.starts_at:
        rules.check_start(draft.starts_at, now())
    _check(session.alliance_id, draft)
    if session.host_id != draft.host_id:
        renew_key(actor, session_id)
    for name, value in _columns(draft).items():
        setattr(session, name, value)
    _line_up(session_id, draft.product_ids)
    record_change(
        session,
        SessionState.PLANNED,
        from_state=SessionState.PLANNED,
        account_id=actor.account_id,
    )


def _columns(draft: SessionDraft) -> dict[str, Any]:
    """What the record keeps: its columns are called as the draft's fields."""
    return {name: value for name, value in vars(draft).items() if name not in APART}


def _check(alliance_id: int, draft: SessionDraft) -> None:
    rules.check_room_link(draft.place, draft.room_url)
    _check_member(alliance_id, draft.host_id, draft.starts_at)
    check_host_certificate(draft.host_id, local_day(draft.starts_at))
    _check_products(alliance_id, draft.product_ids)


def _check_member(alliance_id: int, host_id: int, at: datetime) -> None:
    member = db.session.scalar(
        select(AllianceMember.id).where(
            AllianceMember.alliance_id == alliance_id,
            AllianceMember.account_id == host_id,
            is_member_on(local_day(at)),
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
