"""What the address asks for: period, cooperative, village, product."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blueprints.income.period import FilterForm
from core.access import get_actor
from core.i18n import gettext as _
from queries.income.scope import (
    Choices,
    Narrowing,
    Place,
    choices_in,
    income_scope,
    narrow,
)


@dataclass(frozen=True)
class Asked:
    """The filter as typed, what may be chosen, and what that leaves of the scope."""

    choices: Choices
    form: FilterForm
    narrowing: Narrowing


def asked() -> Asked:
    """Read the filter of this request. Raises NotFound for what is out of scope."""
    scope = income_scope(get_actor())
    choices = choices_in(scope)
    form = FilterForm(choices)
    narrowing = narrow(
        scope,
        choices,
        cooperative=form.cooperative.data,
        village=form.village.data,
        product=form.product.data,
    )
    return Asked(choices, form, narrowing)


def scope_json(narrowing: Narrowing, choices: Choices) -> Mapping[str, Any]:
    """What was chosen, and the cooperatives that it is chosen from."""
    return {
        "cooperative": place_json(narrowing.cooperative),
        "village": place_json(narrowing.village),
        "product": place_json(narrowing.product),
        "cooperatives": [place_json(place) for place in choices.cooperatives],
    }


def place_json(place: Place | None) -> dict[str, str] | None:
    """A place as programs read it."""
    return {"slug": place.slug, "name": place.name} if place else None


def scope_facts(narrowing: Narrowing, choices: Choices) -> Sequence[tuple[str, str]]:
    """Whose figures these are, by name."""
    chosen, scope = narrowing, narrowing.scope
    only_own_villages = bool(scope.village_ids) and not scope.cooperative_ids
    return (
        (
            _("合作社"),
            _named(chosen.cooperative, choices.cooperatives, is_all=scope.everything),
        ),
        (
            _("村"),
            _named(chosen.village, choices.villages, is_all=not only_own_villages),
        ),
        (_("商品"), _named(chosen.product, (), is_all=True)),
    )


def _named(chosen: Place | None, places: Sequence[Place], *, is_all: bool) -> str:
    """The chosen place, else every one there is; all of a kind need no list."""
    if chosen:
        return chosen.name
    return _("全部") if is_all else _("、").join(place.name for place in places)
