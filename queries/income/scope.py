"""What a person sees of the income of cooperatives and villages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true, union

from core.access import Actor
from core.database import db
from core.errors import NotFound
from domain.roles import Role, ScopeKind
from models.alliances import AllianceCooperative, Village
from models.catalogue import Product
from models.cooperative import Cooperative, Farmer

BOOKKEEPERS = (Role.ACCOUNTANT, Role.CHAIR)


@dataclass(frozen=True)
class Place:
    """A cooperative, village or product by its name."""

    id: int
    slug: str
    name: str


@dataclass(frozen=True)
class IncomeScope:
    """Everything, or what some cooperatives sold and some villages grew."""

    everything: bool = False
    cooperative_ids: frozenset[int] = frozenset()
    village_ids: frozenset[int] = frozenset()

    def holds(self, cooperative_id: Any, village_id: Any) -> ColumnElement[bool]:
        """The condition on a row's cooperative and village columns."""
        if self.everything:
            return true()
        parts = []
        if self.cooperative_ids:
            parts.append(cooperative_id.in_(self.cooperative_ids))
        if self.village_ids:
            parts.append(village_id.in_(self.village_ids))
        return or_(*parts) if parts else false()

    def holds_cooperative(self, cooperative_id: Any) -> ColumnElement[bool]:
        """A condition that whole orders must meet; villages are told by line."""
        if self.everything or self.village_ids:
            return true()
        return self.holds(cooperative_id, cooperative_id)

    def holds_village(self, village_id: Any) -> ColumnElement[bool]:
        """The condition on a village: the own one, or one that grows for the own
        cooperative.
        """
        if self.everything:
            return true()
        grown = village_id.in_(_villages_of(self.cooperative_ids))
        return or_(village_id.in_(self.village_ids), grown)

    def sees_cooperative(self, cooperative_id: Any) -> ColumnElement[bool]:
        """The condition on a cooperative: the own one, or one the own village
        grows for.
        """
        if self.everything:
            return true()
        selling = select(Product.cooperative_id).where(
            Product.village_id.in_(self.village_ids)
        )
        return or_(
            cooperative_id.in_(self.cooperative_ids), cooperative_id.in_(selling)
        )


@dataclass(frozen=True)
class Choices:
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

    def holds_cooperative(self, cooperative_id: Any) -> ColumnElement[bool]:
        """A condition that whole orders must meet."""
        if self.cooperative:
            return and_(
                self.scope.holds_cooperative(cooperative_id),
                cooperative_id == self.cooperative.id,
            )
        return self.scope.holds_cooperative(cooperative_id)

    def holds_village(self, village_id: Any) -> ColumnElement[bool]:
        """The condition on a village whose own books are shown."""
        parts = [self.scope.holds_village(village_id)]
        if self.cooperative:
            parts.append(village_id.in_(_villages_of(frozenset({self.cooperative.id}))))
        if self.village:
            parts.append(village_id == self.village.id)
        return and_(*parts)


def income_scope(actor: Actor) -> IncomeScope:
    """What `actor` may read: the books of own cooperatives, the own village's lines.

    An auditor reads the scope of the grant: an alliance's cooperatives, a town's,
    or all of the district.
    """
    audits = {kind: actor.scope_ids(kind, Role.AUDITOR) for kind in ScopeKind}
    related = _cooperatives_of(
        alliance_ids=audits[ScopeKind.ALLIANCE], town_ids=audits[ScopeKind.TOWN]
    )
    return IncomeScope(
        everything=bool(audits[ScopeKind.DISTRICT]),
        cooperative_ids=actor.scope_ids(ScopeKind.COOPERATIVE, *BOOKKEEPERS)
        | audits[ScopeKind.COOPERATIVE]
        | related,
        village_ids=actor.scope_ids(ScopeKind.VILLAGE, Role.SECRETARY)
        | audits[ScopeKind.VILLAGE],
    )


def choices_in(scope: IncomeScope) -> Choices:
    """The cooperatives, villages and products in scope, by name."""
    products = and_(
        scope.holds(Product.cooperative_id, Product.village_id),
        Product.approved_at.is_not(None),
    )
    return Choices(
        cooperatives=_places(Cooperative, scope.sees_cooperative(Cooperative.id)),
        villages=_places(Village, scope.holds_village(Village.id)),
        products=_places(Product, products),
    )


def narrow(
    scope: IncomeScope,
    choices: Choices,
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


def _villages_of(cooperative_ids: frozenset[int]) -> Any:
    farmers = select(Farmer.village_id).where(
        Farmer.cooperative_id.in_(cooperative_ids)
    )
    products = select(Product.village_id).where(
        Product.cooperative_id.in_(cooperative_ids)
    )
    return union(farmers, products)


def _cooperatives_of(
    *, alliance_ids: frozenset[int], town_ids: frozenset[int]
) -> frozenset[int]:
    if not alliance_ids and not town_ids:
        return frozenset()
    linked = select(AllianceCooperative.cooperative_id).where(
        AllianceCooperative.alliance_id.in_(alliance_ids)
    )
    local = select(Cooperative.id).where(Cooperative.town_id.in_(town_ids))
    return frozenset(db.session.scalars(union(linked, local)))
