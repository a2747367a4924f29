"""What the media server and the scripts of a room ask for."""

from dataclasses import asdict
from typing import Any

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from blueprints.live.authors import find_author, host_author
from blueprints.live.passes import RUN_FOR, WATCH_FOR, running, watching
from blueprints.live.studio import done, run, studio
from blueprints.nouns import live as bp
from core.access import get_actor, public
from core.clock import now
from core.config import current_settings
from core.database import transaction
from queries.live import rooms
from queries.live.state import RoomState, get_state
from services.live.announcing import millis
from services.live.running import change_key

FRESH_FOR_S = 1


@bp.get("/live/<slug>/state")
@public
def state(slug: str) -> ResponseReturnValue:
    """The room as it is: state, pin, offers and talk, without viewers and video."""
    response = jsonify(_written(get_state(slug)))
    response.cache_control.public = True
    response.cache_control.max_age = FRESH_FOR_S
    return response


@bp.get("/live/<slug>/ticket")
@public
def ticket(slug: str) -> ResponseReturnValue:
    """Where this reader finds events and video, for the next quarter of an hour."""
    session = rooms.get_session(slug)
    author = find_author(session.id)
    return _private(
        watching(current_settings(), session, author),
        author=author,
        until_ms=millis(now() + WATCH_FOR),
    )


@bp.get("/studio/sessions/<id:session_id>/ticket")
@studio
def host_ticket(session_id: int) -> ResponseReturnValue:
    """Where the host finds events and health, and where the stream goes."""
    session = run(get_actor(), session_id)
    return _private(
        running(current_settings(), session),
        author=host_author(session),
        until_ms=millis(now() + RUN_FOR),
    )


@bp.post("/studio/sessions/<id:session_id>/key")
@studio
def new_key(session_id: int) -> ResponseReturnValue:
    """Give the host another stream key; the one of before opens the room no more."""
    actor = get_actor()
    with transaction():
        change_key(run(actor, session_id), by=actor.account_id)
    return done(session_id)


def _written(room: RoomState) -> dict[str, Any]:
    return {
        "at_ms": millis(room.at),
        "state": room.state,
        "starts_at_ms": millis(room.starts_at),
        "key": room.key,
        "pin": {"seq": room.pin[0], "product_id": room.pin[1]} if room.pin else None,
        "offers": [asdict(offer) for offer in room.offers],
        "chat": [line.to_json() for line in room.talk],
    }


def _private(found: Any, **more: object) -> Response:
    response = jsonify({**found, **more})
    response.headers["Cache-Control"] = "no-store"
    return response
