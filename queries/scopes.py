"""One scope: which rows of a table someone sees through some roles, and may change.

A table says in PATHS by which of its columns it belongs to alliances, cooperatives
and villages. A grant reaches a row by the column of its own kind, else by the first
of a kind that lies inside (queries/areas.py): a town's auditor reads the orders of the
town's cooperatives. What lies outside is not found.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true

from core.access import Actor
from core.clock import today
from core.database import Base, db
from core.errors import NotFound
from domain.roles import ScopeKind
from models.accounts import Account, RoleGrant
from models.alliances import Alliance, AllianceMember, Town, Village
from models.catalogue import Product
from models.cooperative import Cooperative, Farmer
from models.income import Employment, IncomeVoucher
from models.live import LiveSession
from models.orders import Order, OrderAccess, OrderLine
from models.payments import Payment, Refund
from models.register import Invitation
from models.training import Certificate, TrainingRecord
from queries.areas import Ids, alone, ids_inside

Path: TypeAlias = Callable[[Ids], ColumnElement[bool]]
Paths: TypeAlias = Mapping[ScopeKind, Path]
Record = TypeVar("Record", bound=Base)


def _has_line(column: Any) -> Path:
    of_order = exists().where(OrderLine.order_id == Order.id).correlate(Order)
    return lambda ids: of_order.where(column.in_(ids))


def _of_order(column: Any, paths: Paths) -> Paths:
    def through(path: Path) -> Path:
        return lambda ids: column.in_(alone(select(Order.id).where(path(ids))))

    return {kind: through(path) for kind, path in paths.items()}


def grown_for(village_id: Any) -> Path:
    """By the cooperatives that a village's families deliver to or sell through."""

    def path(ids: Ids) -> ColumnElement[bool]:
        families = select(Farmer.village_id).where(Farmer.cooperative_id.in_(ids))
        goods = select(Product.village_id).where(Product.cooperative_id.in_(ids))
        return or_(village_id.in_(alone(families)), village_id.in_(alone(goods)))

    return path


def _of_members(account_id: Any) -> Path:
    """By the alliances of which a person is a member today."""
    return lambda ids: account_id.in_(
        alone(
            select(AllianceMember.account_id).where(
                AllianceMember.alliance_id.in_(ids), is_member_on(today())
            )
        )
    )


def is_member_on(day: date) -> ColumnElement[bool]:
    """The condition that a stay counts on a day: from its first to its last one."""
    left_on = AllianceMember.left_on
    return and_(AllianceMember.joined_on <= day, or_(left_on.is_(None), left_on >= day))


OF_ORDERS: Paths = {
    ScopeKind.COOPERATIVE: Order.cooperative_id.in_,
    ScopeKind.ALLIANCE: _has_line(OrderLine.alliance_id),
    ScopeKind.VILLAGE: _has_line(OrderLine.village_id),
}


IN_TOWNS = (ScopeKind.ALLIANCE, ScopeKind.COOPERATIVE, ScopeKind.VILLAGE)


def _named_in(table: Any) -> Paths:
    """By the scope that a row names; for a town also by all that lies in it."""

    def names(kind: ScopeKind) -> Path:
        return lambda ids: and_(table.scope_kind == kind, table.scope_id.in_(ids))

    def of_town(ids: Ids) -> ColumnElement[bool]:
        inside = ((kind, ids_inside(ScopeKind.TOWN, ids, kind)) for kind in IN_TOWNS)
        within = [names(kind)(those) for kind, those in inside if those is not None]
        return or_(names(ScopeKind.TOWN)(ids), *within)

    return {ScopeKind.TOWN: of_town, **{kind: names(kind) for kind in IN_TOWNS}}


PATHS: Mapping[type[Base], Paths] = {
    Order: OF_ORDERS,
    Payment: _of_order(Payment.order_id, OF_ORDERS),
    Refund: _of_order(Refund.order_id, OF_ORDERS),
    Product: {ScopeKind.ALLIANCE: Product.alliance_id.in_},
    LiveSession: {ScopeKind.ALLIANCE: LiveSession.alliance_id.in_},
    Alliance: {ScopeKind.ALLIANCE: Alliance.id.in_},
    Cooperative: {ScopeKind.COOPERATIVE: Cooperative.id.in_},
    Village: {
        ScopeKind.VILLAGE: Village.id.in_,
        ScopeKind.COOPERATIVE: grown_for(Village.id),
    },
    Employment: {
        ScopeKind.COOPERATIVE: Employment.cooperative_id.in_,
        ScopeKind.VILLAGE: Employment.village_id.in_,
    },
    IncomeVoucher: {
        ScopeKind.VILLAGE: IncomeVoucher.village_id.in_,
        ScopeKind.COOPERATIVE: grown_for(IncomeVoucher.village_id),
    },
    Town: {ScopeKind.TOWN: Town.id.in_},
    RoleGrant: _named_in(RoleGrant),
    Invitation: _named_in(Invitation),
    AllianceMember: {ScopeKind.ALLIANCE: AllianceMember.alliance_id.in_},
    TrainingRecord: {ScopeKind.ALLIANCE: _of_members(TrainingRecord.account_id)},
    Certificate: {ScopeKind.ALLIANCE: _of_members(Certificate.account_id)},
}
"""How a row of each table belongs to areas; the order decides where several fit."""


def _own_order(actor: Actor) -> ColumnElement[bool]:
    """The person's own, or open to the browser."""
    owned: list[ColumnElement[bool]] = []
    if actor.account_id is not None:
        owned.append(Order.account_id == actor.account_id)
    if actor.visitor_id is not None:
        by_browser = OrderAccess.visitor_id == actor.visitor_id
        opened = exists().where(OrderAccess.order_id == Order.id, by_browser)
        owned.append(opened.correlate(Order))
    return or_(*owned) if owned else false()


def _own_phone(actor: Actor) -> Any:
    """The phone that the person has proven."""
    proven = Account.phone_proven_at.is_not(None)
    own = select(Account.phone).where(Account.id == actor.account_id, proven)
    return own.scalar_subquery()


OWNED: Mapping[type[Base], Callable[[Actor], ColumnElement[bool]]] = {
    Order: _own_order,
    AllianceMember: lambda actor: AllianceMember.account_id == actor.account_id,
    RoleGrant: lambda actor: RoleGrant.account_id == actor.account_id,
    Invitation: lambda actor: Invitation.phone == _own_phone(actor),
}
"""How a row belongs to the one who asks, whatever their roles."""


def reaches(actor: Actor, roles: tuple[str, ...], paths: Paths) -> ColumnElement[bool]:
    """The condition that a row lies in what `actor` holds one of `roles` for.

    paths: how the row belongs to each kind of area.
    """
    if actor.is_house or actor.scope_ids(ScopeKind.DISTRICT, *roles):
        return true()
    found = [
        condition
        for kind in ScopeKind
        if (ids := actor.scope_ids(kind, *roles))
        and (condition := _reach(kind, ids, paths)) is not None
    ]
    return or_(*found) if found else false()


def _reach(kind: ScopeKind, ids: Ids, paths: Paths) -> ColumnElement[bool] | None:
    if kind in paths:
        return paths[kind](ids)
    for inner, path in paths.items():
        if (inside := ids_inside(kind, ids, inner)) is not None:
            return path(inside)
    return None


def visible(table: type[Base], actor: Actor, *roles: str) -> ColumnElement[bool]:
    """The condition that a row of `table` is one that `actor` sees through `roles`.

    Without roles: as the one it belongs to, such as a buyer's order.
    """
    if roles or actor.is_house:
        return reaches(actor, roles, PATHS[table])
    return OWNED[table](actor)


def find_visible(
    table: type[Base], record_id: int, actor: Actor, *roles: str
) -> int | None:
    """The id again when that record is in scope, else None."""
    key = table.__mapper__.columns.id
    return db.session.scalar(
        select(key).where(key == record_id, visible(table, actor, *roles))
    )


def lock(table: type[Record], record_id: int, actor: Actor, *roles: str) -> Record:
    """A record in scope, as it is now, held until the transaction ends.

    It is held FOR NO KEY UPDATE: rows that refer to it may be written meanwhile, such
    as an order's lines while we hold the product. Raises NotFound out of scope.
    """
    held = db.session.scalar(
        select(table)
        .where(table.__mapper__.columns.id == record_id, visible(table, actor, *roles))
        .with_for_update(key_share=True, of=table)
        .execution_options(populate_existing=True)
    )
    if held is None:
        raise NotFound()
    return held
