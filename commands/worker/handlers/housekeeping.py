"""What the house throws away by itself."""

from datetime import timedelta
from typing import Any

from core.database import transaction
from services.accounts.sessions import forget_ended_sessions
from services.exports import forget_old_exports
from services.jobs import periodically
from services.orders.buyers import forget_ended_visits
from services.outbox import forget_done_jobs, forget_old_messages
from services.rates import forget_old_counts

FORGETTING = (
    forget_old_counts,
    forget_ended_sessions,
    forget_done_jobs,
    forget_old_messages,
    forget_old_exports,
)

MOST_BATCHES = 40
"""More than an hour's visitors; the rest waits for the next run."""


@periodically("forget_old", every=timedelta(hours=1))
def forget_old(_payload: dict[str, Any]) -> None:
    """Delete counters, sessions, codes, jobs, messages, files and visits of old."""
    for forget in FORGETTING:
        with transaction():
            forget()
    for _batch in range(MOST_BATCHES):
        with transaction():
            has_more = forget_ended_visits()
        if not has_more:
            break
