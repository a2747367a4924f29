"""What alliance members plan: their sessions, each with its form."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import attempt
from blueprints.live.forms import SessionForm, typed
from blueprints.nouns import live as bp
from core.access import Actor, allow, get_actor
from core.database import AnyRow
from core.errors import Forbidden
from core.i18n import gettext as _
from core.pages.filters import local_date
from core.pages.paging import page_number
from domain.live import SessionState
from domain.roles import STUDIO_ROLES
from queries.live import cards, planning, rooms
from services.live.planning import change_session, plan_session

studio = allow(*STUDIO_ROLES)


@bp.get("/studio/sessions")
@studio
def sessions() -> ResponseReturnValue:
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
    actor = get_actor()
    alliance_id = _alliance(actor)
    form = SessionForm(data={"host_id": str(actor.account_id), "place": "room"})
    _offer_choices(form, alliance_id)
    planned = attempt(form, lambda: plan_session(actor, alliance_id, form.to_draft()))
    if planned is None:
        return _form_page(form, None)
    flash(_("直播安排好了，到时间点“开播”。"), "ok")
    return redirect(url_for("live.console", session_id=planned.value), 303)


@bp.route("/studio/sessions/<id:session_id>/edit", methods=["GET", "POST"])
@studio
def edit_session(session_id: int) -> ResponseReturnValue:
    actor = get_actor()
    room = rooms.get_own_room(actor, session_id)
    form = SessionForm(data=typed(room.session, planning.line_up_ids(session_id)))
    _offer_choices(form, room.session.alliance_id)
    if not attempt(form, lambda: change_session(actor, session_id, form.to_draft())):
        return _form_page(form, room)
    flash(_("改好了。"), "ok")
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


def _form_page(form: SessionForm, room: rooms.Room | None) -> ResponseReturnValue:
    page = render_template("live/session_form.html", form=form, room=room)
    return page, form.status
