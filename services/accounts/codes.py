"""One-time codes by text message: five minutes, five tries, used once.

A code is of the phone, of what it was asked for and of the browser that asked: what
another browser asks or tries neither opens nor uses it up.

To have a phone proven for anything else, such as an unusual order: a Purpose of its
own; where the code is asked for, `count_for(*code_limits(phone))` of the blueprints,
which bounds texts per phone and address, then `send_code(phone, this_browser(),
purpose)`; where it is typed, `use_code` with the same words in a transaction that is
kept, and `raise WrongCode()` after it when that was False. The browser's word is
`this_browser()` of `blueprints/known.py`.
"""

import secrets
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import func, select, update

from core.clock import now
from core.database import db
from core.errors import N_, Invalid
from domain.texts import TextKind
from models.accounts import OneTimeCode
from models.columns import digest_of
from queries.accounts import find_open_account_id
from services import outbox
from services.accounts.sessions import prove_phone

CODE_LENGTH = timedelta(minutes=5)
CODE_ATTEMPTS = 5


class Purpose(StrEnum):
    """What a code is asked for; one of another purpose is worth nothing."""

    LOGIN = "login"
    REGISTER = "register"
    ORDER = "order"


class WrongCode(Invalid):
    """The one-time code is wrong, used or too old."""

    code = "wrong_code"
    message = N_("验证码不对或已过期，请核对短信，或重新发一个。")
    field = "code"


def send_code(phone: str, browser: str, purpose: Purpose = Purpose.LOGIN) -> None:
    """Send a one-time code to `phone`, asked for in `browser` (a secret it keeps).

    For a login only where an account has the phone, and nobody is told: a code is
    written for an unknown one too, so the answer takes as long.
    """
    code = f"{secrets.randbelow(1_000_000):06d}"
    moment = now()
    row = OneTimeCode(
        phone=phone,
        browser_digest=digest_of(browser),
        code_digest=_digest(phone, code, purpose),
        created_at=moment,
        expires_at=moment + CODE_LENGTH,
        attempts=0,
    )
    db.session.add(row)
    db.session.flush()
    if purpose is not Purpose.LOGIN or find_open_account_id(phone):
        outbox.send_sms(
            phone,
            f"【田播】验证码 {code}，5 分钟内有效，不要告诉别人。",
            key=f"code:{row.id}",
            kind=TextKind.CODE,
        )


def use_code(phone: str, code: str, browser: str, purpose: Purpose) -> bool:
    """Whether `code` is the newest that `browser` asked for: the phone is proven.

    A newer code makes the older ones worthless. The attempt is counted either way,
    so the caller's transaction must be kept; counting locks the row, so of several
    that try the same code at once one gets in.
    """
    newest = select(func.max(OneTimeCode.id)).where(
        OneTimeCode.phone == phone, OneTimeCode.browser_digest == digest_of(browser)
    )
    tried = db.session.execute(
        update(OneTimeCode)
        .where(
            OneTimeCode.id == newest.scalar_subquery(),
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > now(),
            # Longer is what a clock gave that has been put back since.
            OneTimeCode.expires_at <= now() + 2 * CODE_LENGTH,
            OneTimeCode.attempts < CODE_ATTEMPTS,
        )
        .values(attempts=OneTimeCode.attempts + 1)
        .returning(OneTimeCode.id, OneTimeCode.code_digest)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    digest = _digest(phone, code, purpose)
    if tried is None or not secrets.compare_digest(tried.code_digest, digest):
        return False
    db.session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.id == tried.id)
        .values(used_at=now())
        .execution_options(synchronize_session=False)
    )
    return True


def find_proven_account(phone: str, code: str, browser: str) -> int | None:
    """The id of the account that a login's code opens, None when it does not.

    The caller keeps the transaction, as with `use_code`.
    """
    if not use_code(phone, code, browser, Purpose.LOGIN):
        return None
    account_id = find_open_account_id(phone)
    if account_id is not None:
        prove_phone(account_id)
    return account_id


def _digest(phone: str, code: str, purpose: Purpose) -> str:
    return digest_of(f"{purpose}:{phone}:{code}")
