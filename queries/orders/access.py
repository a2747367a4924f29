"""Who may see which orders. What lies outside is not found."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    exists,
    false,
    literal,
    or_,
    select,
    true,
    union_all,
)

from core.access import Actor
from core.database import db
from domain.orders.buyers import Buyer
from domain.orders.numbers import parse_order_number
from domain.roles import Role, ScopeKind
from models.alliances import Alliance, Village
from models.cooperative import Cooperative
from models.orders import Order, OrderAccess, OrderLine
from models.payments import Refund


@dataclass(frozen=True)
class OrderScope:
    """Orders of alliances (by their lines), of cooperatives, of villages, or all."""

    alliance_ids: frozenset[int] = frozenset()
    cooperative_ids: frozenset[int] = frozenset()
    village_ids: frozenset[int] = frozenset()
    everything: bool = False


@dataclass(frozen=True)
class ScopePlace:
    """A cooperative, alliance or village that a scope names."""

    kind: ScopeKind
    slug: str
    name: str


def scope_of(actor: Actor, *roles: Role) -> OrderScope:
    """What the person may see as holder of one of `roles`."""
    return OrderScope(
        alliance_ids=actor.scope_ids(ScopeKind.ALLIANCE, *roles),
        cooperative_ids=actor.scope_ids(ScopeKind.COOPERATIVE, *roles),
        village_ids=actor.scope_ids(ScopeKind.VILLAGE, *roles),
        everything=bool(actor.scope_ids(ScopeKind.DISTRICT, *roles)),
    )


def scope_places(scope: OrderScope) -> Sequence[ScopePlace]:
    """The cooperatives, alliances and villages of a scope, by name. One query.

    A scope of everything names none.
    """
    kinds = (
        (ScopeKind.COOPERATIVE, Cooperative, scope.cooperative_ids),
        (ScopeKind.ALLIANCE, Alliance, scope.alliance_ids),
        (ScopeKind.VILLAGE, Village, scope.village_ids),
    )
    parts = [
        select(literal(kind.value).label("kind"), table.slug, table.name).where(
            table.id.in_(ids)
        )
        for kind, table, ids in kinds
    ]
    named = union_all(*parts).subquery()
    rows = db.session.execute(select(named).order_by(named.c.kind, named.c.name))
    return [ScopePlace(ScopeKind(row.kind), row.slug, row.name) for row in rows]


def in_scope(scope: OrderScope) -> ColumnElement[bool]:
    """The condition that an order lies in `scope`."""
    if scope.everything:
        return true()
    conditions: list[ColumnElement[bool]] = [false()]
    if scope.cooperative_ids:
        conditions.append(Order.cooperative_id.in_(scope.cooperative_ids))
    if scope.alliance_ids:
        conditions.append(_has_line(OrderLine.alliance_id.in_(scope.alliance_ids)))
    if scope.village_ids:
        conditions.append(_has_line(OrderLine.village_id.in_(scope.village_ids)))
    return or_(*conditions)


def owned_by(buyer: Buyer) -> ColumnElement[bool]:
    """The condition that an order is the account's, or open to the browser."""
    conditions: list[ColumnElement[bool]] = [false()]
    if buyer.account_id is not None:
        conditions.append(Order.account_id == buyer.account_id)
    if buyer.visitor_id is not None:
        conditions.append(
            exists().where(
                OrderAccess.order_id == Order.id,
                OrderAccess.visitor_id == buyer.visitor_id,
            )
        )
    return or_(*conditions)


def find_own_order(number: str, buyer: Buyer) -> int | None:
    """The id of the buyer's order with this number, however it is typed, or None.

    Raises UnknownOrderNumber (404) for what is no number.
    """
    return _find(number, owned_by(buyer))


def find_order_in_scope(number: str, scope: OrderScope) -> int | None:
    """The id of the order with this number in `scope`, or None.

    Raises UnknownOrderNumber (404) for what is no number.
    """
    return _find(number, in_scope(scope))


def find_refund_in_scope(refund_id: int, scope: OrderScope) -> int | None:
    """The refund's id when its order lies in `scope`, else None."""
    return db.session.scalar(
        select(Refund.id)
        .join(Order, Order.id == Refund.order_id)
        .where(Refund.id == refund_id, in_scope(scope))
    )


def _find(number: str, condition: ColumnElement[bool]) -> int | None:
    known = parse_order_number(number)
    return db.session.scalar(select(Order.id).where(Order.number == known, condition))


def _has_line(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(OrderLine.order_id == Order.id, condition)
