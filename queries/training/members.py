"""Whose portfolios a person may see and keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, or_, select

from core.access import Actor
from core.clock import today
from core.database import db
from core.errors import NotFound
from core.pages.paging import Page, paginate
from domain.roles import Role, ScopeKind
from domain.training import ENTERERS, READERS
from models.accounts import Account, RoleGrant
from models.alliances import Alliance, AllianceMember
from models.training import Certificate, TrainingRecord
from queries.scopes import is_member_on, visible

PER_PAGE = 20


@dataclass(frozen=True)
class Member:
    """A present member of an alliance."""

    account_id: int
    name: str
    alliance: str
    joined_on: date


def members_in_scope(actor: Actor, page: int, *, name: str = "") -> Page[Member]:
    """Present members, by alliance and name; `name` is a part of theirs."""
    query = present_members().where(visible(AllianceMember, actor, *READERS))
    if name:
        query = query.where(Account.name.contains(name, autoescape=True))
    found = paginate(
        query.order_by(Alliance.name, Account.name, Account.id), page, PER_PAGE
    )
    return Page(
        [Member(*row) for row in found.items], found.page, found.per_page, found.total
    )


def members_to_enter_for(actor: Actor) -> Sequence[Member]:
    """All present members whom `actor` enters records for, by name: never oneself."""
    query = present_members().where(
        visible(AllianceMember, actor, *ENTERERS), Account.id != actor.account_id
    )
    rows = db.session.execute(query.order_by(Account.name, Account.id))
    return [Member(*row) for row in rows]


def possible_mentors(actor: Actor) -> Sequence[tuple[int, str]]:
    """Ids and names of who may guide a member: trainers and members in reach."""
    members = present_members().where(visible(AllianceMember, actor, *ENTERERS))
    trainers = (
        select(RoleGrant.account_id)
        .join(Alliance, _is_granted_for())
        .where(
            RoleGrant.role == Role.TRAINER,
            RoleGrant.revoked_at.is_(None),
            visible(Alliance, actor, *ENTERERS),
        )
    )
    rows = db.session.execute(
        select(Account.id, Account.name)
        .where(
            or_(
                Account.id.in_(members.with_only_columns(Account.id)),
                Account.id.in_(trainers),
            )
        )
        .order_by(Account.name, Account.id)
    )
    return [(row.id, row.name) for row in rows]


def find_member(account_id: int, actor: Actor, *roles: str) -> Member | None:
    """A present member in reach through `roles`, or None; without roles oneself."""
    row = db.session.execute(
        present_members()
        .where(
            AllianceMember.account_id == account_id,
            visible(AllianceMember, actor, *roles),
        )
        .order_by(AllianceMember.joined_on)
    ).first()
    return Member(*row) if row else None


def get_member(account_id: int, actor: Actor, *roles: str) -> Member:
    """A present member in reach through `roles`. Raises NotFound."""
    found = find_member(account_id, actor, *roles)
    if found is None:
        raise NotFound()
    return found


def may_enter_for(account_id: int, actor: Actor) -> bool:
    """Whether `actor` may add to a member's portfolio; nobody does to the own."""
    is_own = account_id == actor.account_id
    return not is_own and find_member(account_id, actor, *ENTERERS) is not None


def in_reach(
    table: type[TrainingRecord | Certificate], actor: Actor, *roles: str
) -> ColumnElement[bool]:
    """The condition that a row is of a present member in reach.

    Of who has left every alliance nothing is in reach, of the district neither.
    """
    present = present_members().with_only_columns(Account.id)
    return and_(visible(table, actor, *roles), table.account_id.in_(present))


def present_members() -> Select[int, str, str, date]:
    """Members who have not left by today."""
    return (
        select(
            Account.id,
            Account.name,
            Alliance.name.label("alliance"),
            AllianceMember.joined_on,
        )
        .join(AllianceMember, AllianceMember.account_id == Account.id)
        .join(Alliance, Alliance.id == AllianceMember.alliance_id)
        .where(is_member_on(today()))
    )


def _is_granted_for() -> ColumnElement[bool]:
    """That a grant is for an alliance: for itself, its town or the district."""
    kind, scope_id = RoleGrant.scope_kind, RoleGrant.scope_id
    return or_(
        and_(kind == ScopeKind.ALLIANCE, scope_id == Alliance.id),
        and_(kind == ScopeKind.TOWN, scope_id == Alliance.town_id),
        kind == ScopeKind.DISTRICT,
    )
