"""Checkouts that come too late, answered before Flask: decisions/0021.

When a flash sale is over most of its buyers are still to come. Whether anything of a
cart is left takes one SELECT; the page is the same for all but for what they typed, so
it is rendered once. Whoever can be served, or is logged in, goes on to the view, which
decides; and so does whatever is out of the ordinary.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from http.cookies import CookieError, SimpleCookie
from io import BytesIO
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qsl

from flask import Flask
from sqlalchemy import Engine

from blueprints.fields import is_request_id
from core.clock import now
from core.engines.aside import Aside
from core.gathered_log import add_line
from core.web.page_cache import OF_ONE_ANSWER
from models.columns import digest_of
from queries.orders.wanted import left_of_cart

PATH = "/checkout"
PAGE = "tianbo.late_page"
MARK = "<!-- typed -->"
"""Where the template wants what was typed."""

LONGEST_FORM = 16 * 1024
MOST_PAGES = 200
OWN = ("same-origin", "none")
PREFERENCES = ("lang", "size")


def carry(page: str, typed: Mapping[str, str], names: Iterable[str]) -> str:
    """The page with what was typed under `names` in its form."""
    inputs = [
        f'<input type="hidden" name="{name}" value="{escape(typed[name])}">'
        for name in names
        if name in typed
    ]
    return page.replace(MARK, "".join(inputs))


@dataclass(frozen=True)
class LatePage:
    """The page of these boxes, as the view answered it; MARK stands in it."""

    headers: Sequence[tuple[str, str]]
    text: str


@dataclass(frozen=True)
class Ask:
    """A guest's checkout as it was sent. context: what else the page depends on."""

    token: str
    typed: Mapping[str, str]
    context: tuple[str, ...]


class LateBuyers:
    """A WSGI app that answers those who come too late, and asks `app` for the rest."""

    def __init__(
        self, app: Any, engine: Engine, *, names: Iterable[str], session_cookie: str
    ):
        self._app = app
        self._names = tuple(names)
        self._session_cookie = session_cookie
        self._aside = Aside(engine)
        self._question = left_of_cart(engine.dialect)
        self._pages: dict[tuple[str, ...], LatePage] = {}

    def __call__(
        self, environ: dict[str, Any], start: Callable[..., Any]
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or environ["PATH_INFO"] != PATH:
            return self._app(environ, start)  # type: ignore[no-any-return]
        started = time.perf_counter()
        ask = _read(environ, self._session_cookie)
        boxes = self._gone(ask) if ask else ()
        if ask is None or not boxes:
            return self._app(environ, start)  # type: ignore[no-any-return]
        key = (*ask.context, *boxes)
        page = self._pages.get(key)
        if page is None:
            return self._render(key, environ, start)
        text = carry(page.text, ask.typed, self._names)
        return _answer(page, text.encode(), start, started)

    def close(self) -> None:
        """Give the connection back; the next question opens another."""
        self._aside.close()

    def _gone(self, ask: Ask) -> Sequence[str]:
        """What is in the cart, by name, when all of it is gone and nothing is known."""
        values = self._question.values(
            token_digest=digest_of(ask.token), request_id=ask.typed["request_id"]
        )
        rows = self._aside.ask(self._question.text, values) or ()
        if any(stock or is_known for _name, _box, stock, is_known in rows):
            return ()
        return [f"{name} {box}" for name, box, _stock, _is_known in rows]

    def _render(
        self, key: tuple[str, ...], environ: dict[str, Any], start: Callable[..., Any]
    ) -> Iterable[bytes]:
        said: list[Any] = []

        def listen(status: str, headers: Any, *more: Any) -> Any:
            said[:] = headers
            return start(status, headers, *more)

        answer: Iterable[bytes] = self._app(environ, listen)
        page = environ.get(PAGE)
        if page is not None and not any(name == "Set-Cookie" for name, _is in said):
            kept = [pair for pair in said if pair[0].lower() not in OF_ONE_ANSWER]
            if len(self._pages) >= MOST_PAGES:
                self._pages.clear()
            self._pages[key] = LatePage(kept, page)
        return answer


def init_late_buyers(app: Flask, engine: Engine, names: Iterable[str]) -> LateBuyers:
    """Stand before `app`. names: of the fields that the page carries along."""
    cookie = app.config["SESSION_COOKIE_NAME"]
    late = LateBuyers(app.wsgi_app, engine, names=names, session_cookie=cookie)
    app.wsgi_app = late  # type: ignore[method-assign,assignment]
    return late


def _read(environ: dict[str, Any], session_cookie: str) -> Ask | None:
    """A guest's plain form from a page of ours, left to be read again; else None."""
    length = environ.get("CONTENT_LENGTH") or ""
    is_plain = environ.get("CONTENT_TYPE") == "application/x-www-form-urlencoded"
    is_short = length.isascii() and length.isdigit() and int(length) <= LONGEST_FORM
    if not (is_plain and is_short and environ.get("HTTP_SEC_FETCH_SITE") in OWN):
        return None
    try:
        cookies = SimpleCookie(environ.get("HTTP_COOKIE", ""))
    except CookieError:
        return None
    if "visitor" not in cookies or session_cookie in cookies:
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    typed = _typed(body)
    if "quote" in typed or not is_request_id(typed.get("request_id", "")):
        return None
    context = (
        environ["wsgi.url_scheme"],
        environ.get("HTTP_HOST", ""),
        environ.get("SCRIPT_NAME", ""),
        *(cookies[name].value[:10] if name in cookies else "" for name in PREFERENCES),
    )
    return Ask(cookies["visitor"].value, typed, context)


def _typed(body: bytes) -> Mapping[str, str]:
    """The first of each field, as Flask takes them."""
    typed: dict[str, str] = {}
    pairs = parse_qsl(body.decode("ascii", "replace"), True, errors="replace")
    for name, value in pairs:
        typed.setdefault(name, value)
    return typed


def _answer(
    page: LatePage, body: bytes, start: Callable[..., Any], started: float
) -> list[bytes]:
    request_id = token_hex(6)
    own = [("X-Request-ID", request_id), ("Content-Length", str(len(body)))]
    start("409 CONFLICT", [*page.headers, *own])
    add_line(
        f'{{"request_id": "{request_id}", "method": "POST", "route": "{PATH}", '
        f'"status": 409, "ms": {(time.perf_counter() - started) * 1000:.1f}, '
        '"kept": true, "event": "request", "level": "info", '
        f'"timestamp": "{now():%Y-%m-%dT%H:%M:%S.%fZ}"}}'
    )
    return [body]
