"""What a person sees of the income of cooperatives and villages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, select, true

from core.access import Actor
from core.database import db
from core.errors import NotFound
from domain.roles import INCOME_READERS, Role, ScopeKind
from models.alliances import Village
from models.catalogue import Product
from models.cooperative import Cooperative
from queries.areas import Ids
from queries.scopes import Paths, grown_for, reaches


@dataclass(frozen=True)
class Place:
    """A cooperative, village or product by its name."""

    id: int
    slug: str
    name: str


@dataclass(frozen=True)
class IncomeScope:
    """What someone reads as holder of one of `roles`.

    Accountants and auditors read what cooperatives sold, secretaries the lines that
    their village grew; the first of two paths counts where a grant reaches both.
    """

    actor: Actor
    roles: tuple[Role, ...] = INCOME_READERS

    def holds(self, cooperative_id: Any, village_id: Any) -> ColumnElement[bool]:
        """The condition on a row's cooperative and village columns."""
        return self._reaches(
            {
                ScopeKind.COOPERATIVE: cooperative_id.in_,
                ScopeKind.VILLAGE: village_id.in_,
            }
        )

    def holds_order(self, cooperative_id: Any) -> ColumnElement[bool]:
        """A condition that whole orders must meet; villages are told by line."""
        return self._reaches(
            {ScopeKind.COOPERATIVE: cooperative_id.in_, ScopeKind.VILLAGE: _any}
        )

    def holds_whole(self, cooperative_id: Any) -> ColumnElement[bool]:
        """The condition that every line of a cooperative's order is seen."""
        return self._reaches({ScopeKind.COOPERATIVE: cooperative_id.in_})

    def holds_village(self, village_id: Any) -> ColumnElement[bool]:
        """The condition on a village: the own one, or one that grows for the own
        cooperative.
        """
        return self._reaches(
            {
                ScopeKind.VILLAGE: village_id.in_,
                ScopeKind.COOPERATIVE: grown_for(village_id),
            }
        )

    def sees_cooperative(self, cooperative_id: Any) -> ColumnElement[bool]:
        """The condition on a cooperative: the own one, or one the own village
        grows for.
        """
        return self._reaches(
            {
                ScopeKind.COOPERATIVE: cooperative_id.in_,
                ScopeKind.VILLAGE: lambda ids: cooperative_id.in_(
                    select(Product.cooperative_id).where(Product.village_id.in_(ids))
                ),
            }
        )

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self.actor.is_house or ScopeKind.DISTRICT in self._kinds

    @property
    def is_of_villages(self) -> bool:
        """Whether only lines of villages are seen, and no cooperative's whole."""
        return self._kinds == {ScopeKind.VILLAGE}

    @property
    def _kinds(self) -> set[str]:
        grants = self.actor.grants
        return {grant.scope_kind for grant in grants if grant.role in self.roles}

    def _reaches(self, paths: Paths) -> ColumnElement[bool]:
        return reaches(self.actor, self.roles, paths)


def _any(_ids: Ids) -> ColumnElement[bool]:
    return true()


@dataclass(frozen=True)
class ReportChoices:
    """What the report may be narrowed to."""

    cooperatives: Sequence[Place]
    villages: Sequence[Place]
    products: Sequence[Place]


@dataclass(frozen=True)
class Narrowing:
    """A scope, and what the reader chose within it; None stands for all."""

    scope: IncomeScope
    cooperative: Place | None = None
    village: Place | None = None
    product: Place | None = None

    def holds(
        self, cooperative_id: Any, village_id: Any, product_id: Any = None
    ) -> ColumnElement[bool]:
        """The condition on a row's columns; without product_id any product."""
        parts = [self.scope.holds(cooperative_id, village_id)]
        if self.cooperative:
            parts.append(cooperative_id == self.cooperative.id)
        if self.village:
            parts.append(village_id == self.village.id)
        if self.product and product_id is not None:
            parts.append(product_id == self.product.id)
        return and_(*parts)

    def holds_order(self, cooperative_id: Any) -> ColumnElement[bool]:
        """A condition that whole orders must meet."""
        held = self.scope.holds_order(cooperative_id)
        if self.cooperative:
            return and_(held, cooperative_id == self.cooperative.id)
        return held

    def holds_village(self, village_id: Any) -> ColumnElement[bool]:
        """The condition on a village whose own books are shown."""
        parts = [self.scope.holds_village(village_id)]
        if self.cooperative:
            parts.append(grown_for(village_id)(frozenset({self.cooperative.id})))
        if self.village:
            parts.append(village_id == self.village.id)
        return and_(*parts)


def choices_in(scope: IncomeScope) -> ReportChoices:
    """The cooperatives, villages and products in scope, by name."""
    products = and_(
        scope.holds(Product.cooperative_id, Product.village_id),
        Product.approved_at.is_not(None),
    )
    return ReportChoices(
        cooperatives=_places(Cooperative, scope.sees_cooperative(Cooperative.id)),
        villages=_places(Village, scope.holds_village(Village.id)),
        products=_places(Product, products),
    )


def narrow(
    scope: IncomeScope,
    choices: ReportChoices,
    *,
    cooperative: str = "",
    village: str = "",
    product: str = "",
) -> Narrowing:
    """The part of `scope` that the reader asked for by slug, id or name.

    Raises NotFound for what is not among the choices.
    """
    return replace(
        Narrowing(scope),
        cooperative=_choose(choices.cooperatives, cooperative),
        village=_choose(choices.villages, village),
        product=_choose(choices.products, product),
    )


def _choose(places: Sequence[Place], wanted: str) -> Place | None:
    if not wanted:
        return None
    for place in places:
        if wanted in (place.slug, str(place.id), place.name):
            return place
    raise NotFound


def _places(table: Any, condition: ColumnElement[bool]) -> Sequence[Place]:
    rows = db.session.execute(
        select(table.id, table.slug, table.name)
        .where(condition)
        .order_by(table.name, table.id)
    )
    return [Place(*row) for row in rows]
