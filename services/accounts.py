"""Accounts, logins and rights. Sessions are rows: ending the row ends the session."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, or_, select, update

from core.access import Actor, Grant, Role, ScopeKind
from core.clock import now
from core.database import db
from core.errors import N_, Conflict, Invalid
from models import Account, AccountSession, OneTimeCode, RoleGrant
from services import outbox

SHORTEST_PASSWORD = 8
SESSION_LENGTH = timedelta(days=30)
CODE_LENGTH = timedelta(minutes=5)
CODE_ATTEMPTS = 5
KEEP_ENDED = timedelta(days=7)

hasher = PasswordHasher()


class WrongLogin(Invalid):
    """Phone and password, or phone and code, do not belong together."""

    code = "wrong_login"
    message = N_("手机号和密码对不上，请再输一次。忘了密码可以用验证码登录。")


class WrongCode(Invalid):
    """The one-time code is wrong, used or too old."""

    code = "wrong_code"
    message = N_("验证码不对或已过期，请核对短信，或重新发一个。")


class PhoneTaken(Conflict):
    """An account with this phone exists."""

    code = "phone_taken"
    message = N_("这个手机号已经注册过，请直接登录。")


def digest_of(token: str) -> str:
    """What is stored in place of a secret token."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_password(password: str) -> str:
    """The argon2id hash that is stored for a password."""
    return hasher.hash(password)


def register(phone: str, name: str, password: str) -> Account:
    """Open an account. Raises PhoneTaken."""
    if db.session.scalar(select(Account.id).where(Account.phone == phone)):
        raise PhoneTaken()
    account = Account(phone=phone, name=name, password_hash=hash_password(password))
    db.session.add(account)
    db.session.flush()
    return account


def check_password(phone: str, password: str) -> int:
    """The id of the account that `phone` and `password` open.

    Raises WrongLogin. An unknown phone takes as long as a wrong password.
    """
    account = db.session.scalar(select(Account).where(Account.phone == phone))
    hash_of_nobody = _hash_of_nobody()
    try:
        hasher.verify(account.password_hash if account else hash_of_nobody, password)
    except (VerificationError, InvalidHashError):
        raise WrongLogin() from None
    if account is None or account.disabled_at:
        raise WrongLogin()
    return account.id


@cache
def _hash_of_nobody() -> str:
    """What an unknown phone's password is compared with; made at the first login."""
    return hasher.hash(secrets.token_urlsafe(16))


def send_code(phone: str) -> None:
    """Send a one-time code to `phone` if an account has it; say nothing either way."""
    if not db.session.scalar(select(Account.id).where(Account.phone == phone)):
        return
    code = f"{secrets.randbelow(1_000_000):06d}"
    moment = now()
    row = OneTimeCode(
        phone=phone,
        code_digest=digest_of(f"{phone}:{code}"),
        created_at=moment,
        expires_at=moment + CODE_LENGTH,
        attempts=0,
    )
    db.session.add(row)
    db.session.flush()
    outbox.send_sms(
        phone,
        f"【田播】验证码 {code}，5 分钟内有效，不要告诉别人。",
        key=f"code:{row.id}",
    )


def use_code(phone: str, code: str) -> int | None:
    """The account id that `phone` and its newest code open, None when they do not.

    The attempt is counted either way, so the caller's transaction must be kept.
    """
    row = db.session.scalar(
        select(OneTimeCode)
        .where(OneTimeCode.phone == phone, OneTimeCode.used_at.is_(None))
        .order_by(OneTimeCode.id.desc())
        .limit(1)
    )
    if row is None or row.expires_at < now() or row.attempts >= CODE_ATTEMPTS:
        return None
    row.attempts += 1
    if not secrets.compare_digest(row.code_digest, digest_of(f"{phone}:{code}")):
        return None
    row.used_at = now()
    return db.session.scalar(
        select(Account.id).where(Account.phone == phone, Account.disabled_at.is_(None))
    )


def open_session(account_id: int) -> str:
    """Start a login session; returns the token for the cookie."""
    token = secrets.token_urlsafe(32)
    moment = now()
    db.session.add(
        AccountSession(
            token_digest=digest_of(token),
            account_id=account_id,
            created_at=moment,
            confirmed_at=moment,
            expires_at=moment + SESSION_LENGTH,
        )
    )
    return token


def end_session(token: str) -> None:
    """Log one browser out."""
    _end(AccountSession.token_digest == digest_of(token))


def end_sessions(account_id: int) -> None:
    """Log a person out everywhere."""
    _end(AccountSession.account_id == account_id)


def forget_ended_sessions() -> None:
    """Delete login sessions and one-time codes that ended a while ago."""
    past = now() - KEEP_ENDED
    ended = or_(AccountSession.ended_at < past, AccountSession.expires_at < past)
    db.session.execute(delete(AccountSession).where(ended))
    db.session.execute(delete(OneTimeCode).where(OneTimeCode.expires_at < past))


def _end(condition: object) -> None:
    db.session.execute(
        update(AccountSession)
        .where(condition, AccountSession.ended_at.is_(None))  # type: ignore[arg-type]
        .values(ended_at=now())
        .execution_options(synchronize_session=False)
    )


def change_password(actor: Actor, old: str, new: str) -> None:
    """Set a new password and end every session. Raises WrongLogin."""
    check_password(actor.phone, old)
    db.session.execute(
        update(Account)
        .where(Account.id == actor.account_id)
        .values(password_hash=hash_password(new))
    )
    end_sessions(actor.account_id)


def find_session_actor(token: str) -> Actor | None:
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
    return Actor(
        account_id=row.id,
        name=row.name,
        phone=row.phone,
        session_token=token,
        confirmed_at=row.confirmed_at,
        grants=current_grants(row.id),
    )


def current_grants(account_id: int) -> tuple[Grant, ...]:
    """The roles an account holds now."""
    rows: Sequence[RoleGrant] = db.session.scalars(
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
