"""Accounts opened by phone and password, kept as argon2id hashes."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from core.access import Actor
from core.database import db
from core.errors import N_, Conflict, Invalid
from domain.passwords import check_new_password
from models import Account
from services.accounts.sessions import end_sessions

# The second recommended setting of RFC 9106: argon2id, 3 passes, 64 MiB, 4 lanes.
hasher = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)


class WrongLogin(Invalid):
    """Phone and password, or phone and code, do not belong together."""

    code = "wrong_login"
    message = N_("手机号和密码对不上，请再输一次。忘了密码可以用验证码登录。")


class PhoneTaken(Conflict):
    """An account with this phone exists."""

    code = "phone_taken"
    message = N_("这个手机号已经注册过，请直接登录。")


def hash_password(password: str) -> str:
    """The argon2id hash that is stored for a password."""
    return hasher.hash(password)


def register(phone: str, name: str, password: str) -> Account:
    """Open an account. Raises WeakPassword, PhoneTaken."""
    check_new_password(password, phone)
    if db.session.scalar(select(Account.id).where(Account.phone == phone)):
        raise PhoneTaken()
    account = Account(phone=phone, name=name, password_hash=hash_password(password))
    db.session.add(account)
    try:
        db.session.flush()
    except IntegrityError:
        raise PhoneTaken() from None
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


def renew_hash(account_id: int, password: str) -> None:
    """Hash a password that was just checked anew, if the parameters have changed.

    A password changed in between stays.
    """
    stored = db.session.get_one(Account, account_id).password_hash
    if hasher.check_needs_rehash(stored):
        db.session.execute(
            update(Account)
            .where(Account.id == account_id, Account.password_hash == stored)
            .values(password_hash=hash_password(password))
            .execution_options(synchronize_session=False)
        )


def change_password(actor: Actor, old: str, new: str) -> None:
    """Set a new password and end every session. Raises WrongLogin, WeakPassword."""
    check_password(actor.phone, old)
    check_new_password(new, actor.phone)
    db.session.execute(
        update(Account)
        .where(Account.id == actor.account_id)
        .values(password_hash=hash_password(new))
        .execution_options(synchronize_session=False)
    )
    end_sessions(actor.account_id)
