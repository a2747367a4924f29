"""Front page, language and type size, health."""

from flask import current_app, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from blueprints.catalogue.pages import newest_trace
from blueprints.nouns import home as bp
from core.access import public
from core.config import current_settings
from core.database import forget_reads
from core.i18n import LANGUAGE_COOKIE, LANGUAGES
from core.web.addresses import safe_next
from core.web.page_cache import kept_page
from domain.categories import Category
from integrations.media_server import find_media_http
from queries.catalogue.shop import newest_on_sale, villages_selling
from queries.live import cards
from queries.outbox import oldest_waiting_job_s
from queries.payments import provider_away

YEAR_S = 365 * 86_400
NO_PAGES = frozenset({"bundle", "static"})
LONGEST_QUEUE_AGE_S = 600
SESSIONS_SHOWN, PRODUCTS_SHOWN, VILLAGES_SHOWN = 3, 8, 8


@bp.get("/")
@public
@kept_page
def index() -> ResponseReturnValue:
    """What is live, what comes next, what is fresh, and where it comes from."""
    return render_template(
        "home/index.html",
        on_air=cards.sessions_on_air(),
        to_come=cards.sessions_to_come(SESSIONS_SHOWN),
        day_heading=cards.day_heading,
        shelves=tuple(Category)[:-1],
        cards=newest_on_sale(PRODUCTS_SHOWN),
        villages=tuple(villages_selling()[:VILLAGES_SHOWN]),
        **newest_trace(),
    )


@bp.post("/preferences")
@public
def preferences() -> ResponseReturnValue:
    """Remember language and type size in this browser."""
    back = safe_next(request.form.get("next"), refused=NO_PAGES)
    response = redirect(back, 303)
    chosen = {
        LANGUAGE_COOKIE: (request.form.get("lang"), LANGUAGES),
        "size": (request.form.get("size"), ("standard", "large")),
    }
    for name, (value, allowed) in chosen.items():
        if value in allowed:
            response.set_cookie(
                name,
                value,
                max_age=YEAR_S,
                samesite="Lax",
                httponly=True,
                secure=current_app.config["TIANBO"].secure_cookies,
            )
    return response


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process answers. Asks nothing of the database."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """The database answers, the worker keeps up, and the media server is there.

    A payment provider that is away is told, and changes nothing: all else goes on.
    """
    try:
        age = oldest_waiting_job_s()
        payments = "down" if provider_away() else "ok"
    except SQLAlchemyError:
        return jsonify(status="no database"), 503
    forget_reads()
    media = _media_status()
    if media == "down":
        status = "no media"
    else:
        status = "ok" if age < LONGEST_QUEUE_AGE_S else "late"
    body = {
        "status": status,
        "queue_age_s": age,
        "media": media,
        "payments": payments,
    }
    return jsonify(body), 200 if status == "ok" else 503


def _media_status() -> str:
    """`off` in a house without a media server, else `ok` or `down`."""
    media = find_media_http(current_settings())
    if media is None:
        return "off"
    return "ok" if media.is_up() else "down"
