"""What every template may use without asking for it."""

from typing import Any

from flask import Flask, request

from core.access import find_actor
from core.i18n import page_language


def init_page_context(app: Flask) -> None:
    """Give templates the language, type size, person and mode of this request."""

    @app.context_processor
    def page_context() -> dict[str, Any]:
        return {
            "locale": page_language(),
            "large_type": request.cookies.get("size") == "large",
            "actor": find_actor(),
            "demo_mode": app.config["TIANBO"].demo,
            "here": request.full_path.rstrip("?") if request.method == "GET" else "/",
        }
