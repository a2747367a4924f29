"""What alliance members do: plan sessions and run them from a console."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.live.authors import host_author
from blueprints.live.forms import CancelForm, PinForm, SessionForm
from blueprints.live.passes import Addresses, running
from blueprints.nouns import live as bp
from core.access import Actor, allow, get_actor
from core.clock import SHANGHAI, local_day, now
from core.config import current_settings
from core.database import AnyRow, transaction
from core.errors import Conflict, DomainError, Forbidden
from core.i18n import gettext as _
from core.i18n import say
from core.pages.filters import local_date
from core.pages.paging import page_number
from core.web.error_pages import wants_json
from domain.live import SessionState
from domain.roles import Role
from models.live import LiveSession
from queries.live import cards, planning, replays, rooms
from services.live import running as live_running
from services.live.announcing import millis
from services.live.planning import change_session, plan_session
from services.live.running import NotTheHost, go_live

studio = allow(Role.MEMBER, Role.LEAD)


@bp.get("/studio/sessions")
@studio
def sessions() -> ResponseReturnValue:
    """The sessions of one's own alliances."""
    state = request.args.get("state")
    page = cards.own_sessions(get_actor(), state, page_number(request.args.get("page")))
    return render_template(
        "live/sessions.html",
        sessions=page,
        state=state if state in set(SessionState) else "",
    )


@bp.route("/studio/sessions/new", methods=["GET", "POST"])
@studio
def new_session() -> ResponseReturnValue:
    """Plan a session for one's own alliance."""
    actor = get_actor()
    alliance_id = _alliance(actor)
    form = SessionForm(data={"host_id": str(actor.account_id), "place": "room"})
    _offer_choices(form, alliance_id)
    if form.validate_on_submit():
        try:
            with transaction():
                planned = plan_session(
                    alliance_id, form.to_draft(), by=actor.account_id
                )
                target = planned.id
        except DomainError as error:
            return _form_page(form, None, error)
        flash(_("直播安排好了，到时间点“开播”。"), "ok")
        return redirect(url_for("live.console", session_id=target), 303)
    return _form_page(form, None)


@bp.route("/studio/sessions/<id:session_id>/edit", methods=["GET", "POST"])
@studio
def edit_session(session_id: int) -> ResponseReturnValue:
    """Change a planned session."""
    actor = get_actor()
    run(actor, session_id)
    room = rooms.get_studio_room(actor, session_id)
    form = SessionForm(data=_typed(room.session))
    _offer_choices(form, room.session.alliance_id)
    if form.validate_on_submit():
        try:
            with transaction():
                session = run(actor, session_id)
                change_session(session, form.to_draft(), by=actor.account_id)
        except DomainError as error:
            return _form_page(form, room, error)
        flash(_("改好了。"), "ok")
        return redirect(url_for("live.console", session_id=session_id), 303)
    return _form_page(form, room)


@bp.get("/studio/sessions/<id:session_id>/console")
@studio
def console(session_id: int) -> ResponseReturnValue:
    """Go live, pin and unpin, end."""
    return _console_page(session_id, CancelForm())


@bp.post("/studio/sessions/<id:session_id>/start")
@studio
def start(session_id: int) -> ResponseReturnValue:
    """Go live."""
    actor = get_actor()
    with transaction():
        go_live(run(actor, session_id), by=actor.account_id)
    return done(session_id)


@bp.post("/studio/sessions/<id:session_id>/end")
@studio
def end(session_id: int) -> ResponseReturnValue:
    """End a running session."""
    actor = get_actor()
    with transaction():
        live_running.end(run(actor, session_id), by=actor.account_id)
    flash(_("直播结束了，辛苦！"), "ok")
    return done(session_id)


@bp.post("/studio/sessions/<id:session_id>/cancel")
@studio
def cancel(session_id: int) -> ResponseReturnValue:
    """Call a planned session off."""
    actor = get_actor()
    form = CancelForm()
    if not form.validate_on_submit():
        return _console_page(session_id, form)
    with transaction():
        live_running.cancel(
            run(actor, session_id), by=actor.account_id, reason=form.reason.data
        )
    return done(session_id)


@bp.post("/studio/sessions/<id:session_id>/pins")
@studio
def pin(session_id: int) -> ResponseReturnValue:
    """Show one product of the line-up."""
    actor = get_actor()
    form = PinForm()
    if not form.validate_on_submit():
        abort(400)
    with transaction():
        live_running.pin(
            run(actor, session_id), form.product_id.data, by=actor.account_id
        )
    return done(session_id)


@bp.post("/studio/sessions/<id:session_id>/pins/clear")
@studio
def unpin(session_id: int) -> ResponseReturnValue:
    """Show nothing."""
    actor = get_actor()
    with transaction():
        live_running.unpin(run(actor, session_id), by=actor.account_id)
    return done(session_id)


def run(actor: Actor, session_id: int) -> LiveSession:
    """The session to change, refused to members who neither host nor lead."""
    session = rooms.get_own_session(actor, session_id)
    if not rooms.may_run(actor, session):
        raise NotTheHost()
    return session


def done(session_id: int) -> ResponseReturnValue:
    """Back to the console; a script that asked stays where it is."""
    if wants_json():
        return "", 204
    return redirect(url_for("live.console", session_id=session_id), 303)


def _alliance(actor: Actor) -> int:
    """The alliance chosen in the address, else the first of one's own."""
    own: list[int] = [row.id for row in planning.alliance_choices(actor)]
    if not own:
        raise Forbidden()
    wanted = request.args.get("alliance", "")
    return next((one for one in own if str(one) == wanted), own[0])


def _offer_choices(form: SessionForm, alliance_id: int) -> None:
    hosts = [
        (str(row.id), _host_label(row)) for row in planning.host_choices(alliance_id)
    ]
    form.offer(hosts, planning.product_choices(alliance_id))


def _host_label(row: AnyRow) -> str:
    if row.certified_until is None:
        return str(_("%(name)s（还没有主播证）", name=row.name))
    day = local_date(row.certified_until)
    return str(_("%(name)s（主播证到 %(day)s）", name=row.name, day=day))


def _typed(session: AnyRow) -> dict[str, Any]:
    return {
        "title": session.title,
        "summary": session.summary,
        "place": session.place,
        "room_url": session.room_url,
        "starts_on": local_day(session.starts_at),
        "starts_time": session.starts_at.astimezone(SHANGHAI).time(),
        "host_id": str(session.host_id),
        "product_ids": [str(one) for one in planning.line_up_ids(session.id)],
    }


def _form_page(
    form: SessionForm, room: rooms.Room | None, error: DomainError | None = None
) -> ResponseReturnValue:
    if error is not None:
        form.form_errors.append(say(error))
    status = error.status if isinstance(error, Conflict) else form.status
    return render_template("live/session_form.html", form=form, room=room), status


def _console_page(session_id: int, form: CancelForm) -> ResponseReturnValue:
    actor = get_actor()
    now_ms = millis(now())
    room = rooms.get_studio_room(actor, session_id)
    may_run = rooms.may_run(actor, room.session)
    replay = replays.replay_of(room.session)
    page = render_template(
        "live/console.html",
        room=room,
        session=room.session,
        moments=rooms.timeline(session_id),
        may_run=may_run,
        stream=_stream(actor, session_id) if may_run else {},
        form=form,
        figures=planning.session_figures(session_id),
        talk=room.talk,
        host_author=host_author(room.session),
        ticket_url=url_for("live.host_ticket", session_id=session_id),
        replay=replay,
        is_replay_coming=replay is None and replays.is_replay_coming(room.session),
        now_ms=now_ms,
    )
    return page, form.status


def _stream(actor: Actor, session_id: int) -> Addresses:
    """Where a streaming program goes, on the page too: it needs no script."""
    return running(current_settings(), rooms.get_own_session(actor, session_id))
