"""Jobs and messages, written in the transaction that needs them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update

from core.clock import now
from core.database import db
from models import Job

CLAIM = timedelta(minutes=2)
MOST_ATTEMPTS = 12
FIRST_DELAY_S = 2
LONGEST_DELAY_S = 3600


def enqueue(
    kind: str, payload: dict[str, Any], *, key: str, due_at: datetime | None = None
) -> None:
    """Have `kind` handled once after this transaction; `key` makes it happen once."""
    if db.session.scalar(select(Job.id).where(Job.key == key)):
        return
    db.session.add(
        Job(kind=kind, payload=payload, key=key, due_at=due_at or now(), attempts=0)
    )
    db.session.flush()


def send_sms(phone: str, body: str, *, key: str) -> None:
    """Send a text message after this transaction."""
    enqueue("send_sms", {"to": phone, "body": body}, key=f"sms:{key}")


def send_mail(address: str, subject: str, body: str, *, key: str) -> None:
    """Send a mail after this transaction."""
    payload = {"to": address, "subject": subject, "body": body}
    enqueue("send_mail", payload, key=f"mail:{key}")


def claim_due_jobs(limit: int = 20) -> list[Job]:
    """Take up to `limit` due jobs for this worker until CLAIM has passed.

    Other workers skip them: rows are locked on PostgreSQL, and SQLite has one
    writer at a time.
    """
    moment = now()
    due = (
        select(Job)
        .where(
            Job.done_at.is_(None),
            Job.parked_at.is_(None),
            Job.due_at <= moment,
            or_(Job.claimed_until.is_(None), Job.claimed_until < moment),
        )
        .order_by(Job.due_at, Job.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    jobs = list(db.session.scalars(due))
    for job in jobs:
        job.claimed_until = moment + CLAIM
        job.attempts += 1
    db.session.flush()
    db.session.expunge_all()
    return jobs


def finish(job: Job) -> None:
    """Note that a job is done."""
    _close(job, done_at=now(), claimed_until=None, last_error="")


def fail(job: Job, error: str) -> None:
    """Try a failed job again later, or park it where a person sees it."""
    if job.attempts >= MOST_ATTEMPTS:
        _close(job, parked_at=now(), claimed_until=None, last_error=error[:2000])
        return
    delay = min(FIRST_DELAY_S * 2 ** (job.attempts - 1), LONGEST_DELAY_S)
    due = now() + timedelta(seconds=delay)
    _close(job, due_at=due, claimed_until=None, last_error=error[:2000])


def postpone(job: Job, due_at: datetime) -> None:
    """Handle a job again at `due_at`: it found that its time has not come."""
    _close(job, due_at=due_at, claimed_until=None, attempts=0)


def _close(job: Job, **values: Any) -> None:
    db.session.execute(
        update(Job)
        .where(Job.id == job.id, Job.done_at.is_(None))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
