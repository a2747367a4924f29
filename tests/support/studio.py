"""Live sessions for tests: planned, on air, spoken in."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

from core.access import Actor
from core.clock import now
from core.database import db
from domain.live import Platform
from models.live import LiveSession
from queries.live.chat import ChatLine
from services.live import chat, planning, running
from services.live.planning import SessionDraft
from tests.support.factories import Goods, Person, Place, actor_of

serials = count(1)


def session_draft(host: Person, *goods: Goods, **changes: object) -> SessionDraft:
    """What a planner types: our own room, in an hour."""
    draft = SessionDraft(
        request_id=f"session-{next(serials):08d}",
        title="蜜薯当面掰",
        summary="自家的",
        place=Platform.ROOM,
        room_url="",
        starts_at=now() + timedelta(hours=1),
        host_id=host.id,
        product_ids=tuple(each.id for each in goods),
    )
    return replace(draft, **changes)  # type: ignore[arg-type]


def make_session(
    place: Place, host: Person, *goods: Goods, where: Platform = Platform.ROOM
) -> LiveSession:
    """A session of `place` that is planned to begin in an hour."""
    link = "" if where is Platform.ROOM else "https://live.douyin.com/1"
    draft = session_draft(host, *goods, place=where, room_url=link)
    return session_of(planning.plan_session(actor_of(host), place.alliance_id, draft))


def make_room(place: Place, host: Person, *goods: Goods) -> LiveSession:
    """A session of `place` that is on air."""
    session = make_session(place, host, *goods)
    running.go_live(actor_of(host), session.id)
    return session


def speak(session_id: int, who: Person | Actor, text: str, name: str = "") -> ChatLine:
    """Say something in a room; inside a transaction."""
    if isinstance(who, Actor):
        return chat.say(who, session_id, text, name=name)
    actor = Actor(account_id=who.id)
    return chat.say(actor, session_id, text, name=name, known_as=who.name)


def session_of(session_id: int) -> LiveSession:
    """The record of a session."""
    return db.session.get_one(LiveSession, session_id)
