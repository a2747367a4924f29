"""Whom an order helps: the villages, the families, and their part of the goods."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from core.database import AnyRow, db
from domain.shares import UNASSIGNED_MEMBERS, Line, alliance_host, split_sale
from domain.shares import village as collective
from models.alliances import Village
from models.catalogue import BatchDelivery
from models.cooperative import Farmer
from models.orders import Order, OrderLine
from queries.cooperative import get_split_rule
from queries.orders.views import OrderView


@dataclass(frozen=True)
class VillageGain:
    """What one village has of an order by the order's rule, in fen.

    families: those who agreed to be named; unnamed: how many others delivered.
    """

    village: str
    slug: str
    families: Sequence[str]
    unnamed: int
    members_fen: int
    collective_fen: int


def village_gains(order: OrderView) -> Sequence[VillageGain]:
    """Per village what families and collective have of what the buyer keeps.

    Three queries. Before delivery it is what they will have.
    """
    lines = _lines(order.id)
    kept = {line.id: line.left.goods_fen for line in order.lines}
    rule = get_split_rule(lines[0].split_policy_id)
    members: dict[int, int] = defaultdict(int)
    collectives: dict[int, int] = defaultdict(int)
    for line in lines:
        host = alliance_host(line.alliance_id)
        parts = split_sale(kept[line.id], rule, Line(line.village_id, host, {}))
        members[line.village_id] += parts.get(UNASSIGNED_MEMBERS, 0)
        collectives[line.village_id] += parts.get(collective(line.village_id), 0)
    named, unnamed = _families(lines)
    return [
        VillageGain(
            village=line.village,
            slug=line.village_slug,
            families=named.get(line.village_id, ()),
            unnamed=unnamed.get(line.village_id, 0),
            members_fen=members[line.village_id],
            collective_fen=collectives[line.village_id],
        )
        for line in {line.village_id: line for line in lines}.values()
        if members[line.village_id]
    ]


def _lines(order_id: int) -> Sequence[AnyRow]:
    return db.session.execute(
        select(
            OrderLine.id,
            OrderLine.village_id,
            OrderLine.alliance_id,
            OrderLine.batch_id,
            Order.split_policy_id,
            Village.name.label("village"),
            Village.slug.label("village_slug"),
        )
        .join(Order, Order.id == OrderLine.order_id)
        .join(Village, Village.id == OrderLine.village_id)
        .where(OrderLine.order_id == order_id)
        .order_by(OrderLine.position)
    ).all()


def _families(
    lines: Sequence[AnyRow],
) -> tuple[Mapping[int, Sequence[str]], Mapping[int, int]]:
    """Per village the names that may be shown, and the number of the others."""
    village_of = {line.batch_id: line.village_id for line in lines if line.batch_id}
    rows = db.session.execute(
        select(BatchDelivery.batch_id, Farmer.id, Farmer.name, Farmer.shown_publicly)
        .join(Farmer, Farmer.id == BatchDelivery.farmer_id)
        .where(BatchDelivery.batch_id.in_(village_of))
        .order_by(BatchDelivery.position, BatchDelivery.id)
    )
    named: dict[int, dict[int, str]] = defaultdict(dict)
    others: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        village_id = village_of[row.batch_id]
        if row.shown_publicly:
            named[village_id][row.id] = row.name
        else:
            others[village_id].add(row.id)
    return (
        {key: list(names.values()) for key, names in named.items()},
        {key: len(ids) for key, ids in others.items()},
    )
