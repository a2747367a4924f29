"""One-time codes by text message: five minutes, five tries, used once."""

import secrets
from datetime import timedelta

from sqlalchemy import func, select, update

from core.clock import now
from core.database import db
from core.errors import N_, Invalid
from models.accounts import OneTimeCode
from models.columns import digest_of
from queries.accounts import find_open_account_id
from services import outbox

CODE_LENGTH = timedelta(minutes=5)
CODE_ATTEMPTS = 5


class WrongCode(Invalid):
    """The one-time code is wrong, used or too old."""

    code = "wrong_code"
    message = N_("验证码不对或已过期，请核对短信，或重新发一个。")
    field = "code"


def send_code(phone: str) -> None:
    """Send a one-time code to `phone` if an account has it; say nothing either way.

    A code is written for an unknown phone too: the answer takes as long.
    """
    code = f"{secrets.randbelow(1_000_000):06d}"
    moment = now()
    row = OneTimeCode(
        phone=phone,
        code_digest=_digest(phone, code),
        created_at=moment,
        expires_at=moment + CODE_LENGTH,
        attempts=0,
    )
    db.session.add(row)
    db.session.flush()
    if find_open_account_id(phone):
        outbox.send_sms(
            phone,
            f"【田播】验证码 {code}，5 分钟内有效，不要告诉别人。",
            key=f"code:{row.id}",
        )


def use_code(phone: str, code: str) -> int | None:
    """The account id that `phone` and its newest code open, None when they do not.

    A newer code makes the older ones worthless. The attempt is counted either way,
    so the caller's transaction must be kept; counting locks the row, so of several
    that try the same code at once one gets in.
    """
    newest = select(func.max(OneTimeCode.id)).where(OneTimeCode.phone == phone)
    tried = db.session.execute(
        update(OneTimeCode)
        .where(
            OneTimeCode.id == newest.scalar_subquery(),
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > now(),
            OneTimeCode.attempts < CODE_ATTEMPTS,
        )
        .values(attempts=OneTimeCode.attempts + 1)
        .returning(OneTimeCode.id, OneTimeCode.code_digest)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    digest = _digest(phone, code)
    if tried is None or not secrets.compare_digest(tried.code_digest, digest):
        return None
    db.session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.id == tried.id)
        .values(used_at=now())
        .execution_options(synchronize_session=False)
    )
    return find_open_account_id(phone)


def _digest(phone: str, code: str) -> str:
    return digest_of(f"{phone}:{code}")
