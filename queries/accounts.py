"""Who somebody is, and what they may do."""

from datetime import UTC, datetime

from sqlalchemy import select

from core.access import Grant, SignedIn
from core.clock import now
from core.database import db
from domain.roles import Role, ScopeKind
from models.accounts import Account, AccountSession, RoleGrant
from models.columns import digest_of

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def find_account_id(phone: str) -> int | None:
    """The id of the account with this phone, or None."""
    return db.session.scalar(select(Account.id).where(Account.phone == phone))


def find_open_account_id(phone: str) -> int | None:
    """The same of an account that somebody may log in with."""
    return db.session.scalar(
        select(Account.id).where(Account.phone == phone, Account.disabled_at.is_(None))
    )


def find_proven_hash(phone: str) -> str | None:
    """What stands for the password of the account whose owner has proven `phone`."""
    return db.session.scalar(
        select(Account.password_hash).where(
            Account.phone == phone, Account.phone_proven_at.is_not(None)
        )
    )


def find_session_actor(token: str) -> SignedIn | None:
    """The person whose running session has this token, with their current rights."""
    row = db.session.execute(
        select(
            *(Account.id, Account.name, Account.phone, Account.phone_proven_at),
            *(AccountSession.confirmed_at, AccountSession.by_code),
        )
        .join(AccountSession, AccountSession.account_id == Account.id)
        .where(
            AccountSession.token_digest == digest_of(token),
            AccountSession.ended_at.is_(None),
            AccountSession.expires_at > now(),
            Account.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    return SignedIn(
        account_id=row.id,
        name=row.name,
        phone=row.phone,
        session_token=token,
        confirmed_at=row.confirmed_at,
        by_code=row.by_code,
        is_proven=row.phone_proven_at is not None,
        grants=current_grants(row.id) if row.phone_proven_at else (),
    )


def find_account_actor(account_id: int) -> SignedIn | None:
    """A person as a job of theirs acts, with their current rights; never fresh."""
    row = db.session.execute(
        select(Account.name, Account.phone).where(
            Account.id == account_id, Account.disabled_at.is_(None)
        )
    ).one_or_none()
    if row is None:
        return None
    return SignedIn(
        account_id=account_id,
        name=row.name,
        phone=row.phone,
        session_token="",
        confirmed_at=NEVER,
        grants=current_grants(account_id),
    )


def current_grants(account_id: int) -> tuple[Grant, ...]:
    """The roles an account holds now."""
    rows = db.session.execute(
        select(RoleGrant.role, RoleGrant.scope_kind, RoleGrant.scope_id).where(
            RoleGrant.account_id == account_id, RoleGrant.revoked_at.is_(None)
        )
    )
    return tuple(
        Grant(Role(role), ScopeKind(kind), scope_id) for role, kind, scope_id in rows
    )
