"""Accounts, logins and rights."""

from domain.passwords import SHORTEST_PASSWORD, WeakPassword
from services.accounts.actors import find_session_actor
from services.accounts.codes import (
    CODE_ATTEMPTS,
    CODE_LENGTH,
    WrongCode,
    send_code,
    use_code,
)
from services.accounts.digests import digest_of
from services.accounts.passwords import (
    NewPassword,
    PhoneTaken,
    WrongLogin,
    check_password,
    hash_password,
    keep_renewal,
    new_password,
    register,
    renewed,
    set_password,
)
from services.accounts.roles import current_grants, grant_role, revoke_role
from services.accounts.sessions import (
    SESSION_LENGTH,
    disable_account,
    enable_account,
    end_session,
    end_sessions,
    forget_ended_sessions,
    open_session,
)

__all__ = [
    "CODE_ATTEMPTS",
    "CODE_LENGTH",
    "SESSION_LENGTH",
    "SHORTEST_PASSWORD",
    "NewPassword",
    "PhoneTaken",
    "WeakPassword",
    "WrongCode",
    "WrongLogin",
    "check_password",
    "current_grants",
    "digest_of",
    "disable_account",
    "enable_account",
    "end_session",
    "end_sessions",
    "find_session_actor",
    "forget_ended_sessions",
    "grant_role",
    "hash_password",
    "keep_renewal",
    "new_password",
    "open_session",
    "register",
    "renewed",
    "revoke_role",
    "send_code",
    "set_password",
    "use_code",
]
