"""What everyone sees: the schedule and a session's page."""

import re
from urllib.parse import urljoin

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.live import bp
from blueprints.live.authors import find_author, host_author
from blueprints.live.forms import PLACE_NAMES
from blueprints.live.talk_forms import TalkForm
from core.access import find_actor, public
from core.clock import now
from core.config import current_settings
from core.errors import NotFound
from core.paging import page_number
from core.qr import qr_svg
from domain.live_replay import clock_of
from queries import live
from services.live import millis

NUMBER = re.compile(r"[0-9]{1,9}")

bp.add_app_template_filter(clock_of)


@bp.get("/live")
@public
def index() -> ResponseReturnValue:
    """Running, coming and past sessions."""
    return render_template(
        "live/index.html",
        on_air=live.sessions_on_air(),
        to_come=live.sessions_to_come(12),
        past=live.sessions_past(page_number(request.args.get("page"))),
        place_names=PLACE_NAMES,
        day_heading=live.day_heading,
    )


@bp.get("/live/<slug>")
@public
def show(slug: str) -> ResponseReturnValue:
    """A session's page; what it says of price and stock is what the shop has."""
    return room_page(slug, TalkForm())


@bp.get("/live/<slug>/replay")
@public
def replay(slug: str) -> ResponseReturnValue:
    """The recording itself; `at` is a pin's number and leads to its second."""
    found = live.replay_of(live.get_session(slug))
    if found is None:
        raise NotFound()
    chapter = found.find_chapter(_pin_number())
    return redirect(f"{found.url}#t={chapter.at_s}" if chapter else found.url, 303)


def room_page(slug: str, form: TalkForm, problem: str = "") -> str:
    """A session's page; form and problem: what was said, and why it was refused."""
    now_ms = millis(now())
    room = live.get_room(slug)
    page = urljoin(current_settings().public_url, url_for("live.show", slug=slug))
    replay = live.replay_of(room.session)
    return render_template(
        "live/show.html",
        room=room,
        session=room.session,
        moments=live.timeline(room.session.id),
        place_names=PLACE_NAMES,
        code=qr_svg(room.session.room_url or page),
        is_mine=live.may_run(find_actor(), room.session),
        talk=room.talk,
        talk_form=form,
        talk_problem=problem,
        me=find_author(room.session.id),
        host_author=host_author(room.session),
        ticket_url=url_for("live.ticket", slug=slug),
        replay=replay,
        is_replay_coming=replay is None and live.is_replay_coming(room.session),
        now_ms=now_ms,
    )


def _pin_number() -> int:
    """The number in the address; 0, which is before every pin, for what is none."""
    text = request.args.get("at", "")
    return int(text) if NUMBER.fullmatch(text) else 0
