"""The field by which a session's line-up is picked and put in order."""

import re
from collections.abc import Mapping
from typing import Any

from wtforms import SelectMultipleField
from wtforms.validators import StopValidation

from blueprints.fields import FULL_WIDTH
from core.i18n import lazy_gettext as _l

TURN = "turn_"
"""Before the id of a product: the field for its place in the line-up."""
LAST = 100


class ProductsField(SelectMultipleField):
    """Products ticked for the line-up, each with the place that was typed for it.

    turns: what was typed by product, or the places that a saved line-up has.
    """

    turns: Mapping[str, str]

    def read_turns(self, typed: Mapping[str, str]) -> None:
        """Take the places from a form that was sent, else from the saved line-up."""
        saved = enumerate(self.data or (), start=1)
        self.turns = {product: str(turn) for turn, product in saved}
        if typed:
            self.turns = {
                name.removeprefix(TURN): text.strip()
                for name, text in typed.items()
                if name.startswith(TURN)
            }

    def pre_validate(self, form: Any) -> None:
        known = {value for value, *_rest in self.iter_choices()}
        if not self.data or not set(self.data) <= known:
            raise StopValidation(str(_l("至少选一件已经上架的农货。")))
        if any(self.turn_of(product) is None for product in self.data):
            raise StopValidation(str(_l("顺序请填 1 到 99 的数字，不填的排在后面。")))

    def in_turn(self) -> list[str]:
        """The ticked products by their places; those without one come last."""
        return sorted(self.data or (), key=lambda product: self.turn_of(product) or 0)

    def turn_of(self, product: str) -> int | None:
        """The place of a product, LAST when none was typed, None for no number."""
        typed = self.turns.get(product, "").translate(FULL_WIDTH)
        if not typed:
            return LAST
        return int(typed) if re.fullmatch(r"0?[1-9]|[1-9][0-9]", typed) else None
