"""What lies inside what, and how each kind of area is called.

district ⊃ town ⊃ village ⊃ grid; a town's alliances and cooperatives too, and the
cooperatives that an alliance works with. A kind that comes with a later room is one
entry here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, case, literal, select, union_all

from core.access import Grant
from core.database import db
from domain.roles import ScopeKind
from models.alliances import Alliance, AllianceCooperative, Town, Village
from models.cooperative import Cooperative

Ids: TypeAlias = "frozenset[int] | Select[Any]"
DISTRICT_ID = 0

NAMED: Mapping[ScopeKind, tuple[Any, Any]] = {
    ScopeKind.ALLIANCE: (Alliance, Alliance.slug),
    ScopeKind.COOPERATIVE: (Cooperative, Cooperative.slug),
    ScopeKind.VILLAGE: (Village, Village.slug),
    ScopeKind.TOWN: (Town, Town.name),
}
"""The table of each kind, and the column by which people type one of it."""

INSIDE: Mapping[tuple[ScopeKind, ScopeKind], tuple[Any, Any]] = {
    (ScopeKind.TOWN, ScopeKind.COOPERATIVE): (Cooperative.id, Cooperative.town_id),
    (ScopeKind.TOWN, ScopeKind.ALLIANCE): (Alliance.id, Alliance.town_id),
    (ScopeKind.TOWN, ScopeKind.VILLAGE): (Village.id, Village.town_id),
    (ScopeKind.ALLIANCE, ScopeKind.COOPERATIVE): (
        AllianceCooperative.cooperative_id,
        AllianceCooperative.alliance_id,
    ),
}
"""By (outer, inner): the inner id and the outer id it belongs to."""


@dataclass(frozen=True)
class Area:
    """An alliance, cooperative, village or town by its name."""

    kind: ScopeKind
    slug: str
    name: str


def ids_inside(outer: ScopeKind, ids: Ids, inner: ScopeKind) -> Select[Any] | None:
    """The ids of `inner` that lie in these of `outer`; None where none can."""
    found = INSIDE.get((outer, inner))
    return None if found is None else alone(select(found[0]).where(found[1].in_(ids)))


def alone(query: Select[Any]) -> Select[Any]:
    """A subquery of its own: the query around it may well read the same tables.

    SQLAlchemy would else take those out of it and leave nothing to read.
    """
    return query.correlate(None)


def areas_of(grants: Sequence[Grant]) -> Sequence[Area]:
    """The areas that grants name, by kind and name; a district has none. One query."""
    parts = [
        select(
            literal(kind.value).label("kind"), column.label("slug"), table.name
        ).where(table.id.in_([g.scope_id for g in grants if g.scope_kind == kind]))
        for kind, (table, column) in NAMED.items()
    ]
    named = union_all(*parts).subquery()
    rows = db.session.execute(select(named).order_by(named.c.kind, named.c.name))
    return [Area(ScopeKind(row.kind), row.slug, row.name) for row in rows]


def names_of(grants: Sequence[Grant]) -> Mapping[tuple[str, int], str]:
    """How people call the areas of grants, by kind and id; a district has no name."""
    parts = [
        select(literal(kind.value).label("kind"), table.id, table.name).where(
            table.id.in_([g.scope_id for g in grants if g.scope_kind == kind])
        )
        for kind, (table, _column) in NAMED.items()
    ]
    return {
        (kind, id_): name for kind, id_, name in db.session.execute(union_all(*parts))
    }


def find_area_id(kind: ScopeKind, name: str) -> int | None:
    """The id of the area called `name` (a slug; a town's name), or None."""
    if kind is ScopeKind.DISTRICT:
        return DISTRICT_ID
    if kind not in NAMED:
        return None
    table, column = NAMED[kind]
    return db.session.scalar(select(table.id).where(column == name))


def area_name(kind: ScopeKind, area_id: int) -> str:
    """How people call one area; the district has no name here."""
    if kind not in NAMED:
        return ""
    table, _column = NAMED[kind]
    return db.session.scalar(select(table.name).where(table.id == area_id)) or ""


def name_of_scope(table: Any) -> ColumnElement[str]:
    """The name of the area that a row names by `scope_kind` and `scope_id`."""
    named = [
        (
            table.scope_kind == kind,
            select(area.name).where(area.id == table.scope_id).scalar_subquery(),
        )
        for kind, (area, _column) in NAMED.items()
    ]
    return case(*named, else_="")


def area_names(kind: ScopeKind, limit: int = 20) -> list[str]:
    """The names that `find_area_id` knows, in order."""
    if kind not in NAMED:
        return []
    _table, column = NAMED[kind]
    return list(db.session.scalars(select(column).order_by(column).limit(limit)))
