"""The filter above vouchers and employment."""

from dataclasses import dataclass

from blueprints.fields import ChoiceField
from blueprints.income.period import offered, slug_of
from blueprints.spans import SpanForm
from core.access import get_actor
from core.i18n import lazy_gettext as _l
from queries.income.scope import Choices, Narrowing, choices_in, income_scope, narrow


class BookFilter(SpanForm):
    """Days and a village; both may stay open."""

    village = ChoiceField(_l("村"), default="")

    def __init__(self, choices: Choices) -> None:
        super().__init__()
        self.village.choices = offered(choices.villages)
        self.village.data = slug_of(choices.villages, self.village.data or "")


@dataclass(frozen=True)
class AskedBooks:
    """The filter as typed, what may be chosen, and what that leaves of the scope.

    is_right: whether the days can be read.
    """

    choices: Choices
    form: BookFilter
    narrowing: Narrowing
    is_right: bool


def asked_books() -> AskedBooks:
    """Read the filter of this request. Raises NotFound for a village out of scope."""
    scope = income_scope(get_actor())
    choices = choices_in(scope)
    form = BookFilter(choices)
    narrowing = narrow(scope, choices, village=form.village.data)
    return AskedBooks(choices, form, narrowing, bool(form.validate()))
