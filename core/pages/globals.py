"""What every template may use without asking for it.

A page asks for a hundred words and addresses, so they are kept. Both are pure: a
sentence depends on the language, an address on its endpoint and values and on where
the app is mounted.
"""

from functools import lru_cache
from typing import Any

from flask import Flask, request, url_for
from markupsafe import Markup

from core.access import find_actor
from core.i18n import gettext, page_language

MOST_WORDS = 4096
MOST_ADDRESSES = 4096


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


def init_template_calls(app: Flask) -> None:
    """Let templates call `_` and `url_for` at little cost."""
    kept_address = lru_cache(MOST_ADDRESSES, typed=True)(_address)

    def address_of(endpoint: str, **values: Any) -> str:
        names, parts = tuple(values), values.values()
        if "_external" in values:
            return url_for(endpoint, **values)
        try:
            return kept_address(request.script_root, endpoint, names, *parts)
        except TypeError:  # a list among the values
            return url_for(endpoint, **values)

    app.jinja_env.globals.update(_=words, gettext=words, url_for=address_of)


def words(text: str, /, **variables: Any) -> Markup:
    """`text` in the page's language; `variables` are escaped where it names them."""
    if variables:
        return _sentence(page_language(), text) % variables
    return _plain(page_language(), text)


@lru_cache(MOST_WORDS)
def _plain(language: str, text: str) -> Markup:
    return _sentence(language, text) % {}


@lru_cache(MOST_WORDS)
def _sentence(_language: str, text: str) -> Markup:
    return Markup(gettext(text))  # noqa: S704 - our own sentences, as Jinja takes them


def _address(
    _mounted_at: str, endpoint: str, names: tuple[str, ...], *values: Any
) -> str:
    return url_for(endpoint, **dict(zip(names, values, strict=True)))
