"""Who holds and held which role, and who is invited to one."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import aliased

from core.access import Actor
from core.clock import now
from core.database import AnyRow, AnySelect, db
from core.errors import NotFound
from core.pages.paging import Page, paginate
from domain.periods import Period
from domain.register import InvitationState
from domain.roles import ROLE_GIVERS, ROLE_READERS, Role, ScopeKind, givers_of
from models.accounts import Account, RoleGrant
from models.register import Invitation
from queries.areas import DISTRICT_ID, NAMED, name_of_scope
from queries.scopes import visible

GIVER = aliased(Account)


def roles_held(
    actor: Actor, roles: Sequence[str], period: Period | None, page: int, per_page: int
) -> Page[AnyRow]:
    """The roles in scope that were held on some day of `period`, now without one."""
    query = _grants().where(visible(RoleGrant, actor, *ROLE_READERS))
    if roles:
        query = query.where(RoleGrant.role.in_(roles))
    ended = RoleGrant.revoked_at
    if period is None:
        query = query.where(ended.is_(None))
    else:
        started = RoleGrant.granted_at < period.ends_at
        query = query.where(started, or_(ended.is_(None), ended >= period.starts_at))
    order = (RoleGrant.scope_kind, RoleGrant.scope_id, RoleGrant.role, RoleGrant.id)
    return paginate(query.order_by(*order), page, per_page)


def get_held_role(grant_id: int, actor: Actor, *, own: bool = False) -> AnyRow:
    """A role that somebody in scope holds, or one's own. Raises NotFound."""
    named = db.session.get(RoleGrant, grant_id)
    if named is None:
        raise NotFound()
    givers = givers_of(Role(named.role), ScopeKind(named.scope_kind))
    seen = visible(RoleGrant, actor, *(() if own else givers))
    return _one(_grants().where(RoleGrant.id == grant_id, seen))


def own_roles(actor: Actor) -> Sequence[AnyRow]:
    """The roles that the person holds."""
    own = visible(RoleGrant, actor)
    query = _grants().where(own, RoleGrant.revoked_at.is_(None))
    return db.session.execute(query.order_by(RoleGrant.id)).all()


def invitations_in(
    actor: Actor, period: Period | None, page: int, per_page: int
) -> Page[AnyRow]:
    """The invitations in scope that were made in `period`, newest first."""
    query = _invitations().where(visible(Invitation, actor, *ROLE_READERS))
    if period is not None:
        made = Invitation.created_at
        query = query.where(made >= period.starts_at, made < period.ends_at)
    return paginate(query.order_by(Invitation.id.desc()), page, per_page)


def get_invitation(invitation_id: int, actor: Actor) -> AnyRow:
    """An invitation in scope. Raises NotFound."""
    seen = visible(Invitation, actor, *ROLE_READERS)
    return _one(_invitations().where(Invitation.id == invitation_id, seen))


def invitations_to(actor: Actor) -> Sequence[AnyRow]:
    """The invitations to the own, proven phone that wait for an answer."""
    query = _invitations().where(
        visible(Invitation, actor),
        Invitation.state == InvitationState.OPEN,
        Invitation.expires_at > now(),
    )
    return db.session.execute(query.order_by(Invitation.id)).all()


def places_to_give(actor: Actor) -> Sequence[tuple[ScopeKind, int, str]]:
    """Kind, id and name of each area in which `actor` may give some role."""
    found = [
        (kind, row.id, row.name)
        for kind, (table, _column) in NAMED.items()
        for row in db.session.execute(
            select(table.id, table.name)
            .where(visible(table, actor, *ROLE_GIVERS))
            .order_by(table.name)
        )
    ]
    if actor.scope_ids(ScopeKind.DISTRICT, Role.DISTRICT_OFFICER):
        found.append((ScopeKind.DISTRICT, DISTRICT_ID, ""))
    return found


def _grants() -> AnySelect:
    return (
        select(
            *RoleGrant.__table__.columns,
            Account.name.label("person"),
            Account.phone.label("phone"),
            GIVER.name.label("giver"),
            name_of_scope(RoleGrant).label("place"),
        )
        .join(Account, Account.id == RoleGrant.account_id)
        .outerjoin(GIVER, GIVER.id == RoleGrant.granted_by)
    )


def _invitations() -> AnySelect:
    return select(
        *Invitation.__table__.columns,
        GIVER.name.label("giver"),
        name_of_scope(Invitation).label("place"),
    ).join(GIVER, GIVER.id == Invitation.account_id)


def _one(query: Select[Any]) -> AnyRow:
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return row
