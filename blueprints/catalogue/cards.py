"""Cards on the shelves, drawn once: a card shows nothing but what it is made of."""

from functools import lru_cache
from typing import Any

from flask import current_app
from markupsafe import Markup

from blueprints.nouns import catalogue as bp
from core.i18n import page_language
from queries.catalogue.shop import Card

MOST_CARDS = 4_096


@bp.app_template_global()
def draw_card(card: Card, add_to: str = "", level: str = "h3") -> Markup:
    """A product's card in the page's language; add_to: where its plus posts.

    Name, price and stock are part of `card`, so a kept drawing is never out of date.
    """
    return _drawn(card, add_to, level, page_language())


@lru_cache(MOST_CARDS)
def _drawn(card: Card, add_to: str, level: str, _language: str) -> Markup:
    template: Any = current_app.jinja_env.get_template("catalogue/_card.html")
    drawn: Markup = template.module.card(card, add_to, level)
    return drawn
