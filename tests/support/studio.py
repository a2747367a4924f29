"""Live sessions for tests: planned, on air, spoken in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count

from flask import Flask

from core.access import Actor
from core.clock import SHANGHAI, now
from core.database import db
from domain.live import Platform
from models.live import LiveSession
from queries.live.chat import ChatLine
from services.live import chat, planning, running
from services.live.planning import SessionDraft
from tests.support.factories import Goods, Person, Place, actor_of
from tests.support.people import writing

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


def typed_session(host: Person, goods: Goods, **changes: object) -> dict[str, object]:
    """What a planner sends: our own room, tomorrow evening."""
    tomorrow = (now() + timedelta(days=1)).astimezone(SHANGHAI)
    return {
        "request_id": "form-0000000001",
        "title": "大姜开窖",
        "place": "room",
        "starts_on": tomorrow.strftime("%Y-%m-%d"),
        "starts_time": "19:30",
        "host_id": str(host.id),
        "product_ids": [str(goods.id)],
        **changes,
    }


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


def detached(app: Flask, make: Callable[[], LiveSession]) -> LiveSession:
    """A record that stays as it was made, outside any session of the database."""
    with writing(app) as session:
        made = make()
        session.flush()
        session.refresh(made)
        session.expunge(made)
    return made


def speak(session_id: int, who: Person | Actor, text: str, name: str = "") -> ChatLine:
    """Say something in a room; inside a transaction."""
    if isinstance(who, Actor):
        return chat.say(who, session_id, text, name=name)
    actor = Actor(account_id=who.id)
    return chat.say(actor, session_id, text, name=name, known_as=who.name)


def session_of(session_id: int) -> LiveSession:
    """The record of a session."""
    return db.session.get_one(LiveSession, session_id)
