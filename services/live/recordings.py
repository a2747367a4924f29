"""Keep what the media server recorded of a session."""

from datetime import timedelta

from core.clock import now
from core.config import current_settings
from core.database import db, insert_into
from domain.live import Platform
from domain.live_replay import recording_job
from integrations.media_server import Recording
from models.live import LiveRecording, LiveSession
from services import outbox

FIRST_LOOK = timedelta(seconds=10)


def keep_recording_later(session: LiveSession) -> None:
    """Have the worker ask for the recording of a session that ends now."""
    if session.place == Platform.ROOM and current_settings().media_url is not None:
        outbox.enqueue(
            "keep_recording",
            {"session_id": session.id},
            key=recording_job(session.id),
            due_at=now() + FIRST_LOOK,
        )


def keep_recording(session_id: int, slug: str, recording: Recording) -> None:
    """Keep where the replay of a session is; keeping it again changes nothing."""
    values = {
        "session_id": session_id,
        "duration_ms": recording.duration_ms,
        "takes": recording.takes,
        "path": f"/rooms/{slug}/replay.mp4",
        "created_at": now(),
    }
    once = insert_into(LiveRecording).on_conflict_do_nothing(
        index_elements=["session_id"]
    )
    db.session.execute(once, values)
