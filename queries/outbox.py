"""The queue of jobs: what is due, what waits for a person; and what was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from core.clock import now
from core.database import AnyRow, db
from core.pages.paging import Page, paginate
from models.outbox import WITHHELD, Job, SentMessage

PER_PAGE = 20

IS_WAITING = Job.done_at.is_(None) & Job.parked_at.is_(None)


OTHER_CLOCK = timedelta(minutes=2)
"""A lease that ends later than this was given by a clock that has been put back."""


@dataclass(frozen=True)
class Kinds:
    """Which kinds of jobs a worker takes: all but some, or some only."""

    but: frozenset[str] = frozenset()
    only: frozenset[str] | None = None

    def holds(self, kind: ColumnElement[str]) -> ColumnElement[bool]:
        """The condition that a job is of these kinds."""
        if self.only is not None:
            return kind.in_(sorted(self.only))
        return kind.not_in(sorted(self.but)) if self.but else true()


ALL = Kinds()


def can_be_claimed(moment: datetime, kinds: Kinds = ALL) -> ColumnElement[bool]:
    """The condition that a job is due and that no living worker holds it."""
    until = Job.claimed_until
    is_free = or_(until.is_(None), until < moment, until > moment + OTHER_CLOCK)
    of_kind = kinds.holds(Job.__table__.c.kind)
    return and_(IS_WAITING, Job.due_at <= moment, is_free, of_kind)


def is_any_due(kinds: Kinds = ALL) -> bool:
    """Whether a job could be claimed now."""
    due = select(Job.id).where(can_be_claimed(now(), kinds))
    return db.session.scalar(due.limit(1)) is not None


def oldest_waiting_job_s() -> int:
    """Seconds by which the oldest due job is late; 0 when none waits."""
    due_at = db.session.scalar(select(func.min(Job.due_at)).where(IS_WAITING))
    return max(0, int((now() - due_at).total_seconds())) if due_at else 0


def parked_jobs(limit: int = 100) -> Sequence[Job]:
    """The newest parked jobs."""
    parked = select(Job).where(Job.done_at.is_(None), Job.parked_at.is_not(None))
    return db.session.scalars(parked.order_by(Job.parked_at.desc()).limit(limit)).all()


def was_sent(key: str) -> bool:
    """Whether the message of this job is with its carrier already."""
    found = db.session.scalar(select(SentMessage.id).where(SentMessage.key == key))
    return found is not None


def was_withheld(key: str) -> bool:
    """Whether a text was not sent because its number had had too many that day."""
    found = db.session.scalar(
        select(SentMessage.id).where(
            SentMessage.key == key, SentMessage.channel == WITHHELD
        )
    )
    return found is not None


def count_sent(recipient: str, kind: str) -> int:
    """How many texts of a kind a number was sent within the last day."""
    query = select(func.count(SentMessage.id)).where(
        SentMessage.recipient == recipient,
        SentMessage.kind == kind,
        SentMessage.channel != WITHHELD,
        SentMessage.sent_at > now() - timedelta(days=1),
    )
    return db.session.scalars(query).one()


def sent_messages(recipient: str, page: int) -> Page[AnyRow]:
    """Messages newest first: channel, recipient, subject, body, sent_at.

    recipient: a phone or mail address; empty means everyone's.
    """
    query = (
        select(
            SentMessage.id,
            SentMessage.channel,
            SentMessage.recipient,
            SentMessage.subject,
            SentMessage.body,
            SentMessage.sent_at,
        )
        .where(SentMessage.channel != WITHHELD)
        .order_by(SentMessage.id.desc())
    )
    if recipient:
        query = query.where(SentMessage.recipient == recipient)
    return paginate(query, page, PER_PAGE)
