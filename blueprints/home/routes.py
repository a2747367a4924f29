"""Front page, language and type size, health."""

from flask import Blueprint, current_app, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from core.access import public
from core.database import db
from core.i18n import LANGUAGE_COOKIE, LANGUAGES
from core.outside import safe_next
from queries.health import oldest_waiting_job_s

bp = Blueprint("home", __name__)

YEAR_S = 365 * 86_400
LONGEST_QUEUE_AGE_S = 600


@bp.get("/")
@public
def index() -> ResponseReturnValue:
    return render_template("home/index.html")


@bp.post("/preferences")
@public
def preferences() -> ResponseReturnValue:
    """Remember language and type size in this browser."""
    response = redirect(safe_next(request.form.get("next")), 303)
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
    """The database answers and the worker keeps up."""
    db.session.execute(text("SELECT 1"))
    age = oldest_waiting_job_s()
    ready = age < LONGEST_QUEUE_AGE_S
    body = {"status": "ok" if ready else "late", "queue_age_s": age}
    return jsonify(body), 200 if ready else 503
