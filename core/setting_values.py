"""What each setting may look like. Every reader raises ValueError with the reason."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::([0-9]{1,5}))?")
RTMP = re.compile(r"rtmps?://[a-z0-9.-]+(?::([0-9]{1,5}))?/[a-z0-9_-]+")
PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")
HOST_NAME = re.compile(r"\.?[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:]+\]")
STRIPE_KEY = re.compile(r"[sr]k_(?:test|live)_[A-Za-z0-9_]+")
WEBHOOK_SECRET = re.compile(r"whsec_[A-Za-z0-9_+/=-]+")
LIVE_KEYS = ("sk_live_", "rk_live_")
POSTGRESQL = re.compile(r"postgres(?:ql(?:\+psycopg)?)?://")
MOST_PROXIES = 9


def switch(text: str) -> bool:
    """1 is on; 0 and nothing are off."""
    if text not in ("", "0", "1"):
        raise ValueError(f"is 1 or 0, not {text!r}")
    return text == "1"


def origin(text: str) -> str | None:
    """A scheme, a host and perhaps a port; None when nothing is set."""
    address = text.rstrip("/")
    found = ORIGIN.fullmatch(address.lower())
    if address and not (found and _is_port(found[1])):
        raise ValueError(f"is no address like https://shop.example.org: {text!r}")
    return address.lower() or None


def web_address(text: str) -> str | None:
    """An origin, perhaps with a path; None when nothing is set."""
    parts = text.rstrip("/").split("/", 3)
    path = f"/{parts[3]}" if len(parts) > 3 else ""
    if not PATH.fullmatch(path):
        raise ValueError(f"is no address like https://example.org/media: {text!r}")
    found = origin("/".join(parts[:3]))
    return f"{found}{path}" if found else None


def rtmp_address(text: str) -> str | None:
    """Where encoders send their stream; None when nothing is set."""
    found = RTMP.fullmatch(text.lower())
    if text and not (found and _is_port(found[1])):
        raise ValueError(f"is no address like rtmp://live.example.org/live: {text!r}")
    return text.lower() or None


def _is_port(text: str | None) -> bool:
    return text is None or 0 < int(text) < 65_536


def host_names(text: str) -> tuple[str, ...]:
    """Names separated by commas; a leading dot admits every name below it."""
    names = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    for name in names:
        if not HOST_NAME.fullmatch(name):
            raise ValueError(f"holds no host name like shop.example.org: {name!r}")
    return names


def database_url(text: str) -> str:
    """The address for SQLAlchemy. Reasons never repeat it: it holds a password."""
    if text.startswith("sqlite:"):
        return _sqlite_url(text)
    address, count = POSTGRESQL.subn("postgresql+psycopg://", text, count=1)
    if not count or not address.startswith("postgresql+psycopg://"):
        raise ValueError("use sqlite:////folder/file.db or postgresql://…/database")
    try:
        has_database = bool(make_url(address).database)
    except (ArgumentError, ValueError):
        raise ValueError("cannot be read; quote : / @ in the password") from None
    if not has_database:
        raise ValueError("names no database: postgresql://user:password@host/database")
    return address


def _sqlite_url(text: str) -> str:
    file, _question, options = text.removeprefix("sqlite:///").partition("?")
    path = Path(file).absolute()
    if not text.startswith("sqlite:///") or file in ("", ":memory:"):
        raise ValueError("names no file: sqlite:////folder/file.db")
    if not path.parent.is_dir() or path.is_dir():
        raise ValueError(f"there is no folder {path.parent}, or {path} is one")
    return f"sqlite:///{path}?{options}" if options else f"sqlite:///{path}"


def redis_url(text: str) -> str | None:
    """The address of a Redis; None when nothing is set."""
    if text and not re.match(r"(?:rediss?|unix)://\S+$", text):
        raise ValueError("use redis://host:6379/0")
    return text or None


def stripe_key(text: str) -> str | None:
    """A secret or restricted key; None when nothing is set."""
    if text and not STRIPE_KEY.fullmatch(text):
        raise ValueError("is no secret key: those begin with sk_test_ or sk_live_")
    return text or None


def webhook_secret(text: str) -> str | None:
    """What an endpoint's events are signed with; None when nothing is set."""
    if text and not WEBHOOK_SECRET.fullmatch(text):
        raise ValueError("is no signing secret: those begin with whsec_")
    return text or None


def proxies(text: str) -> int:
    """How many proxies of ours stand before the web process."""
    if not re.fullmatch(r"[0-9]?", text):
        raise ValueError(f"is a number from 0 to {MOST_PROXIES}, not {text!r}")
    return int(text or 0)


def is_live(key: str | None) -> bool:
    """Whether real money moves with this key."""
    return (key or "").startswith(LIVE_KEYS)


@dataclass(frozen=True)
class SmsGateway:
    """An HTTP service that takes text messages."""

    url: str
    token: str


def sms_gateway(url: str | None, token: str | None) -> SmsGateway | None:
    """Pair the gateway's address with its token.

    None when neither is set. Raises ValueError, its text says what is missing.
    """
    if not url and not token:
        return None
    if not url or not token:
        raise ValueError("needs its address and its token: set both or neither")
    parts = urlsplit(url)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ValueError("must be an https:// address")
    return SmsGateway(url, token)
