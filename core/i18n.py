"""Languages: Chinese is the source text, English its complete translation."""

from flask import has_request_context, request
from flask_babel import Babel, gettext, lazy_gettext, ngettext

from core.errors import DomainError

LANGUAGES = ("zh", "en")
LANGUAGE_COOKIE = "lang"

__all__ = ["babel", "gettext", "lazy_gettext", "ngettext", "page_language", "say"]

babel = Babel()


def page_language() -> str:
    """The language this browser asked for; Chinese unless it chose English."""
    chosen = request.cookies.get(LANGUAGE_COOKIE) if has_request_context() else None
    return chosen if chosen in LANGUAGES else "zh"


def say(error: DomainError) -> str:
    """The error's sentence in the page's language."""
    return str(gettext(error.message)) % error.params
