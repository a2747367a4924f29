"""Show the style guide and the layouts without the app: for looking, not for users.

python -m tests.templates.preview [PORT]; add ?lang=en or ?size=large to a page.
"""

import sys
from pathlib import Path
from typing import Any

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from jinja2 import StrictUndefined

from core.pages.bundles import init_bundles
from core.pages.drawings import init_drawings
from core.pages.filters import init_filters
from tests.templates import samples

ROOT = Path(__file__).resolve().parents[2]
STUBS = {"home.index": "/", "catalogue.index": "/products"}
PAGES = {
    "/styleguide": "components/styleguide.html",
    "/preview/desk": "preview_desk.html",
    "/preview/gate": "preview_gate.html",
    "/preview/room": "preview_room.html",
    "/preview/shop": "preview_shop.html",
    "/preview/print": "preview_print.html",
}


def create_preview() -> Flask:
    """An app that only knows how to draw."""
    app = Flask("preview", root_path=str(ROOT))
    app.jinja_loader.searchpath.append(str(Path(__file__).parent / "pages"))  # type: ignore[union-attr]
    app.secret_key = "preview"
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    Babel(app, default_locale="zh", locale_selector=language)
    init_filters(app)
    init_bundles(app)
    init_drawings(app)
    app.add_template_global(lambda: samples.RAIL, "work_menu")
    app.context_processor(page_context)
    for endpoint, path in STUBS.items():
        app.add_url_rule(path, endpoint, lambda: "", methods=["GET", "POST"])
    app.url_build_error_handlers.append(stand_in)
    for path, template in PAGES.items():
        app.add_url_rule(path, template, show(template))
    app.add_url_rule("/preview/error/<int:status>", "error", show_error)
    app.add_url_rule("/preview/plain/<int:status>", "plain", show_plain)
    return app


def stand_in(error: Exception, endpoint: str, values: dict[str, Any]) -> str:
    """An address for a page that the preview lacks; make check finds dead links."""
    return f"/not-in-preview/{endpoint}"


def language() -> str:
    """The language asked for in the address."""
    return request.args.get("lang", "zh")


def page_context() -> dict[str, Any]:
    """What core.pages.globals gives in the app."""
    return {
        "locale": language(),
        "large_type": request.args.get("size") == "large",
        "here": request.path,
        "actor": samples.Person(),
        "cart_count": 12,
        "demo_mode": True,
    }


def show(template: str) -> Any:
    """A view of one template with the sample data."""
    return lambda: render_template(template, **samples.context())


def show_error(status: int) -> ResponseReturnValue:
    """An error page."""
    message = "这件商品刚刚卖完，您的小黄车还在。"
    return render_template("errors/error.html", status=status, message=message)


def show_plain(status: int) -> ResponseReturnValue:
    """The page for when nothing else works."""
    return render_template("errors/plain.html", status=status)


if __name__ == "__main__":
    create_preview().run("127.0.0.1", int((sys.argv[1:] or ["8769"])[0]))
