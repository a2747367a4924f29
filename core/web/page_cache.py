"""Whole pages kept for visitors without a session, outermost, before Flask.

A page is as old as what the database held when it was rendered: whatever is written
anywhere makes it anew, at the latest CHECK_S later. Pages say nothing of who reads
them but language and type size; whoever has a session or a cart gets a page of theirs.
"""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from secrets import token_hex
from threading import Lock
from typing import Any, TypeAlias, TypeVar

from flask import Flask, current_app, request

from core.clock import now
from core.engines.versions import DataVersion
from core.gathered_log import add_line
from core.web.packing import Packed, pick_encoding

Environ: TypeAlias = dict[str, Any]
StartResponse: TypeAlias = Callable[..., Any]
Key: TypeAlias = tuple[str, ...]
View = TypeVar("View", bound=Callable[..., object])

KEEP = "tianbo_kept_page"
ROUTE = "tianbo.kept_route"
CHECK_S = 0.1
LONGEST_S = 10.0
"""What depends on the hour, such as a session about to begin, is no older."""

MOST_BYTES = 64 * 1024 * 1024
LONGEST_ADDRESS = 500
OF_ONE_ANSWER = frozenset({"content-length", "x-request-id"})
LOG_LINE = {"kept": True, "event": "request", "level": "info"}


def kept_page(view: View) -> View:
    """Mark a public view whose page is the same for every visitor without a session.

    It must hold no id of one request: all its readers would send the same.
    """
    setattr(view, KEEP, True)
    return view


@dataclass(frozen=True)
class KeptPage:
    """A rendered page."""

    version: object
    until: float
    headers: Sequence[tuple[str, str]]
    etag: str
    text: Packed
    log_line: str


class PageCache:
    """A WSGI app that answers what it keeps, and asks `app` for the rest."""

    def __init__(self, app: Any, version: DataVersion, own_cookies: Iterable[str]):
        self._app = app
        self._version = version
        self._own_cookies = tuple(f"{name}=" for name in own_cookies)
        self._pages: dict[Key, KeptPage] = {}
        self._rendering: dict[Key, Lock] = {}
        self._lock = Lock()
        self._bytes = 0

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        key = self._key(environ)
        version = self._version.read(CHECK_S) if key else None
        if key is None or version is None:
            return self._app(environ, start)  # type: ignore[no-any-return]
        started = time.perf_counter()
        page = self._find(key, version)
        if page is None:
            return self._render(key, version, environ, start)
        return _answer(page, environ, start, started)

    def _key(self, environ: Environ) -> Key | None:
        """What a page depends on; None for what is never kept."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return None
        cookies = environ.get("HTTP_COOKIE", "")
        if any(name in cookies for name in self._own_cookies):
            return None
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        if len(path) + len(query) > LONGEST_ADDRESS:
            return None
        return (
            environ["wsgi.url_scheme"],
            environ.get("HTTP_HOST", ""),
            environ.get("SCRIPT_NAME", ""),
            path,
            query,
            *_preferences(cookies),
        )

    def _find(self, key: Key, version: object) -> KeptPage | None:
        """Without the lock: a thread that waits costs more than the whole answer."""
        page = self._pages.get(key)
        if page and page.version == version and page.until > time.monotonic():
            return page
        return None

    def _render(
        self, key: Key, version: object, environ: Environ, start: StartResponse
    ) -> Iterable[bytes]:
        """Ask the app; one thread for each page, the others find what it kept."""
        with self._lock:
            turn = self._rendering.setdefault(key, Lock())
        try:
            with turn:
                started = time.perf_counter()
                page = self._find(key, version)
                if page is not None:
                    return _answer(page, environ, start, started)
                return self._ask(key, version, environ, start)
        finally:
            with self._lock:
                self._rendering.pop(key, None)

    def _ask(
        self, key: Key, version: object, environ: Environ, start: StartResponse
    ) -> Iterable[bytes]:
        said: list[Any] = []

        def listen(status: str, headers: Any, exc_info: Any = None) -> Any:
            said[:] = [status, headers]
            return start(status, headers, *([exc_info] if exc_info else []))

        answer = self._app(environ, listen)
        if not _may_be_kept(environ, said):
            return answer  # type: ignore[no-any-return]
        try:
            body = b"".join(answer)
        finally:
            getattr(answer, "close", lambda: None)()
        self._keep(key, _page(version, environ[ROUTE], said[1], body))
        return [body]

    def _keep(self, key: Key, page: KeptPage) -> None:
        with self._lock:
            if key in self._pages:
                self._drop(key)
            self._pages[key] = page
            self._bytes += page.text.size
            while self._bytes > MOST_BYTES:  # the oldest: each lives for seconds
                self._drop(next(iter(self._pages)))

    def _drop(self, key: Key) -> None:
        self._bytes -= self._pages.pop(key).text.size


def init_page_cache(
    app: Flask, version: DataVersion, own_cookies: Iterable[str]
) -> None:
    """Keep the pages of views marked `kept_page`.

    own_cookies: whoever sends one of these gets pages of their own.
    """

    @app.before_request
    def tell_the_cache() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        if getattr(view, KEEP, False) and request.url_rule:
            request.environ[ROUTE] = request.url_rule.rule

    cache = PageCache(app.wsgi_app, version, own_cookies)
    app.wsgi_app = cache  # type: ignore[method-assign,assignment]


def _preferences(cookies: str) -> tuple[str, str]:
    """Language and type size: all of a visitor that a page depends on."""
    sent = dict(part.strip().partition("=")[::2] for part in cookies.split(";"))
    return sent.get("lang", "")[:10], sent.get("size", "")[:10]


def _may_be_kept(environ: Environ, said: Sequence[Any]) -> bool:
    """Whether a marked view answered a whole page and told the browser nothing else."""
    if ROUTE not in environ or environ["REQUEST_METHOD"] != "GET" or not said:
        return False
    names = {name.lower() for name, _value in said[1]}
    return said[0].startswith("200") and "set-cookie" not in names


def _page(
    version: object, route: str, headers: Iterable[tuple[str, str]], body: bytes
) -> KeptPage:
    etag = f'W/"{blake2b(body, digest_size=12).hexdigest()}"'
    shown = [pair for pair in headers if pair[0].lower() not in OF_ONE_ANSWER]
    return KeptPage(
        version=version,
        until=time.monotonic() + LONGEST_S,
        headers=[*shown, ("ETag", etag), ("Vary", "Accept-Encoding")],
        etag=etag,
        text=Packed(body),
        log_line=json.dumps(LOG_LINE | {"route": route}, ensure_ascii=False)[1:-1],
    )


def _answer(
    page: KeptPage, environ: Environ, start: StartResponse, started: float
) -> Iterable[bytes]:
    request_id = token_hex(6)
    headers = [*page.headers, ("X-Request-ID", request_id)]
    if page.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
        status, body = 304, b""
    else:
        encoding = pick_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        status, body = 200, page.text.body(encoding)
        if encoding:
            headers.append(("Content-Encoding", encoding))
        headers.append(("Content-Length", str(len(body))))
    start("200 OK" if status == 200 else "304 NOT MODIFIED", headers)
    method = environ["REQUEST_METHOD"]
    add_line(
        f'{{"request_id": "{request_id}", "method": "{method}", {page.log_line}, '
        f'"status": {status}, "ms": {(time.perf_counter() - started) * 1000:.1f}, '
        f'"timestamp": "{now():%Y-%m-%dT%H:%M:%S.%fZ}"}}'
    )
    return [] if method == "HEAD" else [body]
