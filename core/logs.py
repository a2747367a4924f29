"""One JSON line a request and an event, without personal data.

Paths are logged as route rules, so that tokens, codes and numbers in addresses do
not reach the log; query strings and bodies never do.
"""

import logging
import sys
import time
import uuid

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger("tianbo")


def configure_logs() -> None:
    """Write structured lines to standard error."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def init_request_log(app: Flask) -> None:
    """Log each request's route, status and time."""

    @app.before_request
    def start_clock() -> None:
        g.started = time.perf_counter()
        g.request_id = uuid.uuid4().hex[:12]

    @app.after_request
    def write_line(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.get("request_id", "")
        if request.endpoint not in ("static", "home.healthz"):
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
