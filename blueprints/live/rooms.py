"""What everyone sees: the schedule and a session's page."""

from urllib.parse import urljoin

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.live import bp
from blueprints.live.forms import PLACE_NAMES
from core.access import find_actor, public
from core.paging import page_number
from core.qr import qr_svg
from queries import live


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
    room = live.get_room(slug)
    page = urljoin(
        current_app.config["TIANBO"].public_url, url_for("live.show", slug=slug)
    )
    return render_template(
        "live/show.html",
        room=room,
        session=room.session,
        moments=live.timeline(room.session.id),
        place_names=PLACE_NAMES,
        code=qr_svg(room.session.room_url or page),
        is_mine=live.may_run(find_actor(), room.session),
    )
