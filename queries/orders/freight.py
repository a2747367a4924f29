"""Freight rules of several cooperatives at once, for the pages that explain them."""

from collections.abc import Iterable, Mapping

from sqlalchemy import func, select

from core.clock import today
from core.database import db
from domain.freight import FreightRule, from_json
from models.cooperative import FreightPolicy


def freight_rules(cooperative_ids: Iterable[int]) -> Mapping[int, FreightRule]:
    """Today's rule per cooperative; those without one are left out. One query."""
    wanted = sorted(set(cooperative_ids))
    if not wanted:
        return {}
    newest_first = func.row_number().over(
        partition_by=FreightPolicy.cooperative_id,
        order_by=(FreightPolicy.valid_from.desc(), FreightPolicy.version.desc()),
    )
    ranked = (
        select(FreightPolicy.id, newest_first.label("rank"))
        .where(
            FreightPolicy.cooperative_id.in_(wanted),
            FreightPolicy.valid_from <= today(),
        )
        .subquery()
    )
    rows = db.session.execute(
        select(FreightPolicy.cooperative_id, FreightPolicy.table)
        .join(ranked, ranked.c.id == FreightPolicy.id)
        .where(ranked.c.rank == 1)
    )
    return {row.cooperative_id: from_json(row.table) for row in rows}
