"""Languages: Chinese is the source text, English its complete translation."""

from datetime import date
from functools import lru_cache
from typing import Any

import flask_babel
from flask import request
from flask_babel import Babel, ngettext, pgettext
from flask_babel.speaklater import LazyString

from core.errors import DomainError

LANGUAGES = ("zh", "en")
LANGUAGE_COOKIE = "lang"
ASKED = "tianbo.language"
"""Where a request keeps its language: a page asks for it a hundred times."""
MOST_SENTENCES = 8192
MOST_DAYS = 4096

__all__ = [
    "babel",
    "day_words",
    "gettext",
    "lazy_gettext",
    "ngettext",
    "page_language",
    "pgettext",
    "say",
    "translated",
]

babel = Babel()


def page_language() -> str:
    """The language this browser asked for; Chinese unless it chose English."""
    try:
        page = request.environ
    except RuntimeError:  # a job or a command
        return LANGUAGES[0]
    if ASKED not in page:
        chosen = request.cookies.get(LANGUAGE_COOKIE)
        page[ASKED] = chosen if chosen in LANGUAGES else LANGUAGES[0]
    language: str = page[ASKED]
    return language


def gettext(sentence: str, **values: Any) -> str:
    """`sentence` in the page's language, with `values` where it names them."""
    said = _said(page_language(), sentence)
    return said % values if values else said


def lazy_gettext(sentence: str, **values: Any) -> LazyString:
    """`sentence`, said in the page's language whenever it is shown."""
    return LazyString(gettext, sentence, **values)


@lru_cache(MOST_SENTENCES)
def _said(_language: str, sentence: str) -> str:
    return str(flask_babel.gettext(sentence))


def say(error: DomainError) -> str:
    """The error's sentence in the page's language."""
    params = {name: _shown(value) for name, value in error.params.items()}
    return gettext(error.message) % params


def day_words(day: date) -> str:
    """A calendar day, with its year."""
    return _day_in(page_language(), day)


@lru_cache(MOST_DAYS)
def _day_in(language: str, day: date) -> str:
    style = "long" if language == "zh" else "d MMM y"
    return str(flask_babel.format_date(day, style))


def _shown(value: object) -> object:
    if isinstance(value, date):
        return day_words(value)
    return translated(value) if isinstance(value, str) else value


def translated(words: str) -> str:
    """Words of ours that were stored or passed on, in the page's language.

    A province, a carrier, a reason that the house gave itself. What a person typed is
    in no catalogue and comes back unchanged. Templates take the answer of `_()` for
    markup, so stored text must come through here instead.
    """
    return gettext(words) if words else ""
