"""Replays: what was recorded of a session, and where in it each product is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select

from core.clock import now
from core.config import current_settings
from core.database import AnyRow, db
from domain.live import EventKind, SessionState
from domain.live_replay import (
    Chapter,
    Shown,
    Take,
    chapters,
    clock_of,
    recording_job,
)
from models.catalogue import Product
from models.live import LiveEvent, LiveRecording, LiveSession
from models.outbox import Job

LONGEST_MAKING = timedelta(hours=2)
SHORTEST_MS = 1000
IS_WATCHABLE = LiveRecording.duration_ms >= SHORTEST_MS
"""That there is something to see in a recording."""


@dataclass(frozen=True)
class ReplayChapter:
    """From `at_s` on a product is shown; `clock` is that place in words, as 1:02:03.

    seq: the pin's number in the timeline.
    """

    seq: int
    product_id: int
    product: str
    at_s: int
    clock: str


@dataclass(frozen=True)
class Replay:
    """A session's recording: where it is, how long, and its chapters in order."""

    url: str
    duration_s: int
    clock: str
    chapters: Sequence[ReplayChapter]

    def find_chapter(self, seq: int) -> ReplayChapter | None:
        """The chapter that is on when the pin `seq` was made, None before the first."""
        begun = [chapter for chapter in self.chapters if chapter.seq <= seq]
        return begun[-1] if begun else None


@dataclass(frozen=True)
class EndedSession:
    """A session whose recording the worker waits for."""

    id: int
    slug: str
    ended_at: datetime
    is_recorded: bool


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
        duration_s=recording.duration_ms // 1000,
        clock=clock_of(recording.duration_ms),
        chapters=_chapters(session.id, recording.takes),
    )


def is_replay_coming(session: AnyRow | LiveSession) -> bool:
    """Whether the recording of a session that ended lately is still being made.

    The job that waits for it is done as soon as the media server says that it is
    there, or that no picture was ever sent.
    """
    if session.ended_at is None or session.ended_at < now() - LONGEST_MAKING:
        return False
    waiting = exists().where(
        Job.key == recording_job(session.id),
        Job.done_at.is_(None),
        Job.parked_at.is_(None),
    )
    return bool(db.session.scalar(select(waiting)))


def find_ended(session_id: int) -> EndedSession | None:
    """A session that has ended, None for any other."""
    row = db.session.execute(
        select(
            LiveSession.id,
            LiveSession.slug,
            LiveSession.ended_at,
            LiveRecording.id.label("recording_id"),
        )
        .outerjoin(LiveRecording, LiveRecording.session_id == LiveSession.id)
        .where(LiveSession.id == session_id, LiveSession.ended_at.is_not(None))
    ).one_or_none()
    if row is None or row.ended_at is None:
        return None
    is_recorded = row.recording_id is not None
    return EndedSession(row.id, row.slug, row.ended_at, is_recorded)


def chapters_in(
    takes: Sequence[dict[str, int]], pins: Sequence[AnyRow]
) -> Sequence[Chapter]:
    """The chapters of a recording; pins: rows with seq, product_id and at."""
    shown = [
        Shown(pin.seq, pin.product_id, int(pin.at.timestamp() * 1000)) for pin in pins
    ]
    return chapters([Take(**take) for take in takes], shown)


def _chapters(
    session_id: int, takes: Sequence[dict[str, int]]
) -> Sequence[ReplayChapter]:
    pins = db.session.execute(
        select(LiveEvent.seq, LiveEvent.product_id, LiveEvent.at, Product.name)
        .join(Product, Product.id == LiveEvent.product_id)
        .where(LiveEvent.session_id == session_id, LiveEvent.kind == EventKind.PIN)
    ).all()
    names = {pin.product_id: pin.name for pin in pins}
    return [_chapter(one, names[one.product_id]) for one in chapters_in(takes, pins)]


def _chapter(chapter: Chapter, product: str) -> ReplayChapter:
    return ReplayChapter(
        chapter.seq,
        chapter.product_id,
        product,
        at_s=chapter.at_ms // 1000,
        clock=clock_of(chapter.at_ms),
    )
