"""Parts of pages that are drawn once and kept.

For macros whose drawing depends on nothing but their arguments, the language and where
the app is mounted. What they show is among their arguments, so that what is kept can
never be out of date. The arguments hash; texts among them are plain, never Markup,
which would be equal to the same text unescaped.
"""

from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, request
from markupsafe import Markup

from core.i18n import page_language

MOST_DRAWN = 8_192
MOST_LARGE = 256


def draw(template: str, macro: str, *args: Hashable) -> Markup:
    """What `macro` of `template` makes of `args`."""
    return _drawn(request.script_root, page_language(), template, macro, *args)


def draw_large(template: str, macro: str, *args: Hashable) -> Markup:
    """The same for what fills a page: of those a few are kept."""
    return _drawn_large(request.script_root, page_language(), template, macro, *args)


def init_drawings(app: Flask) -> None:
    """Let templates call `draw` and `draw_large`."""
    app.add_template_global(draw)
    app.add_template_global(draw_large)


def _draw(
    _mounted_at: str, _language: str, template: str, macro: str, *args: Hashable
) -> Markup:
    module: Any = current_app.jinja_env.get_template(template).module
    drawn: Markup = getattr(module, macro)(*args)
    return drawn


_drawn = lru_cache(MOST_DRAWN, typed=True)(_draw)
_drawn_large = lru_cache(MOST_LARGE, typed=True)(_draw)
