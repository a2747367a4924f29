"""Count what may not happen too often, in a table all processes share."""

import hashlib
from datetime import UTC, datetime
from math import ceil
from typing import Any

from sqlalchemy import delete
from sqlalchemy.sql.dml import ReturningInsert

from core.clock import now
from core.database import db, insert_into
from core.rates import RateLimit
from core.statements import kept, table_of
from models import RateCounter


def count(limit: RateLimit, subject: str) -> int:
    """Count one more of `limit` for `subject`.

    Returns the seconds to wait when that is too many, else 0. The caller keeps the
    transaction either way: a refused attempt counts too.
    """
    start = _window_start(limit)
    values = {"bucket": _bucket(limit, subject), "window_start": start, "hits": 1}
    hits: int = db.session.scalars(_counting(), values).one()
    left = start + limit.window - now()
    return max(1, ceil(left.total_seconds())) if hits > limit.hits else 0


@kept
def _counting() -> ReturningInsert[Any]:
    hits = table_of(RateCounter).c.hits
    once_more = insert_into(RateCounter).on_conflict_do_update(
        index_elements=["bucket", "window_start"], set_={"hits": hits + 1}
    )
    return once_more.returning(hits)


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
