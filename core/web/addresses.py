"""Addresses that lead elsewhere and back: only to our own pages."""

from urllib.parse import SplitResult, urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

LONGEST_NEXT = 500
NOWHERE = SplitResult("", "", "", "", "")
UNRETURNABLE = frozenset(
    {
        "accounts.login",
        "accounts.login_by_code",
        "accounts.logout",
        "accounts.register",
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
