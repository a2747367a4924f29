"""Tickets to a room: the media server's addresses, with a short-lived token in each."""

import secrets
from collections.abc import Mapping
from datetime import timedelta

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from blueprints.buyers import find_buyer
from blueprints.nouns import live as bp
from core.access import Actor, allow, get_actor, public
from core.clock import millis, now
from core.config import current_settings
from core.database import AnyRow
from core.room_tokens import Pass, Purpose, sign
from domain.live import SESSION, Platform
from domain.roles import STUDIO_ROLES
from models.live import LiveSession
from queries.live import rooms
from queries.live.runners import find_runner
from services.live.chat import author_of

WATCH_FOR = timedelta(minutes=15)
RUN_FOR = timedelta(hours=2)
PUBLISH_FOR = timedelta(hours=12)

WATCHING = ("events_url", "likes_url", "video_url", "audio_url")
RUNNING = (*WATCHING, "health_url", "camera_url", "rtmp_url", "rtmp_key")

Session = AnyRow | LiveSession
Addresses = Mapping[str, str | None]


@bp.get("/live/<slug>/ticket")
@public
def ticket(slug: str) -> ResponseReturnValue:
    """Where this reader finds events and video, for the next quarter of an hour."""
    session = rooms.get_session(slug)
    author = find_author(session.id)
    return _ticket(addresses_to_watch(session, author), author, WATCH_FOR)


@bp.get("/studio/sessions/<id:session_id>/ticket")
@allow(*STUDIO_ROLES)
def host_ticket(session_id: int) -> ResponseReturnValue:
    """Where the host finds events and health, and where the stream goes."""
    actor = get_actor()
    session = rooms.get_own_room(actor, session_id).session
    return _ticket(addresses_to_run(session, actor), host_author(session), RUN_FOR)


def find_author(session_id: int) -> str:
    """What this browser is called in a session's talk; "" before it was known."""
    reader = find_buyer()
    return author_of(session_id, reader) if reader else ""


def host_author(session: Session) -> str:
    """What the host is called in the session's talk."""
    return author_of(session.id, Actor(account_id=session.host_id))


def addresses_to_watch(session: Session, author: str) -> Addresses:
    """Where a reader finds events and video; None for what there is not.

    author: what the reader is called in the room's talk; somebody unknown is counted
    as a new reader each time.
    """
    if current_settings().media_url is None or SESSION.is_final(session.state):
        return dict.fromkeys(WATCHING)
    subject = author or secrets.token_hex(6)
    token = _token(Pass(session.slug, Purpose.WATCH, now() + WATCH_FOR, subject))
    return {
        "events_url": f"{_room(session)}/events?token={token}",
        "likes_url": f"{_room(session)}/likes?token={token}",
        **_video(session),
    }


def addresses_to_run(session: Session, actor: Actor) -> Addresses:
    """What the console needs of somebody who runs the session; None for what is not."""
    nothing: Addresses = dict.fromkeys(RUNNING)
    if current_settings().media_url is None:
        return nothing
    runner = find_runner(session.id, actor.account_id)
    token = _token(Pass(session.slug, Purpose.RUN, now() + RUN_FOR, runner))
    return {
        **nothing,
        "events_url": f"{_room(session)}/events?token={token}",
        "health_url": f"{_room(session)}/health?token={token}",
        **_video(session, f"?token={token}"),
        **_publishing(session, runner),
    }


def _publishing(session: Session, runner: str) -> Addresses:
    """Camera and RTMP, for a session of our own that is not over."""
    if session.place != Platform.ROOM or SESSION.is_final(session.state):
        return {}
    until = max(session.starts_at, now()) + PUBLISH_FOR
    key = session.stream_key
    token = _token(Pass(session.slug, Purpose.PUBLISH, until, runner, key))
    rtmp_url = current_settings().rtmp_url
    return {
        "camera_url": f"{_room(session)}/camera?token={token}".replace("http", "ws", 1),
        "rtmp_url": rtmp_url,
        "rtmp_key": f"{session.slug}?token={token}" if rtmp_url else None,
    }


def _video(session: Session, query: str = "") -> Addresses:
    """With the host's token the picture shows before the session is on air."""
    if session.place != Platform.ROOM:
        return {"video_url": None, "audio_url": None}
    return {
        "video_url": f"{_room(session)}/live.m3u8{query}",
        "audio_url": f"{_room(session)}/audio.m3u8{query}",
    }


def _room(session: Session) -> str:
    return f"{current_settings().media_url}/rooms/{session.slug}"


def _token(granted: Pass) -> str:
    return sign(current_settings().secret_key, granted)


def _ticket(addresses: Addresses, author: str, lasts: timedelta) -> Response:
    until_ms = millis(now() + lasts)
    response = jsonify({**addresses, "author": author, "until_ms": until_ms})
    response.headers["Cache-Control"] = "no-store"
    return response
