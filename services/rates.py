"""Count what may not happen too often, in a table all processes share."""

import hashlib
from datetime import UTC, datetime

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from core.clock import now
from core.database import db
from core.errors import TooMany
from core.rates import RateLimit
from models import RateCounter


def count(limit: RateLimit, subject: str) -> None:
    """Count one more of `limit` for `subject`; raise TooMany past the limit.

    The refused attempt itself is rolled back, which leaves the counter full.
    """
    start = _window_start(limit)
    insert = (
        postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    )
    statement = (
        insert(RateCounter)
        .values(bucket=_bucket(limit, subject), window_start=start, hits=1)
        .on_conflict_do_update(
            index_elements=["bucket", "window_start"],
            set_={"hits": RateCounter.hits + 1},
        )
        .returning(RateCounter.hits)
    )
    hits = db.session.execute(statement).scalar_one()
    if hits > limit.hits:
        left = start + limit.window - now()
        raise TooMany(retry_after_s=max(1, int(left.total_seconds())))


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
