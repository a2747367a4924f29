"""Browsers in which somebody was logged in before: strangers cannot lock them out.

The cookie holds a random word, signed together with the phone, which does not stand in
it. Tries of such a browser are counted by its word (OWASP calls it a device cookie).
The password is signed, too: whoever knew an older one could have gathered words, each
good for tries at the new one. So is only what was proven: no words by a number that
was only typed.
"""

import secrets

from flask import request, session
from itsdangerous import Signer
from werkzeug import Response

from core.config import current_settings
from core.web.requests import client_address
from queries.accounts import find_proven_hash
from services.rates import (
    CODE_PER_ADDRESS,
    CODE_PER_KNOWN,
    CODE_PER_PHONE,
    CODE_PER_PHONE_HERE,
    LOGIN_PER_ADDRESS,
    LOGIN_PER_KNOWN,
    LOGIN_PER_PHONE,
    LOGIN_PER_PHONE_HERE,
    RateLimit,
)

COOKIE = "known"
KEPT_S = 365 * 24 * 3600


def this_browser() -> str:
    """The word by which a code is bound to the browser that asked for it."""
    word: str = session.setdefault("browser", secrets.token_urlsafe(16))
    return word


def login_limits(phone: str, *, by_code: bool = False) -> list[tuple[RateLimit, str]]:
    """What a try to log in as `phone` counts under; a code counts its own tries, too.

    The address comes first, and a full limit ends the counting: whoever is refused
    must not use up the attempts that somebody else's phone has left.
    """
    if word := _known_word(phone):
        return [(LOGIN_PER_KNOWN, word)]
    address = client_address()
    of_phone = [(LOGIN_PER_PHONE_HERE, f"{address} {phone}"), (LOGIN_PER_PHONE, phone)]
    return [(LOGIN_PER_ADDRESS, address), *([] if by_code else of_phone)]


def code_limits(phone: str) -> list[tuple[RateLimit, str]]:
    """What asking for a code by text to `phone` counts under."""
    if word := _known_word(phone):
        return [(CODE_PER_KNOWN, word)]
    address = client_address()
    return [
        (CODE_PER_ADDRESS, address),
        (CODE_PER_PHONE_HERE, f"{address} {phone}"),
        (CODE_PER_PHONE, phone),
    ]


def remember_browser(response: Response, phone: str) -> None:
    """Know this browser again as one in which the owner of `phone` was let in."""
    hashed = find_proven_hash(phone)
    if hashed is None:
        return
    word = _known_word(phone) or secrets.token_urlsafe(12)
    response.set_cookie(
        COOKIE,
        f"{word}.{_signature(word, phone, hashed).decode()}",
        max_age=KEPT_S,
        samesite="Lax",
        httponly=True,
        secure=current_settings().secure_cookies,
    )


def _known_word(phone: str) -> str | None:
    word, _dot, signature = request.cookies.get(COOKIE, "").rpartition(".")
    hashed = find_proven_hash(phone) if word else None
    if hashed is None:
        return None
    expected = _signature(word, phone, hashed)
    return word if secrets.compare_digest(signature.encode(), expected) else None


def _signature(word: str, phone: str, hashed: str) -> bytes:
    signer = Signer(current_settings().secret_key, salt=COOKIE)
    return signer.get_signature(f"{word} {phone} {hashed}")
