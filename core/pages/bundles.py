"""One style sheet and one script for each kind of page, put together from static/.

A process puts them together from the sources it finds, so that none can be stale, and
nothing has to be built or committed. The sources stay apart, each readable by itself.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from flask import Flask, Response, request

from core.access import public
from core.errors import NotFound
from core.web.addresses import STATIC, static
from core.web.packing import Packed, pick_encoding
from core.web.security import FOR_GOOD

EVERYWHERE = ("tokens", "base", "controls", "forms", "blocks", "progress")
SHOP = (*EVERYWHERE, "chrome", "goods", "figures", "shop")
WORK = (*EVERYWHERE, "chrome", "goods", "figures", "work", "desk")
SHEETS: Mapping[str, tuple[str, ...]] = {
    "shop": (*SHOP, "catalogue", "orders", "live_list", "inbox", "gate"),
    "work": (*WORK, "catalogue"),
    "desk": (*WORK, "waiting"),
    "orders": (*WORK, "orders"),
    "income": (*WORK, "income"),
    "console": (*WORK, "live_desk"),
    "preview": (*WORK, "shop", "catalogue"),
    "room": (*EVERYWHERE, "goods", "live", "live_play", "live_chat", "live_basket"),
    "gate": (*EVERYWHERE, "chrome", "gate"),
    "label": (*EVERYWHERE, "catalogue"),
    "slips": (*EVERYWHERE, "slips"),
    "styleguide": (*SHOP, "statement", "styleguide"),
}
"""Sources of static/css in the order of the cascade. Kinds are apart where one's rules
would reach into another's pages: paper sizes, a phone that is drawn otherwise."""

STAGE = ("player", "chat", "crowd", "countdown", "feed")
SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "page": ("ui", "product", "cart", "places", "checkout", "proceed"),
    "room": ("ui", *(f"live/{name}" for name in ("offers", "basket", *STAGE))),
    "replay": ("ui", "live/offers", "live/basket", "live/replay"),
    "console": (
        "ui",
        *(f"live/{name}" for name in ("console", "camera", "health", *STAGE)),
    ),
}
"""Sources of static/js; each does nothing on a page that lacks what it is for."""

KINDS = {"css": "text/css", "js": "text/javascript"}
BRIEFLY = "public, max-age=300"
BESIDE = re.compile(r'url\("\.\./([^"]+)"\)')
ALONE = """try {{ (function () {{
{source}}})(); }} catch (error) {{ setTimeout(function () {{ throw error; }}); }}
"""
"""A script keeps its names to itself, and one that fails takes no other with it."""


@dataclass(frozen=True)
class Bundle:
    """A bundle's text, and the name of its content."""

    text: Packed
    digest: str


def bundle(name: str) -> str:
    """The address of a bundle such as shop.css, changing with its content."""
    return f"/bundles/{name}?v={_bundle(name).digest}"


def init_bundles(app: Flask) -> None:
    """Serve the bundles, and let templates name them."""
    app.add_url_rule("/bundles/<name>", "bundle", _serve)
    app.add_template_global(bundle)


@public
def _serve(name: str) -> Response:
    """A bundle as it is now: during a release, pages of the old one may ask the new."""
    found = _bundle(name)
    encoding = pick_encoding(request.headers.get("Accept-Encoding", ""))
    response = Response(
        found.text.body(encoding), mimetype=KINDS[name.rpartition(".")[2]]
    )
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.headers["Vary"] = "Accept-Encoding"
    is_current = request.args.get("v") == found.digest
    response.headers["Cache-Control"] = FOR_GOOD if is_current else BRIEFLY
    return response


@cache
def _bundle(name: str) -> Bundle:
    kind, _, ending = name.rpartition(".")
    if ending == "css" and kind in SHEETS:
        text = "".join(_sheet(source) for source in SHEETS[kind])
    elif ending == "js" and kind in SCRIPTS:
        text = "".join(_script(source) for source in SCRIPTS[kind])
    else:
        raise NotFound()
    body = text.encode()
    return Bundle(Packed(body), hashlib.sha256(body).hexdigest()[:10])


def _sheet(source: str) -> str:
    """A style sheet; the drawings beside it are named by their content, too."""
    text = (STATIC / "css" / f"{source}.css").read_text("utf-8")
    return BESIDE.sub(lambda found: f'url("{static(found[1])}")', text)


def _script(source: str) -> str:
    return ALONE.format(source=(STATIC / "js" / f"{source}.js").read_text("utf-8"))
