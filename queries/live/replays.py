"""Replays: what was recorded of a session, and where in it each product is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import exists, select

from core.clock import millis, now
from core.config import current_settings
from core.database import AnyRow, db
from domain.live import EventKind, SessionState
from domain.live_replay import Chapter, Shown, Take, chapters, clock_of, recording_job
from models.live import LiveEvent, LiveRecording, LiveSession
from models.outbox import Job

LONGEST_MAKING = timedelta(hours=2)
SHORTEST_MS = 1000
IS_WATCHABLE = LiveRecording.duration_ms >= SHORTEST_MS
"""That there is something to see in a recording."""


@dataclass(frozen=True)
class Replay:
    """A session's recording: where it is, how long, and its chapters in order."""

    url: str
    clock: str
    chapters: Sequence[Chapter]

    def find_chapter(self, seq: int) -> Chapter | None:
        """The chapter that is on when the pin `seq` was made, None before the first."""
        begun = [chapter for chapter in self.chapters if chapter.seq <= seq]
        return begun[-1] if begun else None


def replay_of(session: AnyRow | LiveSession) -> Replay | None:
    """The replay of an ended session, None while there is none."""
    media_url = current_settings().media_url
    if session.state != SessionState.ENDED or media_url is None:
        return None
    recording = db.session.execute(
        select(
            LiveRecording.path, LiveRecording.duration_ms, LiveRecording.takes
        ).where(LiveRecording.session_id == session.id, IS_WATCHABLE)
    ).one_or_none()
    if recording is None:
        return None
    return Replay(
        url=media_url + recording.path,
        clock=clock_of(recording.duration_ms),
        chapters=chapters_in(recording.takes, _pins(session.id)),
    )


def is_replay_coming(session: AnyRow | LiveSession) -> bool:
    """Whether the recording of a session that ended lately is still being made."""
    return not _is_long_over(session) and _is_waited_for(session)


def is_replay_late(session: AnyRow | LiveSession) -> bool:
    """Whether it should have been made by now: something keeps the media server."""
    return _is_long_over(session) and _is_waited_for(session)


def _is_long_over(session: AnyRow | LiveSession) -> bool:
    return session.ended_at is not None and session.ended_at < now() - LONGEST_MAKING


def _is_waited_for(session: AnyRow | LiveSession) -> bool:
    """The job is done as soon as media has it, or says that nothing was ever sent."""
    if session.ended_at is None:
        return False
    waiting = exists().where(
        Job.key == recording_job(session.id),
        Job.done_at.is_(None),
        Job.parked_at.is_(None),
    )
    return bool(db.session.scalar(select(waiting)))


def find_unrecorded(session_id: int) -> AnyRow | None:
    """A session that ended and has no recording yet: slug, ended_at."""
    query = (
        select(LiveSession.slug, LiveSession.ended_at)
        .outerjoin(LiveRecording, LiveRecording.session_id == LiveSession.id)
        .where(
            LiveSession.id == session_id,
            LiveSession.ended_at.is_not(None),
            LiveRecording.id.is_(None),
        )
    )
    return db.session.execute(query).one_or_none()


def chapters_in(
    takes: Sequence[dict[str, int]], pins: Sequence[AnyRow]
) -> Sequence[Chapter]:
    """The chapters of a recording; pins: rows with seq, product_id and at."""
    shown = [Shown(pin.seq, pin.product_id, millis(pin.at)) for pin in pins]
    return chapters([Take(**take) for take in takes], shown)


def _pins(session_id: int) -> Sequence[AnyRow]:
    query = select(LiveEvent.seq, LiveEvent.product_id, LiveEvent.at).where(
        LiveEvent.session_id == session_id, LiveEvent.kind == EventKind.PIN
    )
    return db.session.execute(query).all()
