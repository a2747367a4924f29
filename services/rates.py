"""Count what may not happen too often, in a table all processes share."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.sql.dml import ReturningInsert

from core.clock import now
from core.database import db, insert_into
from core.statements import kept, table_of
from models.accounts import RateCounter
from models.columns import digest_of


@dataclass(frozen=True)
class RateLimit:
    """At most `hits` in each fixed window of `window` for one subject."""

    name: str
    hits: int
    window: timedelta


# A phone is counted with the address that tries it: who types somebody else's number
# must not lock them out. Many addresses together meet the bound of the phone alone,
# which a browser that was logged in there before does not (blueprints/known.py).
LOGIN_PER_PHONE_HERE = RateLimit("login-phone-here", 10, timedelta(minutes=15))
LOGIN_PER_KNOWN = RateLimit("login-known", 10, timedelta(minutes=15))
LOGIN_PER_PHONE = RateLimit("login-phone", 60, timedelta(hours=1))
LOGIN_PER_ADDRESS = RateLimit("login-address", 60, timedelta(minutes=15))
CODE_PER_PHONE_HERE = RateLimit("code-phone-here", 5, timedelta(hours=1))
CODE_PER_KNOWN = RateLimit("code-known", 5, timedelta(hours=1))
CODE_PER_PHONE = RateLimit("code-phone", 20, timedelta(days=1))
CODE_PER_ADDRESS = RateLimit("code-address", 30, timedelta(hours=1))
CHECKOUT_PER_ADDRESS = RateLimit("checkout-address", 60, timedelta(minutes=10))
UPLOAD_PER_ACCOUNT = RateLimit("upload-account", 120, timedelta(hours=1))
LINK_PER_PHONE = RateLimit("link-phone", 5, timedelta(hours=1))
LINK_PER_ADDRESS = RateLimit("link-address", 30, timedelta(hours=1))
TALK_PER_SPEAKER = RateLimit("talk-speaker", 6, timedelta(seconds=10))
TALK_PER_ADDRESS = RateLimit("talk-address", 120, timedelta(minutes=1))
NEW_SPEAKERS_PER_ADDRESS = RateLimit("talk-newcomer", 10, timedelta(minutes=1))
TALK_PER_ROOM = RateLimit("talk-room", 300, timedelta(seconds=10))


def count(limit: RateLimit, subject: str) -> int:
    """Count one more of `limit` for `subject`.

    Returns the seconds to wait when that is too many, else 0. The caller keeps the
    transaction either way: a refused attempt counts too.
    """
    return count_each(limit, [subject])[0]


def count_each(limit: RateLimit, subjects: Sequence[str]) -> list[int]:
    """What `count` answers for each subject in turn, in one statement."""
    start = _window_start(limit)
    again = Counter(_bucket(limit, subject) for subject in subjects)
    rows = db.session.execute(
        _counting(),
        [
            {"bucket": bucket, "window_start": start, "hits": again[bucket]}
            for bucket in sorted(again)
        ],
    )
    hits = {row.bucket: row.hits - again[row.bucket] for row in rows}
    left = start + limit.window - now()
    wait_s = max(1, ceil(left.total_seconds()))
    waits = []
    for subject in subjects:
        hits[_bucket(limit, subject)] += 1
        waits.append(wait_s if hits[_bucket(limit, subject)] > limit.hits else 0)
    return waits


def uncount(limit: RateLimit, subject: str) -> None:
    """Take one back of what was counted in this window: it was rightful."""
    db.session.execute(
        update(RateCounter)
        .where(
            RateCounter.bucket == _bucket(limit, subject),
            RateCounter.window_start == _window_start(limit),
            RateCounter.hits > 0,
        )
        .values(hits=RateCounter.hits - 1)
        .execution_options(synchronize_session=False)
    )


@kept
def _counting() -> ReturningInsert[Any]:
    counter, insert = table_of(RateCounter).c, insert_into(RateCounter)
    more = insert.on_conflict_do_update(
        index_elements=["bucket", "window_start"],
        set_={"hits": counter.hits + insert.excluded.hits},
    )
    return more.returning(counter.bucket, counter.hits)


def forget_old_counts() -> None:
    """Delete counters of windows long past."""
    day_ago = datetime.fromtimestamp(now().timestamp() - 86_400, UTC)
    db.session.execute(delete(RateCounter).where(RateCounter.window_start < day_ago))


def _window_start(limit: RateLimit) -> datetime:
    seconds = int(limit.window.total_seconds())
    return datetime.fromtimestamp(int(now().timestamp()) // seconds * seconds, UTC)


def _bucket(limit: RateLimit, subject: str) -> str:
    return f"{limit.name}:{digest_of(subject)[:32]}"
