"""Refuse writes that another site's page made a browser send.

Browsers say where a request comes from; pages therefore need no token and may be
cached. Order: Sec-Fetch-Site, Origin, Referer. A request with none of them was not
sent by a browser's form or script, and cookies are SameSite=Lax besides.
Source: docs/decisions/0003.
"""

from typing import TypeVar

from flask import Flask, current_app, request

from core.errors import N_, Forbidden
from core.web.addresses import address_parts

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
OWN_FETCHES = frozenset({"same-origin", "none"})
HTTP = ("http", "https")
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
    source = request.headers.get("Origin", request.headers.get("Referer"))
    return source is None or _is_ours(source)


def _is_ours(address: str) -> bool:
    """Whether an address is of this site; on HTTPS a page of HTTP is another's."""
    parts = address_parts(address)
    schemes = ("https",) if current_app.config["SESSION_COOKIE_SECURE"] else HTTP
    return parts.scheme in schemes and parts.netloc.lower() == request.host.lower()


def _is_exempt(app: Flask) -> bool:
    """Whether the view says so, or there is none and nothing will be written."""
    view = app.view_functions.get(request.endpoint or "")
    return view is None or bool(getattr(view, EXEMPT, False))
