"""Whose income a reader asks for, and who keeps the books of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from blueprints.fields import ChoiceField
from blueprints.lists.filters import Filter, every
from core.access import get_actor
from core.clock import today
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from domain.periods import Period, month_of
from domain.roles import INCOME_READERS, Role
from queries.income.scope import (
    IncomeScope,
    Place,
    choices_in,
    narrow,
)


class BookFilter(Filter):
    """Days, and a village among those in scope.

    roles: through which one reads. narrowing: what the days and village leave of
    the scope. Raises NotFound for what is outside.
    """

    village = ChoiceField(_l("村"), default="")

    def __init__(self, roles: tuple[Role, ...] = INCOME_READERS) -> None:
        super().__init__()
        scope = IncomeScope(get_actor(), roles)
        self.choices = choices_in(scope)
        offered = {
            "cooperative": self.choices.cooperatives,
            "village": self.choices.villages,
            "product": self.choices.products,
        }
        fields: dict[str, Any] = {one.name: one for one in self if one.name in offered}
        typed = {name: field.data or "" for name, field in fields.items()}
        self.narrowing = narrow(scope, self.choices, **typed)
        for name, field in fields.items():
            chosen: Place | None = getattr(self.narrowing, name)
            field.choices = every((one.slug, one.name) for one in offered[name])
            field.data = chosen.slug if chosen else ""

    def scope(self) -> Mapping[str, Any]:
        """What was chosen, and the cooperatives that it is chosen from."""
        chosen = self.narrowing
        return {
            "cooperative": _place_json(chosen.cooperative),
            "village": _place_json(chosen.village),
            "product": _place_json(chosen.product),
            "cooperatives": [_place_json(one) for one in self.choices.cooperatives],
        }

    def facts(self) -> Sequence[tuple[str, str]]:
        """Whose figures these are, by name; all of a kind need no list."""
        chosen, scope = self.narrowing, self.narrowing.scope
        coops = [] if scope.is_everything else self.choices.cooperatives
        villages = self.choices.villages if scope.is_of_villages else []
        return [
            (_("合作社"), _names(chosen.cooperative, coops)),
            (_("村"), _names(chosen.village, villages)),
        ]


class IncomeFilter(BookFilter):
    """Days, the last twelve months unless others are typed, and whose sales of what."""

    cooperative = ChoiceField(_l("合作社"), default="")
    village = ChoiceField(_l("村"), default="")  # once more: it stands after it
    product = ChoiceField(_l("商品"), default="")

    @property
    def usual(self) -> Period:
        """The last twelve months."""
        return last_months(12)

    @property
    def named(self) -> Sequence[str]:
        """income_wuseya_2026-01-01_2026-11-24 holds the figures of one village."""
        chosen = self.narrowing
        places = (chosen.cooperative, chosen.village, chosen.product)
        return [place.slug for place in places if place]

    @property
    def days(self) -> Period:
        """The days chosen: there always are some."""
        return self.period or self.usual

    def facts(self) -> Sequence[tuple[str, str]]:
        """Whose figures these are, and of what."""
        return [*super().facts(), (_("商品"), _names(self.narrowing.product, ()))]


@dataclass(frozen=True)
class Preset:
    """A period that is one tap away."""

    label: str
    period: Period


def presets() -> Sequence[Preset]:
    """This and last month, this and last year, and the last twelve months."""
    day = today()
    year_start = day.replace(month=1, day=1)
    last_month = month_of(day.replace(day=1) - timedelta(days=1))
    last_year = Period(date(day.year - 1, 1, 1), date(day.year - 1, 12, 31))
    return (
        Preset(_("本月"), Period(day.replace(day=1), day)),
        Preset(_("上月"), last_month),
        Preset(_("今年"), Period(year_start, day)),
        Preset(_("去年"), last_year),
        Preset(_("近 12 个月"), last_months(12)),
    )


def last_months(count: int) -> Period:
    """The months up to today, today's counted as one."""
    day = today()
    months = day.year * 12 + day.month - count
    return Period(date(months // 12, months % 12 + 1, 1), day)


def _place_json(place: Place | None) -> dict[str, str] | None:
    return {"slug": place.slug, "name": place.name} if place else None


def _names(chosen: Place | None, places: Sequence[Place]) -> str:
    """The chosen place, else those it is chosen from, else all there are."""
    names = [chosen.name] if chosen else [place.name for place in places]
    return _("、").join(names) or _("全部")
