"""Passes to a live room: signed, short-lived, for one room and one purpose."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer

from core.clock import now

LONGEST_TOKEN = 400
STAND_IN = "stand-in"
"""Subject of a publisher who makes way for any other and is not recorded."""


class Purpose(StrEnum):
    """What the bearer may do in the room."""

    WATCH = "watch"
    RUN = "run"
    PUBLISH = "publish"
    SERVE = "serve"


@dataclass(frozen=True)
class Pass:
    """What a token grants until `until`.

    subject: who it was made for, in the issuer's own words; may be empty.
    key: generation of the room's stream key when it was made; 0 for other purposes.
    """

    room: str
    purpose: Purpose
    until: datetime
    subject: str = ""
    key: int = 0


class BadToken(Exception):
    """Forged, damaged, or made for another room or purpose."""


class ExpiredToken(BadToken):
    """It was right once."""


def sign(secret: str, granted: Pass) -> str:
    """A token in URL-safe characters that `check` turns back into `granted`."""
    until = int(granted.until.timestamp())
    claims = [granted.room, granted.purpose, until, granted.subject, granted.key]
    return str(_serializer(secret).dumps(claims))


def check(secret: str, token: str, room: str, *purposes: Purpose) -> Pass:
    """The pass behind `token`, good now, for `room` and one of `purposes`.

    Raises BadToken, or ExpiredToken for one whose time is over.
    """
    granted = read(secret, token)
    if granted.room != room or granted.purpose not in purposes:
        raise BadToken
    return granted


def read(secret: str, token: str) -> Pass:
    """The pass behind `token`, good now. Raises BadToken or ExpiredToken."""
    if len(token) > LONGEST_TOKEN:
        raise BadToken
    try:
        granted = _pass(_serializer(secret).loads(token))
    except (BadSignature, ValueError, TypeError):
        raise BadToken from None
    if granted.until <= now():
        raise ExpiredToken
    return granted


def _pass(claims: list[Any]) -> Pass:
    room, purpose, until, subject, key = claims
    moment = datetime.fromtimestamp(until, UTC)
    return Pass(room, Purpose(purpose), moment, subject, key)


def _serializer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="tianbo.room")
