"""Claim a job, run its handler, note what became of it; again and again.

Jobs are claimed one at a time: a worker that dies keeps only one from the others,
and only until its lease has passed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from traceback import format_tb

import structlog
from sqlalchemy.exc import DBAPIError, OperationalError

from commands.worker.deadline import Stopper, TimeUp
from commands.worker.lease import held
from core.database import db, forget_reads, transaction
from integrations.gateway import PaymentDown
from integrations.sms import Undelivered
from models.outbox import Job
from queries.outbox import ALL, Kinds, is_any_due
from services import outbox
from services.jobs import HANDLERS, GiveUp, NotYet, enqueue_periodic

POLL_S = 0.5
PERIODIC_S = 10.0
AFTER_FAILURE_S = 2.0
LONGEST_ERROR = 200

AWAY = (PaymentDown, Undelivered)
"""Someone outside does not answer. Parking such jobs would strand money and links."""

log = structlog.get_logger("tianbo.worker")


@dataclass(frozen=True)
class Terms:
    """For how long a worker claims a job at a time, and which kinds it takes."""

    lease: timedelta = outbox.LEASE
    kinds: Kinds = ALL


USUAL = Terms()


def work_forever(stopper: Stopper, terms: Terms, beside: Callable[[], None]) -> None:
    """Handle jobs as they fall due, until a stop; outlives a database that is away.

    beside: looks after jobs of other kinds, often.
    """
    next_periodic = 0.0
    while not stopper.stopping:
        try:
            if time.monotonic() >= next_periodic:
                schedule_periodic()
                next_periodic = time.monotonic() + PERIODIC_S
            beside()
            if not work_once(stopper, terms):
                stopper.sleep(POLL_S)
        except OperationalError as error:
            log.warning("database unreachable", error=type(error.orig).__name__)
            stopper.sleep(AFTER_FAILURE_S)
        finally:
            db.session.remove()


def work_until_empty(stopper: Stopper, terms: Terms = USUAL) -> int:
    """Handle every due job, periodic ones included; returns how many were handled."""
    schedule_periodic()
    handled = 0
    while not stopper.stopping and work_once(stopper, terms):
        handled += 1
    return handled


def schedule_periodic() -> None:
    """Queue the present run of each periodic job, and see whether the clock was set."""
    with transaction():
        late = outbox.follow_clock()
        enqueue_periodic()
    if late:
        log.warning("the clock was put back", jobs=late)


def work_once(stopper: Stopper, terms: Terms = USUAL) -> bool:
    """Handle one due job; False when none is due.

    The look before the claim only reads: an idle worker takes no write lock.
    """
    due = is_any_due(terms.kinds)
    forget_reads()
    if not due:
        return False
    with transaction():
        jobs = outbox.claim_due_jobs(1, terms.lease, terms.kinds)
    for job in jobs:
        with held(job, terms.lease):
            _handle(job, stopper)
    return bool(jobs)


def _handle(job: Job, stopper: Stopper) -> None:
    started = time.perf_counter()
    outcome = _outcome(job, stopper)
    forget_reads()
    db.session.remove()
    log.info(
        "job",
        kind=job.kind,
        id=job.id,
        attempt=job.attempts,
        outcome=outcome,
        ms=round((time.perf_counter() - started) * 1000, 1),
    )


def _outcome(job: Job, stopper: Stopper) -> str:
    """Run the handler and write down what became of the job, in one word."""
    try:
        with stopper.bounded():
            _run(job)
    except NotYet as wait:
        return _note("waits", outbox.postpone, job, wait.due_at)
    except GiveUp as error:
        return _note("parked", outbox.park, job, str(error))
    except AWAY as error:
        return _note("waits", outbox.hold_out, job, describe(error))
    except TimeUp:
        db.session().invalidate()
        if stopper.stopping:
            return _note("given back", outbox.give_back, job)
        return _note("too long", outbox.fail, job, "took too long")
    except Exception as error:  # noqa: BLE001 - whatever it is, the queue must know
        where = "".join(format_tb(error.__traceback__))
        log.warning("job failed", kind=job.kind, error=describe(error), where=where)
        return _note("failed", outbox.fail, job, describe(error))
    return _note("done", outbox.finish, job)


def _run(job: Job) -> None:
    handler = HANDLERS.get(job.kind)
    if handler is None:
        raise LookupError(f"no handler for {job.kind}, perhaps in a newer release")
    handler(job.payload)


def _note(outcome: str, write: Callable[..., None], *arguments: object) -> str:
    db.session.remove()
    with transaction():
        write(*arguments)
    return outcome


def describe(error: Exception) -> str:
    """An error for the queue's table: short, and without the data it was about."""
    if isinstance(error, DBAPIError):
        return f"{type(error).__name__}: {type(error.orig).__name__}"
    return f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
