"""Run a live session: on air, showing one thing after another, over."""

from core.clock import now, today
from core.errors import N_, Forbidden
from domain import live as rules
from domain.live import EventKind, SessionState
from models.history import move
from models.live import LiveEvent, LiveSession
from queries.training.certificates import check_host_certificate
from services.live.announcing import listing_changed, millis, tell
from services.live.recordings import keep_recording_later
from services.live.timeline import hold, products_of, view_of, write


class NotTheHost(Forbidden):
    """Only the host and the alliance's lead run a session."""

    code = "not_the_host"
    message = N_("这场直播由主播和联盟负责人操作，您可以看，不能改。")


def go_live(session: LiveSession, *, by: int) -> None:
    """Start a planned session. The host's certificate must be valid today."""
    session = hold(session.id)
    rules.check_transition(session.state, SessionState.LIVE)
    check_host_certificate(session.host_id, today())
    move(session, SessionState.LIVE, account_id=by, started_at=now())
    _tell_state(session, write(session.id, EventKind.GO_LIVE, by))
    for product_id in products_of(session.id):
        listing_changed(product_id)


def end(session: LiveSession, *, by: int) -> None:
    """End a running session; what was recorded of it becomes its replay."""
    rules.check_transition(session.state, SessionState.ENDED)
    move(session, SessionState.ENDED, account_id=by, ended_at=now())
    _tell_state(session, write(session.id, EventKind.END, by))
    keep_recording_later(session)


def cancel(session: LiveSession, *, by: int, reason: str) -> None:
    """Call a planned session off."""
    rules.check_transition(session.state, SessionState.CANCELLED)
    move(session, SessionState.CANCELLED, account_id=by, reason=reason)
    event = write(session.id, EventKind.CANCEL, by, detail={"reason": reason})
    _tell_state(session, event)


def pin(session: LiveSession, product_id: int, *, by: int) -> None:
    """Show a product of the line-up; pinning what is pinned changes nothing."""
    held = hold(session.id)
    rules.check_pin(held.state, product_id, products_of(session.id))
    if view_of(session.id).pinned_product_id != product_id:
        event = write(session.id, EventKind.PIN, by, product_id=product_id)
        tell(held.slug, "pin", {"seq": event.seq, "product_id": product_id})


def unpin(session: LiveSession, *, by: int) -> None:
    """Show nothing; unpinning nothing changes nothing."""
    held = hold(session.id)
    pinned = view_of(session.id).pinned_product_id
    if pinned is not None:
        event = write(session.id, EventKind.UNPIN, by, product_id=pinned)
        tell(held.slug, "pin", {"seq": event.seq, "product_id": None})


def change_key(session: LiveSession, *, by: int) -> None:
    """Give the host a new stream key; the one of before no longer opens the room.

    Raises SessionMoved once the session is over.
    """
    held = hold(session.id)
    rules.check_not_over(held.state)
    held.stream_key += 1
    write(session.id, EventKind.KEY, by, detail={"key": held.stream_key})


def _tell_state(session: LiveSession, event: LiveEvent) -> None:
    """At the end nothing is shown any more, which readers must hear as well."""
    if rules.SESSION.is_final(session.state):
        tell(session.slug, "pin", {"seq": event.seq, "product_id": None})
    told = {"state": session.state, "at_ms": millis(event.at)}
    tell(session.slug, "state", told)
