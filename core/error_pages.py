"""Every error as a page in the design, or as JSON for those who ask for it."""

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WerkzeugMethodNotAllowed

from core.database import db
from core.errors import (
    BadRequest,
    DomainError,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    TooMany,
    Unavailable,
)
from core.i18n import say

log = structlog.get_logger("tianbo")

PAGES: dict[int, type[DomainError]] = {
    400: BadRequest,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    429: TooMany,
    503: Unavailable,
}


def init_error_pages(app: Flask) -> None:
    """Register one handler for rules that said no, and one for the rest."""
    app.register_error_handler(DomainError, show_domain_error)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(Exception, show_failure)


def show_domain_error(error: DomainError) -> ResponseReturnValue:
    """Answer a DomainError with its status and its sentence."""
    return _answer(error, error.status)


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """Answer Werkzeug's errors in our words; redirects pass through."""
    if error.code is None or error.code < 400:
        return error.get_response()
    kind = PAGES.get(error.code, BadRequest if error.code < 500 else Unavailable)
    response = _answer(_without_details(kind), error.code)
    if isinstance(error, WerkzeugMethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(error.valid_methods)
    return response


def _without_details(kind: type[DomainError]) -> DomainError:
    return TooMany(retry_after_s=60) if kind is TooMany else kind()


def _answer(error: DomainError, status: int) -> Response:
    db.session.rollback()
    if wants_json():
        response = jsonify({"error": error.code, "message": say(error)})
    else:
        page = render_template(
            "errors/error.html", status=status, message=say(error), code=error.code
        )
        response = make_response(page)
    response.status_code = status
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def show_failure(error: Exception) -> ResponseReturnValue:
    """Answer the unexpected with a page that needs nothing, and log it."""
    db.session.rollback()
    log.error("request failed", endpoint=request.endpoint, exc_info=error)
    if wants_json():
        return jsonify({"error": "failure", "message": "internal error"}), 500
    return render_template("errors/500.html"), 500


def wants_json() -> bool:
    """Whether the caller is a program."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" or request.path.startswith("/api/")
