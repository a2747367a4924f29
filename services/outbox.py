"""Jobs and messages, written in the transaction that needs them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Insert, and_, delete, or_, select, true, update

from core.clock import now
from core.database import db, insert_into
from core.statements import kept
from domain.texts import TextKind
from models.outbox import Job, SentMessage
from queries.outbox import ALL, IS_WAITING, OTHER_CLOCK, Kinds, can_be_claimed

LEASE = timedelta(seconds=15)
"""A worker that dies keeps its job from the others for this long: decisions/0015."""
MOST_ATTEMPTS = 12
FIRST_DELAY_S = 2
LONGEST_DELAY_S = 3600
KEEP_DONE = timedelta(days=90)
KEEP_PERIODIC = timedelta(days=1)
KEEP_SENT = timedelta(days=180)


def enqueue(
    kind: str, payload: dict[str, Any], *, key: str, due_at: datetime | None = None
) -> None:
    """Have `kind` handled once after this transaction; `key` makes it happen once."""
    job = {"kind": kind, "payload": payload, "key": key, "due_at": due_at or now()}
    gathered: list[dict[str, Any]] | None = db.session().info.get("jobs")
    if gathered is not None:
        gathered.append(job)
    else:
        db.session.execute(_enqueuing(), job)


@contextmanager
def one_statement() -> Iterator[None]:
    """Write what is enqueued inside at the end, all at once."""
    info = db.session().info
    jobs: list[dict[str, Any]] = info.setdefault("jobs", [])
    try:
        yield
    finally:
        del info["jobs"]
    if jobs:
        db.session.execute(_enqueuing(), jobs)


@kept
def _enqueuing() -> Insert:
    return insert_into(Job).on_conflict_do_nothing(index_elements=["key"])


def send_sms(
    phone: str,
    body: str,
    *,
    key: str,
    kind: TextKind = TextKind.SERVICE,
    order_id: int | None = None,
) -> None:
    """Send a text message after this transaction.

    kind: what anybody can have sent for nothing is bounded a number, by who sends it.

    order_id: what it is about, so that its desk sees when it cannot be sent.
    """
    key = f"sms:{key}"
    message = {"key": key, "to": phone, "body": body, "order_id": order_id}
    enqueue("send_sms", {**message, "kind": kind}, key=key)


def record_sent(
    *, key: str, channel: str, recipient: str, body: str, kind: str = ""
) -> None:
    """Note that a message left the house, or was withheld.

    Again with the same key changes nothing.
    The job's copy of the text is wiped: it may hold codes and links.
    """
    sent = {"key": key, "channel": channel, "recipient": recipient, "body": body}
    statement = insert_into(SentMessage).values(**sent, kind=kind, sent_at=now())
    db.session.execute(statement.on_conflict_do_nothing(index_elements=["key"]))
    db.session.execute(
        update(Job)
        .where(Job.key == key)
        .values(payload={"key": key})
        .execution_options(synchronize_session=False)
    )


def forget_old_messages() -> None:
    """Delete records of messages sent long ago: they hold phones and addresses."""
    old = SentMessage.sent_at < now() - KEEP_SENT
    db.session.execute(delete(SentMessage).where(old))


def claim_due_jobs(
    limit: int = 20, lease: timedelta = LEASE, kinds: Kinds = ALL
) -> list[Job]:
    """Take up to `limit` due jobs for this worker until `lease` has passed.

    Other workers skip them: rows are locked on PostgreSQL, and SQLite has one
    writer at a time.
    """
    moment = now()
    due = (
        select(Job)
        .where(can_be_claimed(moment, kinds))
        .order_by(Job.due_at, Job.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    jobs = list(db.session.scalars(due))
    for job in jobs:
        job.claimed_until = moment + lease
        job.attempts += 1
    db.session.flush()
    db.session.expunge_all()
    return jobs


def renew(job: Job, lease: timedelta = LEASE) -> None:
    """Hold a claimed job for longer, unless it was let go of or taken meanwhile."""
    is_held = Job.claimed_until.is_not(None)
    _note(job, _is_mine(job) & is_held, claimed_until=now() + lease)


def finish(job: Job) -> None:
    """Note that a job is done."""
    _note(job, true(), done_at=now(), claimed_until=None, last_error="")


def fail(job: Job, error: str) -> None:
    """Try a failed job again later, or park it where a person sees it."""
    if job.attempts >= MOST_ATTEMPTS:
        park(job, error)
        return
    hold_out(job, error)


def hold_out(job: Job, error: str) -> None:
    """Try again later, however long what the job needs is away."""
    _let_go(job, due_at=_next_try(job), last_error=error[:2000])


def park(job: Job, error: str) -> None:
    """Put a job aside until a person has looked at it."""
    _let_go(job, parked_at=now(), last_error=error[:2000])


def give_back(job: Job) -> None:
    """Leave a claimed job to the next worker at once: this one must stop."""
    _let_go(job, attempts=job.attempts - 1)


def retry(job_id: int) -> bool:
    """Let a parked job start anew; False when there is no such parked job."""
    result = db.session.execute(
        update(Job)
        .where(Job.id == job_id, Job.parked_at.is_not(None))
        .values(parked_at=None, claimed_until=None, due_at=now(), attempts=0)
        .execution_options(synchronize_session=False)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def dismiss(key: str) -> None:
    """A person did what a parked job asked for."""
    db.session.execute(
        update(Job)
        .where(Job.key == key, Job.parked_at.is_not(None), Job.done_at.is_(None))
        .values(done_at=now(), parked_at=None)
        .execution_options(synchronize_session=False)
    )


def follow_clock() -> int:
    """Bring back jobs that a clock made wait which has been put back since.

    What it enqueued waits as long from now as it was to wait then; what failed under
    it, or before, is tried at once. Returns how many.
    """
    moment = now()
    ahead = Job.created_at > moment + OTHER_CLOCK
    farthest = moment + timedelta(seconds=LONGEST_DELAY_S) + OTHER_CLOCK
    failed = (Job.attempts > 0) & (Job.due_at > farthest)
    waiting = select(Job).where(IS_WAITING, ahead | failed).with_for_update()
    jobs = db.session.scalars(waiting).all()
    for job in jobs:
        by = job.created_at - moment
        job.due_at = job.due_at - by if by > OTHER_CLOCK else moment
        job.created_at = min(job.created_at, moment)
    db.session.flush()
    return len(jobs)


def forget_done_jobs() -> None:
    """Delete jobs long done: what happened stands in the records themselves."""
    done = Job.done_at < now() - KEEP_DONE
    periodic = and_(Job.done_at < now() - KEEP_PERIODIC, Job.key.like("periodic:%"))
    db.session.execute(delete(Job).where(or_(done, periodic)))


def postpone(job: Job, due_at: datetime) -> None:
    """Handle a job again at `due_at`: it found that its time has not come."""
    _let_go(job, due_at=due_at, attempts=0)


def _next_try(job: Job) -> datetime:
    doublings = min(job.attempts - 1, MOST_ATTEMPTS)
    delay = min(FIRST_DELAY_S * 2**doublings, LONGEST_DELAY_S)
    return now() + timedelta(seconds=delay)


def _let_go(job: Job, **values: Any) -> None:
    _note(job, _is_mine(job), claimed_until=None, **values)


def _is_mine(job: Job) -> ColumnElement[bool]:
    """Whether nobody has claimed it after us, whose lease may have passed."""
    return Job.attempts == job.attempts


def _note(job: Job, still: ColumnElement[bool], **values: Any) -> None:
    db.session.execute(
        update(Job)
        .where(Job.id == job.id, Job.done_at.is_(None), still)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
