"""Who is behind a session's token."""

from sqlalchemy import select

from core.access import SignedIn
from core.clock import now
from core.database import db
from models.accounts import Account, AccountSession
from services.accounts.digests import digest_of
from services.accounts.roles import current_grants


def find_session_actor(token: str) -> SignedIn | None:
    """The person whose running session has this token, with their current rights."""
    row = db.session.execute(
        select(Account.id, Account.name, Account.phone, AccountSession.confirmed_at)
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
        grants=current_grants(row.id),
    )
