"""Count what may not happen too often, in a table all processes share."""

import hashlib
from datetime import UTC, datetime
from math import ceil

from sqlalchemy import delete

from core.clock import now
from core.database import db, insert_into
from core.rates import RateLimit
from models import RateCounter


def count(limit: RateLimit, subject: str) -> int:
    """Count one more of `limit` for `subject`.

    Returns the seconds to wait when that is too many, else 0. The caller keeps the
    transaction either way: a refused attempt counts too.
    """
    start = _window_start(limit)
    statement = (
        insert_into(RateCounter)
        .values(bucket=_bucket(limit, subject), window_start=start, hits=1)
        .on_conflict_do_update(
            index_elements=["bucket", "window_start"],
            set_={"hits": RateCounter.hits + 1},
        )
        .returning(RateCounter.hits)
    )
    hits = db.session.execute(statement).scalar_one()
    left = start + limit.window - now()
    return max(1, ceil(left.total_seconds())) if hits > limit.hits else 0


def forget_old_counts() -> None:
    """Delete counters of windows long past."""
    day_ago = datetime.fromtimestamp(now().timestamp() - 86_400, UTC)
    db.session.execute(delete(RateCounter).where(RateCounter.window_start < day_ago))


def _window_start(limit: RateLimit) -> datetime:
    seconds = int(limit.window.total_seconds())
    return datetime.fromtimestamp(int(now().timestamp()) // seconds * seconds, UTC)


def _bucket(limit: RateLimit, subject: str) -> str:
    digest = hashlib.sha256(subject.encode()).hexdigest()[:32]
    return f"{limit.name}:{digest}"
