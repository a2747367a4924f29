"""Jobs of live sessions that have ended."""

from datetime import datetime, timedelta
from typing import Any

import structlog

from core.clock import now
from core.config import current_settings
from core.database import AnyRow, forget_reads, transaction
from integrations.media_server import (
    HttpMedia,
    MediaDown,
    Recording,
    RecordingHeld,
    find_media_http,
)
from queries.live.replays import find_unrecorded
from services.jobs import NotYet, handles
from services.live import running

SOONEST = timedelta(seconds=10)
LATEST = timedelta(hours=1)
LONGEST_WAIT = timedelta(days=1)
"""Joining the takes of a day's session takes minutes; what is not there after a day was
never recorded."""

log = structlog.get_logger("tianbo.worker")


@handles("keep_recording")
def keep_recording(payload: dict[str, Any]) -> None:
    """Ask the media server until a session's recording is ready; payload: session_id.

    A media server that is away, or lacks room on its disk for the replay, is asked for
    as long as that lasts.
    """
    session_id = payload["session_id"]
    session = find_unrecorded(session_id)
    forget_reads()
    media = find_media_http(current_settings())
    if media is None or session is None:
        return
    recording = _ask(media, session)
    if recording is None or not recording.duration_ms:
        log.info("nothing was recorded", session=session_id)
        return
    with transaction():
        running.keep_recording(session_id, session.slug, recording)


def _ask(media: HttpMedia, session: AnyRow) -> Recording | None:
    """What was recorded, None when nothing ever will be. Raises NotYet."""
    try:
        recording = media.find_recording(session.slug)
    except (MediaDown, RecordingHeld) as error:
        log.warning("no recording yet", why=str(error) or type(error).__name__)
        raise NotYet(_next_look(session.ended_at)) from None
    if recording is None and now() - session.ended_at < LONGEST_WAIT:
        raise NotYet(_next_look(session.ended_at))
    return recording


def _next_look(ended_at: datetime) -> datetime:
    """Half as long as we have waited already: often at first, then seldom."""
    waited = now() - ended_at
    return now() + min(max(waited / 2, SOONEST), LATEST)
