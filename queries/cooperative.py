"""Which of a cooperative's rules hold on a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    ScalarSelect,
    bindparam,
    func,
    select,
    true,
)

from core.clock import today
from core.database import AnyColumns, AnySelect, db
from core.statements import kept, table_of
from domain.freight import FreightRule, from_json
from domain.shares import FeeBearer, SplitRule
from models.cooperative import Cooperative, FreightPolicy, SplitPolicy


@dataclass(frozen=True)
class EffectiveSplit:
    """The split rule of a day, and which version it is."""

    policy_id: int
    version: int
    valid_from: date
    rule: SplitRule


@dataclass(frozen=True)
class EffectiveFreight:
    """The freight rule of a day, and which version it is."""

    policy_id: int
    version: int
    valid_from: date
    rule: FreightRule


@dataclass(frozen=True)
class RulesInForce:
    """What a cooperative sells under on a day; the ids are of the versions."""

    freight_policy_id: int
    freight: FreightRule
    split_policy_id: int


def find_split_policy(cooperative_id: int, day: date) -> EffectiveSplit | None:
    """The newest approved split rule that is valid on `day`, or None."""
    on = {"cooperative_id": cooperative_id, "day": day}
    row = db.session.execute(_split_policy_on(), on).one_or_none()
    if row is None:
        return None
    return EffectiveSplit(row.id, row.version, row.valid_from, _split_rule(row))


@kept
def _split_policy_on() -> AnySelect:
    policy = table_of(SplitPolicy).c
    return _newest(select(*policy).where(policy.approved_at.is_not(None)), policy)


def get_split_rule(policy_id: int) -> SplitRule:
    """The rule of a version, such as the one an order was placed under."""
    table = SplitPolicy.__table__
    query = select(table).where(SplitPolicy.id == policy_id)
    return _split_rule(db.session.execute(query).one())


def _split_rule(row: Row[Any]) -> SplitRule:
    return SplitRule(
        host_bp=row.host_bp,
        platform_bp=row.platform_bp,
        village_bp=row.village_bp,
        reserve_bp=row.reserve_bp,
        fee_bearer=FeeBearer(row.fee_bearer),
    )


def find_freight_policy(cooperative_id: int, day: date) -> EffectiveFreight | None:
    """The newest freight rule that is valid on `day`, or None."""
    on = {"cooperative_id": cooperative_id, "day": day}
    row = db.session.execute(_freight_policy_on(), on).one_or_none()
    if row is None:
        return None
    return EffectiveFreight(row.id, row.version, row.valid_from, from_json(row.rule))


@kept
def _freight_policy_on() -> AnySelect:
    policy = table_of(FreightPolicy).c
    return _newest(select(*policy), policy)


def _newest(policies: AnySelect, policy: AnyColumns) -> AnySelect:
    """Of one cooperative's versions, the one in force on a day."""
    return (
        policies.where(
            policy.cooperative_id == bindparam("cooperative_id"),
            policy.valid_from <= bindparam("day"),
        )
        .order_by(policy.valid_from.desc(), policy.version.desc())
        .limit(1)
    )


def rules_in_force(
    cooperative_ids: Iterable[int], day: date
) -> Mapping[int, RulesInForce]:
    """The rules per cooperative that can sell on `day`: it has both. One query."""
    wanted = {"cooperative_ids": sorted(set(cooperative_ids)), "day": day}
    return {
        row.id: RulesInForce(row.freight_id, from_json(row.rule), row.split_id)
        for row in db.session.execute(_rules_in_force(), wanted)
    }


@kept
def _rules_in_force() -> AnySelect:
    cooperatives, freights = table_of(Cooperative), table_of(FreightPolicy)
    splits = table_of(SplitPolicy)
    newest_freight = _newest_of(freights.alias(), true())
    newest_split = _newest_of(splits, splits.c.approved_at.is_not(None))
    return (
        select(
            cooperatives.c.id,
            freights.c.id.label("freight_id"),
            freights.c.rule,
            newest_split.label("split_id"),
        )
        .join_from(cooperatives, freights, freights.c.id == newest_freight)
        .where(
            cooperatives.c.id.in_(bindparam("cooperative_ids", expanding=True)),
            newest_split.is_not(None),
        )
    )


def _newest_of(table: FromClause, known: ColumnElement[bool]) -> ScalarSelect[int]:
    """The id of a cooperative's version in force on a day."""
    cooperative, policy = table_of(Cooperative), table.c
    newest = select(policy.id).where(
        policy.cooperative_id == cooperative.c.id,
        policy.valid_from <= bindparam("day"),
        known,
    )
    newest = newest.order_by(policy.valid_from.desc(), policy.version.desc()).limit(1)
    return newest.correlate(cooperative).scalar_subquery()


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
