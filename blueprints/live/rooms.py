"""What everyone sees: the schedule and a session's page."""

import re
from urllib.parse import urljoin

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.live.authors import find_author, host_author
from blueprints.live.talk_forms import TalkForm
from blueprints.nouns import live as bp
from core.access import find_actor, public
from core.clock import now
from core.config import current_settings
from core.errors import NotFound
from core.pages.paging import page_number
from core.pages.pictures import qr_svg
from core.web.page_cache import kept_page
from domain.live import Platform, SessionState
from domain.live_replay import clock_of
from queries.live import cards, replays, rooms
from services.live.announcing import millis

NUMBER = re.compile(r"[0-9]{1,9}")

bp.add_app_template_filter(clock_of)
bp.add_app_template_global(Platform, "Platform")
bp.add_app_template_global(SessionState, "SessionState")


@bp.get("/live")
@public
@kept_page
def index() -> ResponseReturnValue:
    """Running, coming and past sessions."""
    return render_template(
        "live/index.html",
        on_air=cards.sessions_on_air(),
        to_come=cards.sessions_to_come(12),
        past=cards.sessions_past(page_number(request.args.get("page"))),
        day_heading=cards.day_heading,
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
    found = replays.replay_of(rooms.get_session(slug))
    if found is None:
        raise NotFound()
    chapter = found.find_chapter(_pin_number())
    return redirect(f"{found.url}#t={chapter.at_s}" if chapter else found.url, 303)


def room_page(slug: str, form: TalkForm, problem: str = "") -> str:
    """A session's page; form and problem: what was said, and why it was refused."""
    now_ms = millis(now())
    room = rooms.get_room(slug)
    page = urljoin(current_settings().public_url, url_for("live.show", slug=slug))
    replay = replays.replay_of(room.session)
    return render_template(
        "live/show.html",
        room=room,
        session=room.session,
        moments=rooms.timeline(room.session.id),
        code=qr_svg(room.session.room_url or page),
        is_mine=rooms.may_run(find_actor(), room.session),
        talk=room.talk,
        talk_form=form,
        talk_problem=problem,
        me=find_author(room.session.id),
        host_author=host_author(room.session),
        ticket_url=url_for("live.ticket", slug=slug),
        replay=replay,
        is_replay_coming=replay is None and replays.is_replay_coming(room.session),
        now_ms=now_ms,
    )


def _pin_number() -> int:
    """The number in the address; 0, which is before every pin, for what is none."""
    text = request.args.get("at", "")
    return int(text) if NUMBER.fullmatch(text) else 0
