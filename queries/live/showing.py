"""Where a product can be seen: in a room on air now, or in a recording."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import ScalarSelect, bindparam, case, exists, func, select

from core.config import current_settings
from core.database import AnyRow, AnySelect, db
from core.statements import kept, table_of
from domain.live import EventKind, SessionState
from models.live import LineUpItem, LiveEvent, LiveRecording, LiveSession
from queries.live.replays import IS_WATCHABLE, chapters_in

LOOKED_AT = 3
"""A pin while nothing was recorded makes no chapter; then the recordings before are
looked at too, but not those of two years."""


@dataclass(frozen=True)
class Explanation:
    """The place in a replay where a product is explained.

    slug: of the session; seq: the pin's number, which its page takes as `at`; clock:
    the place in words.
    """

    slug: str
    seq: int
    clock: str


def session_showing(product_id: int) -> AnyRow | None:
    """The running session that shows the product, else one that will.

    A row of slug, title, and is_shown: whether it is being explained at this moment.
    """
    return db.session.execute(_on_air(), {"product": product_id}).one_or_none()


def find_explanation(product_id: int) -> Explanation | None:
    """Where the newest recording that shows the product does so, in one query."""
    if current_settings().media_url is None:
        return None
    rows = db.session.execute(_recorded_pins(), {"product": product_id}).all()
    for _, pins in groupby(rows, key=lambda row: row.session_id):
        found = _explanation(product_id, list(pins))
        if found is not None:
            return found
    return None


def _explanation(product_id: int, pins: Sequence[AnyRow]) -> Explanation | None:
    session = pins[0]
    for chapter in chapters_in(session.takes, pins):
        if chapter.product_id == product_id:
            return Explanation(session.slug, chapter.seq, chapter.clock)
    return None


@kept
def _on_air() -> AnySelect:
    is_shown = func.coalesce(_shown_in_session() == bindparam("product"), False)
    session, item = table_of(LiveSession).c, table_of(LineUpItem)
    return (
        select(session.slug, session.title, is_shown.label("is_shown"))
        .join(item, item.c.session_id == session.id)
        .where(
            item.c.product_id == bindparam("product"),
            session.state == SessionState.LIVE,
        )
        .order_by(is_shown.desc(), session.started_at.desc(), session.id)
        .limit(1)
    )


def _shown_in_session() -> ScalarSelect[int | None]:
    """The product that a session shows now; NULL when it shows none."""
    event = table_of(LiveEvent).c
    return (
        select(case((event.kind == EventKind.PIN, event.product_id)))
        .where(
            event.session_id == table_of(LiveSession).c.id,
            event.kind.in_((EventKind.PIN, EventKind.UNPIN)),
        )
        .order_by(event.seq.desc())
        .limit(1)
        .scalar_subquery()
    )


@kept
def _recorded_pins() -> AnySelect:
    """Every pin of the newest recorded sessions that pinned the product.

    They are found by their line-ups, whose index knows the product.
    """
    was_pinned = exists().where(
        LiveEvent.session_id == LiveSession.id,
        LiveEvent.kind == EventKind.PIN,
        LiveEvent.product_id == bindparam("product"),
    )
    recorded = (
        select(
            LiveSession.id,
            LiveSession.slug,
            LiveSession.started_at,
            LiveRecording.takes,
        )
        .join(LineUpItem, LineUpItem.session_id == LiveSession.id)
        .join(LiveRecording, LiveRecording.session_id == LiveSession.id)
        .where(LineUpItem.product_id == bindparam("product"), IS_WATCHABLE, was_pinned)
        .order_by(LiveSession.started_at.desc(), LiveSession.id.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    return (
        select(
            LiveEvent.session_id,
            LiveEvent.seq,
            LiveEvent.product_id,
            LiveEvent.at,
            recorded.c.slug,
            recorded.c.takes,
        )
        .join(recorded, recorded.c.id == LiveEvent.session_id)
        .where(LiveEvent.kind == EventKind.PIN)
        .order_by(
            recorded.c.started_at.desc(), LiveEvent.session_id.desc(), LiveEvent.seq
        )
    )
