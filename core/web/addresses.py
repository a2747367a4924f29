"""Addresses of static files, and of our own pages to come back to."""

import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

STATIC = Path(__file__).resolve().parents[2] / "static"
LONGEST_NEXT = 500
NOWHERE = SplitResult("", "", "", "", "")
UNRETURNABLE = frozenset(
    {
        "accounts.login",
        "accounts.login_by_code",
        "accounts.logout",
        "accounts.register",
        "bundle",
        "static",
    }
)


def safe_next(
    target: str | None, default: str = "/", refused: frozenset[str] = UNRETURNABLE
) -> str:
    """`target` when it is the path of a page of ours that answers GET, else `default`.

    refused: endpoints that are no place to come back to.

    The path is matched against the app's own routes, so that neither another host
    nor a trick such as `/\\t/evil` gets through.
    """
    if not target or not target.startswith("/") or len(target) > LONGEST_NEXT:
        return default
    parts = address_parts(target)
    if parts.scheme or parts.netloc or not target.isprintable():
        return default
    adapter = current_app.url_map.bind(request.host)
    try:
        endpoint, _arguments = adapter.match(parts.path, method="GET")
    except (HTTPException, RequestRedirect):
        return default
    if endpoint in refused:
        return default
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def address_parts(address: str | None) -> SplitResult:
    """The parts of an address that somebody sent, all empty when it is none.

    `urlsplit` raises ValueError for `//[` and its like.
    """
    try:
        return urlsplit(address or "")
    except ValueError:
        return NOWHERE


def static(name: str) -> str:
    """The address of a static file, changing with its content."""
    return f"/static/{name}?v={_digest(name)}"


def is_current(name: str, version: str | None) -> bool:
    """Whether a static file has the content that `static` named by `version`."""
    return version == _digest(name)


@cache
def _digest(name: str) -> str:
    path = STATIC / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.exists() else "0"
