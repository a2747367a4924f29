"""One JSON line a request and an event, without personal data.

Paths are logged as route rules, so that tokens, codes and numbers in addresses do
not reach the log; query strings and bodies never do. Errors are logged by kind and
place: what they say may quote a phone, a name or a database row.
"""

import json
import logging
import re
import sys
import time
import uuid
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from traceback import format_tb
from typing import Any

import structlog
from flask import Flask, Response, g, request
from jinja2 import TemplateError

log = structlog.get_logger("tianbo")

# Their words are about code, never about what people entered.
SPEAKABLE = (AttributeError, ImportError, NameError, TemplateError, TypeError)
LONG_NUMBER = re.compile(r"\d{6,}")


def configure_logs() -> None:
    """Write structured lines to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LibraryLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _describe_error,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_names: ErrorStream(),
        cache_logger_on_first_use=False,
    )


class ErrorStream:
    """Writes to standard error; on a full disk a line is lost, and not the work."""

    def msg(self, line: str) -> None:
        """Write a line at once, so that lines of threads do not mix."""
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = msg


class LibraryLines(logging.Formatter):
    """What libraries log, in the same form: long numbers and errors' words left out."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON line for a record of the standard library's logging."""
        line = {
            "logger": record.name,
            "event": LONG_NUMBER.sub("…", record.getMessage()),
            "level": record.levelname.lower(),
        }
        if record.exc_info and record.exc_info[1]:
            line |= describe(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def describe(error: BaseException) -> dict[str, str]:
    """What an error is and where it arose, without the values it was about."""
    said = f": {error}" if isinstance(error, SPEAKABLE) else ""
    kinds = " from ".join(type(link).__name__ for link in _chain(error))
    return {
        "error": f"{kinds}{LONG_NUMBER.sub('…', said)}",
        "where": "".join(format_tb(error.__traceback__)),
    }


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__


def _describe_error(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exception()
    if isinstance(error, BaseException):
        event.update(describe(error))
    return event


def init_request_log(app: Flask) -> None:
    """Log each request's route, status and time."""

    @app.before_request
    def start_clock() -> None:
        g.started = time.perf_counter()
        g.request_id = uuid.uuid4().hex[:12]

    @app.after_request
    def write_line(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.get("request_id", "")
        if request.endpoint not in ("static", "bundle", "home.healthz"):
            rule = request.url_rule.rule if request.url_rule else "(no route)"
            seconds = time.perf_counter() - g.get("started", time.perf_counter())
            log.info(
                "request",
                request_id=g.get("request_id"),
                method=request.method,
                route=rule,
                status=response.status_code,
                ms=round(seconds * 1000, 1),
            )
        return response
