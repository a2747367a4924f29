"""Run a live session on its one timeline: on air, one thing after another, over."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select

from core.access import HOUSE, Actor
from core.clock import millis, now, today
from core.config import current_settings
from core.database import db, insert_into
from domain import live as rules
from domain.live import (
    SHAPING,
    EventKind,
    NotTheHost,
    Platform,
    SessionState,
)
from domain.live_replay import recording_job
from domain.roles import STUDIO_ROLES
from integrations.media_server import Recording
from models.history import move
from models.live import LineUpItem, LiveEvent, LiveRecording, LiveSession
from queries.live.chat import events_of
from queries.live.rooms import is_run_by, view_of
from queries.live.runners import NOT_OVER, sessions_once_run_by
from queries.scopes import lock
from queries.training.certificates import check_host_certificate
from services import outbox
from services.live.announcing import announce, listing_changed, rights_changed

FIRST_LOOK = timedelta(seconds=10)


def hold(actor: Actor, session_id: int) -> LiveSession:
    """A session that the actor runs, held so that its events are numbered in order.

    Raises NotFound outside the actor's alliances, and NotTheHost for their members
    who neither host it nor lead.
    """
    session = lock(LiveSession, session_id, actor, *STUDIO_ROLES)
    query = select(is_run_by(actor)).where(LiveSession.id == session_id)
    if not db.session.scalar(query):
        raise NotTheHost()
    return session


def write(
    session_id: int,
    kind: EventKind,
    actor: Actor,
    *,
    product_id: int | None = None,
    **detail: Any,
) -> LiveEvent:
    """Write the next event of a session that is held; a guest's has no account."""
    last = db.session.scalar(
        select(func.max(LiveEvent.seq)).where(LiveEvent.session_id == session_id)
    )
    event = LiveEvent(
        session_id=session_id,
        seq=(last or 0) + 1,
        kind=kind,
        product_id=product_id,
        account_id=actor.account_id,
        detail=detail,
        at=now(),
    )
    db.session.add(event)
    db.session.flush()
    return event


def go_live(actor: Actor, session_id: int) -> None:
    """Start a planned session. The host's certificate must be valid today."""
    session = hold(actor, session_id)
    rules.check_transition(session.state, SessionState.LIVE)
    check_host_certificate(session.host_id, today())
    move(session, SessionState.LIVE, account_id=actor.account_id, started_at=now())
    _announce_state(session, write(session_id, EventKind.GO_LIVE, actor))
    for product_id in _line_up(session_id):
        listing_changed(product_id)


def end_session(actor: Actor, session_id: int) -> None:
    """End a running session; what was recorded of it becomes its replay."""
    session = hold(actor, session_id)
    rules.check_transition(session.state, SessionState.ENDED)
    move(session, SessionState.ENDED, account_id=actor.account_id, ended_at=now())
    _announce_state(session, write(session_id, EventKind.END, actor))
    if session.place == Platform.ROOM and current_settings().media_url is not None:
        outbox.enqueue(
            "keep_recording",
            {"session_id": session_id},
            key=recording_job(session_id),
            due_at=now() + FIRST_LOOK,
        )


def cancel_session(actor: Actor, session_id: int, reason: str) -> None:
    """Call a planned session off."""
    session = hold(actor, session_id)
    rules.check_transition(session.state, SessionState.CANCELLED)
    move(session, SessionState.CANCELLED, account_id=actor.account_id, reason=reason)
    event = write(session_id, EventKind.CANCEL, actor, reason=reason)
    _announce_state(session, event)


def pin(actor: Actor, session_id: int, product_id: int) -> None:
    """Show a product of the line-up; pinning what is pinned changes nothing."""
    session = hold(actor, session_id)
    rules.check_pin(session.state, product_id, _line_up(session_id))
    if _find_pinned(session_id) != product_id:
        event = write(session_id, EventKind.PIN, actor, product_id=product_id)
        announce(session.slug, "pin", seq=event.seq, product_id=product_id)


def unpin(actor: Actor, session_id: int) -> None:
    """Show nothing; unpinning nothing changes nothing."""
    session = hold(actor, session_id)
    pinned = _find_pinned(session_id)
    if pinned is not None:
        event = write(session_id, EventKind.UNPIN, actor, product_id=pinned)
        announce(session.slug, "pin", seq=event.seq, product_id=None)


def renew_key(actor: Actor, session_id: int) -> None:
    """Give the host a new stream key; the one of before no longer opens the room.

    Raises SessionMoved once the session is over.
    """
    session = hold(actor, session_id)
    rules.check_not_over(session.state)
    _renew_key(session, actor)


class OfferChange(NamedTuple):
    """PRICE or STOCK, and what it says of a box."""

    kind: EventKind
    detail: dict[str, int]


def write_offer_changes(
    actor: Actor, product_id: int, changes: Sequence[OfferChange]
) -> None:
    """Write into every session on air that offers the product what somebody set.

    What sales do to the stock is in their orders: an event each would hold the room
    for every buyer.
    """
    on_air = (
        select(LiveSession.id)
        .join(LineUpItem, LineUpItem.session_id == LiveSession.id)
        .where(
            LineUpItem.product_id == product_id, LiveSession.state == SessionState.LIVE
        )
        .order_by(LiveSession.id)
        .with_for_update(key_share=True, of=LiveSession)
    )
    for session_id in db.session.scalars(on_air).all() if changes else ():
        for kind, detail in changes:
            write(session_id, kind, actor, product_id=product_id, **detail)


def end_passes_of(account_id: int) -> None:
    """Somebody has lost a right: what they run by it they run no more.

    The sessions they host get new keys. Their passes to the others were made out to
    a right that is gone; the hosts of those go on undisturbed.
    """
    rights_changed(sessions_once_run_by(account_id))
    hosted = (
        select(LiveSession)
        .where(LiveSession.host_id == account_id, LiveSession.state.in_(NOT_OVER))
        .order_by(LiveSession.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    for session in db.session.scalars(hosted).all():
        _renew_key(session, HOUSE)


def keep_recording(session_id: int, slug: str, recording: Recording) -> None:
    """Keep where the replay of a session is; keeping it again changes nothing."""
    values = {
        "session_id": session_id,
        "duration_ms": recording.duration_ms,
        "takes": recording.takes,
        "path": f"/rooms/{slug}/replay.mp4",
        "created_at": now(),
    }
    once = insert_into(LiveRecording).on_conflict_do_nothing(
        index_elements=["session_id"]
    )
    db.session.execute(once, values)


def _renew_key(session: LiveSession, actor: Actor) -> None:
    session.stream_key += 1
    write(session.id, EventKind.KEY, actor, key=session.stream_key)
    rights_changed([session.id])


def _line_up(session_id: int) -> set[int]:
    query = select(LineUpItem.product_id).where(LineUpItem.session_id == session_id)
    return set(db.session.scalars(query))


def _find_pinned(session_id: int) -> int | None:
    """The product that is shown; what was said in the room is not read."""
    return view_of(events_of(session_id, SHAPING)).pinned_product_id


def _announce_state(session: LiveSession, event: LiveEvent) -> None:
    """At the end nothing is shown any more, which readers must hear as well."""
    if rules.SESSION.is_final(session.state):
        announce(session.slug, "pin", seq=event.seq, product_id=None)
    announce(session.slug, "state", state=session.state, at_ms=millis(event.at))
