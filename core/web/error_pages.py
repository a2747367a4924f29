"""Every error as a page in the design, or as JSON for those who ask for it."""

import structlog
from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError
from werkzeug.exceptions import MethodNotAllowed as WerkzeugMethodNotAllowed

from core.database import db, is_out_of_reach
from core.errors import (
    BadRequest,
    DomainError,
    Failure,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    TooMany,
    Unavailable,
)
from core.i18n import say

log = structlog.get_logger("tianbo")

RETRY_AFTER_S = 30
PAGES: dict[int, type[DomainError]] = {
    400: BadRequest,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    429: TooMany,
    500: Failure,
    503: Unavailable,
}


def init_error_pages(app: Flask) -> None:
    """Register one handler for rules that said no, and one for the rest."""
    app.register_error_handler(DomainError, show_domain_error)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(Exception, show_failure)
    app.log_exception = _say_nothing  # type: ignore[method-assign]


def show_domain_error(error: DomainError) -> ResponseReturnValue:
    """Answer a DomainError with its status and its sentence."""
    return _answer(error, error.status)


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """Answer Werkzeug's errors in our words; redirects pass through."""
    if error.code is None or error.code < 400:
        return error.get_response()
    if isinstance(error, InternalServerError):
        return show_failure(error.original_exception or error)
    if isinstance(error, SecurityError):
        return _plain_answer(BadRequest(), 400)
    kind = PAGES.get(error.code, BadRequest if error.code < 500 else Unavailable)
    response = _answer(_without_details(kind), error.code)
    if isinstance(error, WerkzeugMethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(error.valid_methods)
    return response


def show_failure(error: BaseException) -> ResponseReturnValue:
    """Answer the unexpected with a page that needs nothing, and log it."""
    log.error(
        "request failed",
        request_id=g.get("request_id"),
        endpoint=request.endpoint,
        exc_info=error,
    )
    if is_out_of_reach(error):
        return _plain_answer(Unavailable(), 503)
    return _plain_answer(Failure(), 500)


def _say_nothing(exc_info: object) -> None:
    """Flask's own note of a failure would hold the path and the error's words."""


def _without_details(kind: type[DomainError]) -> DomainError:
    return TooMany(retry_after_s=60) if kind is TooMany else kind()


def _answer(error: DomainError, status: int) -> Response:
    db.session.rollback()
    if wants_json():
        response = _json(error)
    else:
        page = render_template(
            "errors/error.html", status=status, message=say(error), code=error.code
        )
        response = make_response(page)
    return _finish(response, error, status)


def _plain_answer(error: DomainError, status: int) -> Response:
    """The page asks nothing: neither the database nor who reads it, nor any route."""
    db.session.rollback()
    if wants_json():
        response = _json(error)
    else:
        page = current_app.jinja_env.get_template("errors/plain.html")
        response = make_response(page.render(status=status))
    return _finish(response, error, status)


def _json(error: DomainError) -> Response:
    return jsonify({"error": error.code, "message": say(error)})


def _finish(response: Response, error: DomainError, status: int) -> Response:
    response.status_code = status
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after_s)
    elif status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def wants_json() -> bool:
    """Whether the caller is a program."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" or request.path.startswith("/api/")
