"""Live sessions for tests: planned, on air, spoken in."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

from core.clock import now
from core.database import db
from domain.live import Platform
from domain.orders.buyers import Buyer
from models.live import LiveSession
from queries.live.talk import Line
from services.live import planning, running, talk
from services.live.planning import SessionDraft
from services.live.talk import Saying
from tests.support.factories import Goods, Person, Place

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
    return planning.plan_session(place.alliance_id, draft, by=host.id)


def make_room(place: Place, host: Person, *goods: Goods) -> LiveSession:
    """A session of `place` that is on air."""
    session = make_session(place, host, *goods)
    running.go_live(session, by=host.id)
    return session


def speak(session_id: int, who: Person | Buyer, text: str, name: str = "") -> Line:
    """Say something in a room; inside a transaction."""
    buyer = who if isinstance(who, Buyer) else Buyer(account_id=who.id)
    known_as = None if isinstance(who, Buyer) else who.name
    return talk.say(session_id, buyer, Saying(text, name), known_as=known_as)


def session_of(session_id: int) -> LiveSession:
    """The record of a session."""
    return db.session.get_one(LiveSession, session_id)
