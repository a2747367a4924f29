"""Login sessions are rows: ending the row ends the session, as losing a role does.

A stream key outlives the login that it was read with: who loses a right loses it, too.
"""

import secrets
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, or_, select, update

from core.access import Actor, Grant
from core.clock import now
from core.database import db
from core.errors import N_, Conflict
from models.accounts import Account, AccountSession, OneTimeCode, RoleGrant
from models.columns import digest_of
from queries.accounts import current_grants
from services.live.running import end_passes_of

SESSION_LENGTH = timedelta(days=30)
KEEP_ENDED = timedelta(days=7)
NO_PASSWORD = "-"  # noqa: S105
"""Stands where a hash would: only a code opens the account."""


class PhoneUnproven(Conflict):
    """Nobody has shown yet that the account's phone is theirs."""

    code = "phone_unproven"
    message = N_("这个手机号还没有证明过是本人的：请本人先用短信验证码登录一次。")


def open_session(account_id: int, *, by_code: bool = False) -> str:
    """Start a login session; returns the token for the cookie."""
    token = secrets.token_urlsafe(32)
    moment = now()
    db.session.add(
        AccountSession(
            token_digest=digest_of(token),
            account_id=account_id,
            created_at=moment,
            confirmed_at=moment,
            by_code=by_code,
            expires_at=moment + SESSION_LENGTH,
        )
    )
    db.session.flush()
    return token


def end_session(token: str) -> None:
    """Log one browser out."""
    _end(AccountSession.token_digest == digest_of(token))


def end_sessions(account_id: int) -> None:
    """Log a person out everywhere."""
    _end(AccountSession.account_id == account_id)


def disable_account(account_id: int) -> None:
    """Let nobody in with this account, log it out everywhere and end its keys."""
    _set_disabled(account_id, now())
    end_access(account_id)


def enable_account(account_id: int) -> None:
    """Let the person log in again; sessions of before stay ended."""
    _set_disabled(account_id, None)


def grant_role(actor: Actor, account_id: int, grant: Grant) -> None:
    """Give a role; giving it again changes nothing. Raises PhoneUnproven."""
    proven_at = select(Account.phone_proven_at).where(Account.id == account_id)
    if db.session.scalar(proven_at) is None:
        raise PhoneUnproven()
    if grant not in current_grants(account_id):
        values = {"account_id": account_id, "granted_by": actor.account_id}
        db.session.add(RoleGrant(**vars(grant), **values))
        db.session.flush()


def revoke_role(account_id: int, grant: Grant) -> None:
    """Take a role away, and end every session and key that was had with it."""
    db.session.execute(
        update(RoleGrant)
        .filter_by(account_id=account_id, revoked_at=None, **vars(grant))
        .values(revoked_at=now())
        .execution_options(synchronize_session=False)
    )
    end_access(account_id)


def prove_phone(account_id: int) -> bool:
    """Note that who acts reads the texts of the account's phone; True the first time.

    The first time all that was before ends, the password too: whoever opened the
    account had only typed the number.
    """
    proven = db.session.execute(
        update(Account)
        .where(Account.id == account_id, Account.phone_proven_at.is_(None))
        .values(phone_proven_at=now(), password_hash=NO_PASSWORD)
        .returning(Account.id)
        .execution_options(synchronize_session=False)
    )
    is_first = proven.one_or_none() is not None
    if is_first:
        end_access(account_id)
    return is_first


def forget_ended_sessions() -> None:
    """Delete login sessions and one-time codes that ended a while ago."""
    past = now() - KEEP_ENDED
    ended = or_(AccountSession.ended_at < past, AccountSession.expires_at < past)
    db.session.execute(delete(AccountSession).where(ended))
    db.session.execute(delete(OneTimeCode).where(OneTimeCode.expires_at < past))


def end_access(account_id: int) -> None:
    """A camera that is on the air stays there by its key, whoever is logged out."""
    end_sessions(account_id)
    end_passes_of(account_id)


def _end(condition: ColumnElement[bool]) -> None:
    db.session.execute(
        update(AccountSession)
        .where(condition, AccountSession.ended_at.is_(None))
        .values(ended_at=now())
        .execution_options(synchronize_session=False)
    )


def _set_disabled(account_id: int, moment: object) -> None:
    db.session.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(disabled_at=moment)
        .execution_options(synchronize_session=False)
    )
