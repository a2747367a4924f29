"""Holds a job for as long as its worker lives and works on it.

Leases are short so that the job of a worker that was killed is soon another's
(decisions/0015).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import structlog
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from core.database import db, transaction
from models.outbox import Job
from services import outbox

RENEWALS = 3
"""In the time of one lease: two may be late or fail."""

log = structlog.get_logger("tianbo.worker")


@contextmanager
def held(job: Job, lease: timedelta) -> Iterator[None]:
    """Renew the lease of `job` while inside, from a thread of its own."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    ended = Event()
    renewing = Thread(target=_renew, args=(app, job, lease, ended), daemon=True)
    renewing.start()
    try:
        yield
    finally:
        ended.set()
        renewing.join()


def _renew(app: Flask, job: Job, lease: timedelta, ended: Event) -> None:
    while not ended.wait(lease.total_seconds() / RENEWALS):
        with app.app_context():
            try:
                with transaction():
                    outbox.renew(job, lease)
            except SQLAlchemyError as error:
                log.warning("lease not renewed", id=job.id, error=type(error).__name__)
            finally:
                db.session.remove()
