"""Accounts opened by phone and password, kept as argon2id hashes."""

import secrets
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from core.access import SignedIn
from core.clock import now
from core.database import db
from core.errors import N_, Invalid
from domain.passwords import check_new_password
from models.accounts import Account
from queries.accounts import find_account_id, find_open_account_id
from queries.live.runners import sessions_once_run_by
from services.accounts.sessions import NO_PASSWORD, end_access, prove_phone
from services.live.announcing import rights_changed

# The second recommended setting of RFC 9106: argon2id, 3 passes, 64 MiB, 4 lanes.
hasher = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)


class WrongLogin(Invalid):
    """Phone and password, or phone and code, do not belong together."""

    code = "wrong_login"
    message = N_("手机号和密码对不上，请再输一次。忘了密码可以用验证码登录。")
    field = "password"


class WrongPassword(WrongLogin):
    """Who is logged in typed another password than the own."""

    code = "wrong_password"
    message = N_("现在的密码不对，请再输一次。")
    field = "old"


class PhoneTaken(Invalid):
    """An account with this phone exists."""

    code = "phone_taken"
    message = N_("这个手机号已经注册过，请直接登录。")
    field = "phone"


@dataclass(frozen=True)
class NewPassword:
    """A password that may be set, as the argon2id hash that is stored of it."""

    hashed: str


@dataclass(frozen=True)
class Renewal:
    """The same password hashed anew, and the stored hash that it replaces."""

    account_id: int
    replaces: str
    hashed: str


def new_password(phone: str, password: str) -> NewPassword:
    """Check and hash a password for the account of `phone`. Raises WeakPassword.

    Outside any transaction: it takes 64 MiB and a tenth of a second, for which no
    other writer should wait.
    """
    check_new_password(password, phone)
    return NewPassword(hash_password(password))


def hash_password(password: str) -> str:
    """The argon2id hash that is stored for a password."""
    return hasher.hash(password)


def register(phone: str, name: str, password: NewPassword) -> Account:
    """Open an account for who has proven the phone. Raises PhoneTaken."""
    if find_account_id(phone) is not None:
        raise PhoneTaken()
    account = Account(
        phone=phone, name=name, password_hash=password.hashed, phone_proven_at=now()
    )
    db.session.add(account)
    try:
        db.session.flush()
    except IntegrityError:
        raise PhoneTaken() from None
    return account


def open_account(phone: str, name: str, password: NewPassword) -> int | None:
    """The account of who has proven the phone, with the password that they chose.

    If there is one already it is theirs: whoever was in it is out. Its name stays,
    unless a stranger may have given it. None while it is disabled.
    """
    if find_account_id(phone) is None:
        return register(phone, name, password).id
    account_id = find_open_account_id(phone)
    if account_id is not None:
        if prove_phone(account_id):
            _change(account_id, name=name)
        set_password(account_id, password)
    return account_id


def has_password(account_id: int) -> bool:
    """Whether a password opens the account; else only a code does."""
    return db.session.get_one(Account, account_id).password_hash != NO_PASSWORD


def check_password(phone: str, password: str) -> int:
    """The id of the account that `phone` and `password` open.

    Raises WrongLogin. An unknown phone takes as long as a wrong password.
    """
    account = db.session.scalar(select(Account).where(Account.phone == phone))
    hash_of_nobody = _hash_of_nobody()
    hashed = account.password_hash if account else NO_PASSWORD
    stored = hash_of_nobody if hashed == NO_PASSWORD else hashed
    try:
        hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        raise WrongLogin() from None
    if account is None or account.disabled_at:
        raise WrongLogin()
    return account.id


def check_own_password(person: SignedIn, password: str) -> None:
    """Make sure that it is the person who is logged in. Raises WrongPassword."""
    try:
        check_password(person.phone, password)
    except WrongLogin:
        raise WrongPassword() from None


@cache
def _hash_of_nobody() -> str:
    """What is compared where there is no password to compare with: as long a work."""
    return hasher.hash(secrets.token_urlsafe(16))


def renewed(account_id: int, password: str) -> Renewal | None:
    """The new hash of a password that was just checked, if the parameters changed.

    Outside any transaction, like every hashing; `keep_renewal` stores it.
    """
    stored = db.session.get_one(Account, account_id).password_hash
    if not hasher.check_needs_rehash(stored):
        return None
    return Renewal(account_id, stored, hash_password(password))


def keep_renewal(renewal: Renewal) -> None:
    """Store a renewed hash. A password changed in between stays.

    Passes are made out to the hash: media is told what they are made out to now.
    """
    db.session.execute(
        update(Account)
        .where(
            Account.id == renewal.account_id,
            Account.password_hash == renewal.replaces,
        )
        .values(password_hash=renewal.hashed)
        .execution_options(synchronize_session=False)
    )
    rights_changed(sessions_once_run_by(renewal.account_id))


def set_password(account_id: int, password: NewPassword) -> None:
    """Set a new password and end every session, stream key and pass had with the old.

    The caller has checked the old one, or a code of the phone.
    """
    _change(account_id, password_hash=password.hashed)
    end_access(account_id)


def _change(account_id: int, **values: str) -> None:
    db.session.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )
