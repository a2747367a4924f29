"""Passes to a room: the media server's addresses with a token in each."""

import secrets
from collections.abc import Mapping
from datetime import timedelta

from core.clock import now
from core.config import Settings
from core.room_tokens import Pass, Purpose, sign
from domain.live import SESSION, Platform
from models.live import LiveSession

WATCH_FOR = timedelta(minutes=15)
RUN_FOR = timedelta(hours=2)
PUBLISH_FOR = timedelta(hours=12)

WATCHING = ("events_url", "likes_url", "video_url", "audio_url")
RUNNING = (*WATCHING, "health_url", "camera_url", "rtmp_url", "rtmp_key")

Addresses = Mapping[str, str | None]


def watching(settings: Settings, session: LiveSession, author: str | None) -> Addresses:
    """Where a reader finds events and video; None for what there is not.

    author: what the reader is called in the room's talk; somebody unknown is counted
    as a new reader each time.
    """
    if settings.media_url is None or SESSION.is_final(session.state):
        return dict.fromkeys(WATCHING)
    subject = author or secrets.token_hex(6)
    watch = Pass(session.slug, Purpose.WATCH, now() + WATCH_FOR, subject)
    token = sign(settings.secret_key, watch)
    room = _room(settings, session)
    return {
        "events_url": f"{room}/events?token={token}",
        "likes_url": f"{room}/likes?token={token}",
        **_video(room, session),
    }


def running(settings: Settings, session: LiveSession) -> Addresses:
    """What the host's console needs; None for what there is not."""
    nothing: Addresses = dict.fromkeys(RUNNING)
    if settings.media_url is None:
        return nothing
    run = Pass(session.slug, Purpose.RUN, now() + RUN_FOR, "host")
    token = sign(settings.secret_key, run)
    room = _room(settings, session)
    return {
        **nothing,
        "events_url": f"{room}/events?token={token}",
        "health_url": f"{room}/health?token={token}",
        **_video(room, session, f"?token={token}"),
        **_publishing(settings, session),
    }


def _publishing(settings: Settings, session: LiveSession) -> Addresses:
    """Camera and RTMP, for a session of our own that is not over."""
    if session.place != Platform.ROOM or SESSION.is_final(session.state):
        return {}
    token = sign(settings.secret_key, _publish(session))
    room = _room(settings, session)
    camera = f"{room}/camera?token={token}".replace("http", "ws", 1)
    key = f"{session.slug}?token={token}" if settings.rtmp_url else None
    return {"camera_url": camera, "rtmp_url": settings.rtmp_url, "rtmp_key": key}


def _publish(session: LiveSession) -> Pass:
    until = max(session.starts_at, now()) + PUBLISH_FOR
    return Pass(session.slug, Purpose.PUBLISH, until, key=session.stream_key)


def _room(settings: Settings, session: LiveSession) -> str:
    return f"{settings.media_url}/rooms/{session.slug}"


def _video(room: str, session: LiveSession, query: str = "") -> Addresses:
    """With the host's token the picture shows before the session is on air."""
    if session.place != Platform.ROOM:
        return {"video_url": None, "audio_url": None}
    return {
        "video_url": f"{room}/live.m3u8{query}",
        "audio_url": f"{room}/audio.m3u8{query}",
    }
