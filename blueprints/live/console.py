"""The host's console: a session is run from it, and its talk kept decent."""

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.live.forms import CancelForm, PinForm
from blueprints.live.rooms import room_context
from blueprints.live.studio import studio
from blueprints.live.tickets import addresses_to_run
from blueprints.nouns import live as bp
from core.access import get_actor
from core.database import transaction
from core.i18n import gettext as _
from core.web.error_pages import wants_json
from queries.live import planning, rooms
from services.live import chat, running


@bp.get("/studio/sessions/<id:session_id>/console")
@studio
def console(session_id: int) -> ResponseReturnValue:
    """The page to run a session from; the alliance's other members may look."""
    return _console_page(session_id, CancelForm())


@bp.post("/studio/sessions/<id:session_id>/start")
@studio
def start(session_id: int) -> ResponseReturnValue:
    return _run(running.go_live, session_id)


@bp.post("/studio/sessions/<id:session_id>/end")
@studio
def end(session_id: int) -> ResponseReturnValue:
    answer = _run(running.end_session, session_id)
    flash(_("直播结束了，辛苦！"), "ok")
    return answer


@bp.post("/studio/sessions/<id:session_id>/cancel")
@studio
def cancel(session_id: int) -> ResponseReturnValue:
    form = CancelForm()
    if not form.validate_on_submit():
        return _console_page(session_id, form)
    return _run(running.cancel_session, session_id, form.reason.data)


@bp.post("/studio/sessions/<id:session_id>/pins")
@studio
def pin(session_id: int) -> ResponseReturnValue:
    form = PinForm()
    if not form.validate_on_submit():
        abort(400)
    return _run(running.pin, session_id, form.product_id.data)


@bp.post("/studio/sessions/<id:session_id>/pins/clear")
@studio
def unpin(session_id: int) -> ResponseReturnValue:
    return _run(running.unpin, session_id)


@bp.post("/studio/sessions/<id:session_id>/key")
@studio
def new_key(session_id: int) -> ResponseReturnValue:
    """Give the host another stream key; the one of before opens the room no more."""
    return _run(running.renew_key, session_id)


@bp.post("/studio/sessions/<id:session_id>/messages/<id:seq>/hide")
@studio
def hide_message(session_id: int, seq: int) -> ResponseReturnValue:
    return _run(chat.hide, session_id, seq)


@bp.post("/studio/sessions/<id:session_id>/mute")
@studio
def mute(session_id: int) -> ResponseReturnValue:
    return _run(chat.mute, session_id, request.form.get("author", ""))


@bp.post("/studio/sessions/<id:session_id>/unmute")
@studio
def unmute(session_id: int) -> ResponseReturnValue:
    return _run(chat.unmute, session_id, request.form.get("author", ""))


def _run(
    act: Callable[..., None], session_id: int, *given: object
) -> ResponseReturnValue:
    """Act, then go back to the console; a script that asked stays where it is."""
    with transaction():
        act(get_actor(), session_id, *given)
    if wants_json():
        return "", 204
    return redirect(url_for("live.console", session_id=session_id), 303)


def _console_page(session_id: int, form: CancelForm) -> ResponseReturnValue:
    actor = get_actor()
    room = rooms.get_studio_room(actor, session_id)
    may_run = room.session.may_run
    page = render_template(
        "live/console.html",
        **room_context(room),
        # Where a streaming program goes, on the page too: it needs no script.
        stream=addresses_to_run(room.session, actor) if may_run else {},
        form=form,
        figures=planning.session_figures(session_id),
        ticket_url=url_for("live.host_ticket", session_id=session_id),
    )
    return page, form.status
