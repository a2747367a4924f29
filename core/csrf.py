"""Refuse writes that another site's page made a browser send.

Browsers say where a request comes from; pages therefore need no token and may be
cached. Order: Sec-Fetch-Site, Origin, Referer. A request with none of them was not
sent by a browser's form or script, and cookies are SameSite=Lax besides.
Source: docs/decisions/0003.
"""

from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, request

from core.errors import N_, Forbidden

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
OWN_FETCHES = frozenset({"same-origin", "none"})
EXEMPT = "tianbo_csrf_exempt"

View = TypeVar("View")


class ForeignForm(Forbidden):
    """The form was sent by another site's page."""

    code = "foreign_form"
    message = N_("这个请求不是从本站页面发出的，请回到本站再操作一次。")


def init_csrf(app: Flask) -> None:
    """Guard every unsafe method of `app`, signed webhooks excepted."""

    @app.before_request
    def refuse_foreign_writes() -> None:
        if request.method in SAFE_METHODS or _is_exempt(app):
            return
        if not is_own_request():
            raise ForeignForm()


def csrf_exempt(view: View) -> View:
    """Mark a view whose caller proves itself otherwise (a signature, a token)."""
    setattr(view, EXEMPT, True)
    return view


def is_own_request() -> bool:
    """Whether the headers say that one of our own pages sent this request."""
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site in OWN_FETCHES
    source = request.headers.get("Origin") or request.headers.get("Referer")
    return source is None or urlsplit(source).netloc == request.host


def _is_exempt(app: Flask) -> bool:
    view = app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, EXEMPT, False))
