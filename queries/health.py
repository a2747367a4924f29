"""Whether the app keeps up."""

from sqlalchemy import func, select

from core.clock import now
from core.database import db
from models.outbox import Job


def oldest_waiting_job_s() -> int:
    """Seconds by which the oldest due job is late; 0 when none waits."""
    due_at = db.session.scalar(
        select(func.min(Job.due_at)).where(
            Job.done_at.is_(None), Job.parked_at.is_(None)
        )
    )
    return max(0, int((now() - due_at).total_seconds())) if due_at else 0


def has_any_account() -> bool:
    """Whether the database holds anything that a person entered."""
    from models.accounts import Account

    return db.session.scalar(select(Account.id).limit(1)) is not None
