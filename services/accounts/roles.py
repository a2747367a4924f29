"""Who holds which role, within which scope."""

from sqlalchemy import select, update

from core.access import Actor, Grant
from core.clock import now
from core.database import db
from domain.roles import Role, ScopeKind
from models.accounts import Account, RoleGrant
from services.accounts.sessions import end_sessions


def find_account_id(phone: str) -> int | None:
    """The id of the account with this phone, or None."""
    return db.session.scalar(select(Account.id).where(Account.phone == phone))


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


def grant_role(actor: Actor, account_id: int, grant: Grant) -> None:
    """Give a role; giving it again changes nothing."""
    if grant not in current_grants(account_id):
        values = {"account_id": account_id, "granted_by": actor.account_id}
        db.session.add(RoleGrant(**vars(grant), **values))
        db.session.flush()


def revoke_role(account_id: int, grant: Grant) -> None:
    """Take a role away, and end every session that was opened with it."""
    db.session.execute(
        update(RoleGrant)
        .filter_by(account_id=account_id, revoked_at=None, **vars(grant))
        .values(revoked_at=now())
        .execution_options(synchronize_session=False)
    )
    end_sessions(account_id)
