"""What is said in a room: by everyone, and what its host takes out."""

from flask import Response, jsonify, make_response, redirect, url_for
from flask.typing import ResponseReturnValue

from blueprints.buyers import find_buyer, start_buyer
from blueprints.limits import counted_transaction
from blueprints.live.rooms import room_page
from blueprints.live.studio import done, run, studio
from blueprints.live.talk_forms import MuteForm, TalkForm
from blueprints.nouns import live as bp
from core.access import find_actor, get_actor, public
from core.database import transaction
from core.errors import DomainError, TooMany
from core.i18n import say as in_words
from core.web.error_pages import wants_json
from core.web.requests import client_address
from domain.live_talk import RoomTooLoud
from domain.orders.buyers import Buyer
from queries.live import rooms
from services import rates
from services.live import talk
from services.rates import NEW_SPEAKERS_PER_ADDRESS, TALK_PER_ADDRESS


@bp.post("/live/<slug>/messages")
@public
def say(slug: str) -> ResponseReturnValue:
    """Say something in a running session; what is refused stays in the form."""
    session_id = rooms.get_session(slug).id
    form = TalkForm()
    try:
        with counted_transaction(TALK_PER_ADDRESS):
            line = talk.say(
                session_id, _speaker(), form.to_saying(), known_as=_own_name()
            )
    except DomainError as error:
        if wants_json():
            raise
        return _refused(slug, form, error)
    if wants_json():
        return jsonify(line.to_json()), 201
    return redirect(url_for("live.show", slug=slug, _anchor="side"), 303)


@bp.post("/studio/sessions/<id:session_id>/messages/<id:seq>/hide")
@studio
def hide_message(session_id: int, seq: int) -> ResponseReturnValue:
    """Take a line of talk out of the room."""
    actor = get_actor()
    with transaction():
        talk.hide(run(actor, session_id), seq, by=actor.account_id)
    return done(session_id)


@bp.post("/studio/sessions/<id:session_id>/mute")
@studio
def mute(session_id: int) -> ResponseReturnValue:
    """Let somebody say no more in this session."""
    actor = get_actor()
    author = MuteForm().author.data or ""
    with transaction():
        talk.mute(run(actor, session_id), author, by=actor.account_id)
    return done(session_id)


@bp.post("/studio/sessions/<id:session_id>/unmute")
@studio
def unmute(session_id: int) -> ResponseReturnValue:
    """Let somebody speak again."""
    actor = get_actor()
    author = MuteForm().author.data or ""
    with transaction():
        talk.unmute(run(actor, session_id), author, by=actor.account_id)
    return done(session_id)


def _speaker() -> Buyer:
    """Who speaks; a browser that says its first line is counted more closely.

    Each request without a cookie is somebody new, whom the host has not muted yet.
    Raises RoomTooLoud.
    """
    if find_buyer() is None:
        wait_s = rates.count(NEW_SPEAKERS_PER_ADDRESS, client_address())
        if wait_s:
            raise RoomTooLoud(retry_after_s=wait_s)
    return start_buyer()


def _own_name() -> str | None:
    actor = find_actor()
    return actor.name if actor else None


def _refused(slug: str, form: TalkForm, error: DomainError) -> Response:
    page = room_page(slug, form, in_words(error))
    response = make_response(page, error.status)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response
