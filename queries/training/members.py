"""Whose portfolios a person may see and keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from core.access import Actor
from core.clock import today
from core.database import db
from core.pages.paging import Page, paginate
from domain.roles import Role, ScopeKind
from models.accounts import Account, RoleGrant
from models.alliances import Alliance, AllianceMember

PER_PAGE = 20


@dataclass(frozen=True)
class TrainingScope:
    """The members in reach: all of the district, or those of alliances and towns."""

    whole_district: bool
    alliance_ids: frozenset[int]
    town_ids: frozenset[int]

    def holds(self) -> ColumnElement[bool]:
        """The condition on an Alliance whose members are in reach."""
        if self.whole_district:
            return true()
        parts: list[ColumnElement[bool]] = []
        if self.alliance_ids:
            parts.append(Alliance.id.in_(self.alliance_ids))
        if self.town_ids:
            parts.append(Alliance.town_id.in_(self.town_ids))
        return or_(*parts) if parts else false()


@dataclass(frozen=True)
class Member:
    """A present member of an alliance."""

    account_id: int
    name: str
    alliance: str
    joined_on: date


def training_scope(actor: Actor, *, may_enter: bool = False) -> TrainingScope:
    """Whose portfolios `actor` may read, or with `may_enter` add records to.

    Auditors read and enter nothing.
    """
    audit = () if may_enter else (Role.AUDITOR,)
    district = actor.scope_ids(ScopeKind.DISTRICT, Role.DISTRICT_OFFICER, *audit)
    return TrainingScope(
        whole_district=bool(district),
        alliance_ids=actor.scope_ids(
            ScopeKind.ALLIANCE, Role.LEAD, Role.TRAINER, *audit
        ),
        town_ids=actor.scope_ids(ScopeKind.TOWN, Role.TOWN_OFFICER, *audit),
    )


def members_in_scope(
    scope: TrainingScope, page: int, *, name: str = ""
) -> Page[Member]:
    """Present members, by alliance and name; `name` is a part of theirs."""
    query = present_members().where(scope.holds())
    if name:
        query = query.where(Account.name.contains(name, autoescape=True))
    found = paginate(
        query.order_by(Alliance.name, Account.name, Account.id), page, PER_PAGE
    )
    rows = [_member(row) for row in found.items]
    return Page(rows, found.page, found.per_page, found.total)


def every_member(scope: TrainingScope) -> Sequence[Member]:
    """All present members in reach, by name: the choices of a form."""
    query = present_members().where(scope.holds())
    rows = db.session.execute(query.order_by(Account.name, Account.id))
    return [_member(row) for row in rows]


def possible_mentors(scope: TrainingScope) -> Sequence[tuple[int, str]]:
    """Ids and names of who may guide a member: trainers and members in reach."""
    members = present_members().where(scope.holds()).with_only_columns(Account.id)
    trainers = (
        select(RoleGrant.account_id)
        .join(Alliance, Alliance.id == RoleGrant.scope_id)
        .where(
            RoleGrant.role == Role.TRAINER,
            RoleGrant.scope_kind == ScopeKind.ALLIANCE,
            RoleGrant.revoked_at.is_(None),
            scope.holds(),
        )
    )
    rows = db.session.execute(
        select(Account.id, Account.name)
        .where(or_(Account.id.in_(members), Account.id.in_(trainers)))
        .order_by(Account.name, Account.id)
    )
    return [(row.id, row.name) for row in rows]


def find_member(account_id: int, scope: TrainingScope | None) -> Member | None:
    """A present member in reach, or None; scope None stands for oneself."""
    query = present_members().where(Account.id == account_id)
    if scope is not None:
        query = query.where(scope.holds())
    row = db.session.execute(query.order_by(AllianceMember.joined_on)).first()
    return _member(row) if row else None


def present_members() -> Select[int, str, str, date]:
    """Members who have not left by today."""
    day = today()
    return (
        select(
            Account.id,
            Account.name,
            Alliance.name.label("alliance"),
            AllianceMember.joined_on,
        )
        .join(AllianceMember, AllianceMember.account_id == Account.id)
        .join(Alliance, Alliance.id == AllianceMember.alliance_id)
        .where(or_(AllianceMember.left_on.is_(None), AllianceMember.left_on >= day))
    )


def _member(row: object) -> Member:
    return Member(row.id, row.name, row.alliance, row.joined_on)  # type: ignore[attr-defined]
