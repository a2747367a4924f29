"""Addresses that lead elsewhere and back: only to our own pages."""

from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

UNRETURNABLE = frozenset({"accounts.login", "accounts.logout", "static"})


def safe_next(target: str | None, default: str = "/") -> str:
    """`target` when it is the path of a page of ours that answers GET, else `default`.

    The path is matched against the app's own routes, so that neither another host
    nor a trick such as `/\\t/evil` gets through.
    """
    if not target or not target.startswith("/") or len(target) > 500:
        return default
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not parts.path.isprintable():
        return default
    adapter = current_app.url_map.bind(request.host)
    try:
        endpoint, _arguments = adapter.match(parts.path, method="GET")
    except (HTTPException, RequestRedirect):
        return default
    if endpoint in UNRETURNABLE:
        return default
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
