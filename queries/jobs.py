"""The queue of jobs: what is due, and what waits for a person."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from core.clock import now
from core.database import db
from models.outbox import Job


def is_any_due() -> bool:
    """Whether a job could be claimed now."""
    moment = now()
    due = (
        select(Job.id)
        .where(
            Job.done_at.is_(None),
            Job.parked_at.is_(None),
            Job.due_at <= moment,
            or_(Job.claimed_until.is_(None), Job.claimed_until < moment),
        )
        .limit(1)
    )
    return db.session.scalar(due) is not None


def parked_jobs(limit: int = 100) -> Sequence[Job]:
    """The newest parked jobs."""
    parked = select(Job).where(Job.done_at.is_(None), Job.parked_at.is_not(None))
    return db.session.scalars(parked.order_by(Job.parked_at.desc()).limit(limit)).all()
