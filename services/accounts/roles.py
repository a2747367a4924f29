"""Who holds which role, within which scope."""

from sqlalchemy import select, update

from core.access import Grant, Role, ScopeKind
from core.clock import now
from core.database import db
from models.accounts import RoleGrant
from services.accounts.sessions import end_sessions


def current_grants(account_id: int) -> tuple[Grant, ...]:
    """The roles an account holds now."""
    rows = db.session.scalars(
        select(RoleGrant).where(
            RoleGrant.account_id == account_id, RoleGrant.revoked_at.is_(None)
        )
    ).all()
    return tuple(
        Grant(Role(row.role), ScopeKind(row.scope_kind), row.scope_id) for row in rows
    )


def grant_role(
    account_id: int,
    role: Role,
    scope_kind: ScopeKind,
    scope_id: int,
    *,
    by: int | None = None,
) -> None:
    """Give a role; giving it again changes nothing."""
    wanted = Grant(role, scope_kind, scope_id)
    if wanted not in current_grants(account_id):
        db.session.add(
            RoleGrant(
                account_id=account_id,
                role=role,
                scope_kind=scope_kind,
                scope_id=scope_id,
                granted_by=by,
            )
        )
        db.session.flush()


def revoke_role(
    account_id: int, role: Role, scope_kind: ScopeKind, scope_id: int
) -> None:
    """Take a role away, and end every session that was opened with it."""
    db.session.execute(
        update(RoleGrant)
        .where(
            RoleGrant.account_id == account_id,
            RoleGrant.role == role,
            RoleGrant.scope_kind == scope_kind,
            RoleGrant.scope_id == scope_id,
            RoleGrant.revoked_at.is_(None),
        )
        .values(revoked_at=now())
        .execution_options(synchronize_session=False)
    )
    end_sessions(account_id)
