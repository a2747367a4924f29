"""Settings from the environment, refused at start when they cannot work."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from core.carriers import MailServer, SmsGateway, mail_server, sms_gateway

INSTANCE = Path(__file__).resolve().parent.parent / "instance"
Carrier = TypeVar("Carrier")
LIVE_KEYS = ("sk_live_", "rk_live_")
SHORTEST_SECRET = 32


class BadSetting(SystemExit):
    """A setting that would make the app unsafe or unable to start."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")


@dataclass(frozen=True)
class Settings:
    """Everything the app reads from outside, checked once."""

    secret_key: str
    database_url: str
    redis_url: str | None
    stripe_secret_key: str | None
    stripe_webhook_secret: str | None
    stripe_api_base: str | None
    public_url: str
    media_url: str | None
    mail_server: MailServer | None
    sms_gateway: SmsGateway | None
    trusted_hosts: tuple[str, ...]
    demo: bool
    testing: bool
    instance: Path

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies may only travel over HTTPS."""
        return urlsplit(self.public_url).scheme == "https"


def load_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read settings from the environment, `overrides` (same names) on top.

    Raises BadSetting (which ends the process with one line) for a bad value.
    """
    source: dict[str, Any] = {**os.environ, **(overrides or {})}
    demo = str(source.get("TIANBO_DEMO", "")) == "1"
    instance = Path(source.get("INSTANCE_PATH") or INSTANCE)
    settings = Settings(
        secret_key=source.get("SECRET_KEY") or _demo_secret(demo, instance),
        database_url=_database_url(source.get("DATABASE_URL"), instance),
        redis_url=source.get("REDIS_URL") or None,
        stripe_secret_key=source.get("STRIPE_SECRET_KEY") or None,
        stripe_webhook_secret=source.get("STRIPE_WEBHOOK_SECRET") or None,
        stripe_api_base=source.get("STRIPE_API_BASE") or None,
        public_url=(source.get("PUBLIC_URL") or "http://127.0.0.1:8000").rstrip("/"),
        media_url=source.get("MEDIA_URL") or None,
        mail_server=_carrier("MAIL_URL", mail_server, source.get("MAIL_URL")),
        sms_gateway=_carrier(
            "SMS_URL", sms_gateway, source.get("SMS_URL"), source.get("SMS_TOKEN")
        ),
        trusted_hosts=_names(source.get("TRUSTED_HOSTS")),
        demo=demo,
        testing=bool(source.get("TESTING")),
        instance=instance,
    )
    _refuse_unsafe(settings)
    return _trust_own_host(settings)


def _carrier(name: str, read: Callable[..., Carrier], *texts: str | None) -> Carrier:
    try:
        return read(*texts)
    except ValueError as error:
        raise BadSetting(name, str(error)) from None


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _database_url(url: str | None, instance: Path) -> str:
    if not url:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        return f"sqlite:///{instance / 'tianbo.db'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise BadSetting("DATABASE_URL", "use sqlite:///… or postgresql://…")
    return url


def _demo_secret(demo: bool, instance: Path) -> str:
    path = instance / "secret_key"
    if demo and path.exists():
        return path.read_text().strip()
    if not demo:
        raise BadSetting("SECRET_KEY", "set a random value of 32 characters or more")
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = os.urandom(32).hex()
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        file.write(secret)
    return secret


def _refuse_unsafe(settings: Settings) -> None:
    if len(settings.secret_key) < SHORTEST_SECRET:
        raise BadSetting("SECRET_KEY", "is too short: use 32 characters or more")
    if settings.demo and (settings.stripe_secret_key or "").startswith(LIVE_KEYS):
        raise BadSetting("TIANBO_DEMO", "demo mode refuses to run beside a live key")
    for name, url in _urls(settings):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadSetting(name, f"is not a web address: {url}")


def _urls(settings: Settings) -> list[tuple[str, str]]:
    named = [
        ("PUBLIC_URL", settings.public_url),
        ("MEDIA_URL", settings.media_url),
        ("STRIPE_API_BASE", settings.stripe_api_base),
    ]
    return [(name, url) for name, url in named if url]


def _trust_own_host(settings: Settings) -> Settings:
    own = urlsplit(settings.public_url).hostname or ""
    local = ("127.0.0.1", "localhost") if settings.demo or settings.testing else ()
    hosts = dict.fromkeys((*settings.trusted_hosts, own, *local))
    return replace(settings, trusted_hosts=tuple(hosts))


def current_settings() -> Settings:
    """The settings of the running app, for those who may not see Flask."""
    from flask import current_app

    settings: Settings = current_app.config["TIANBO"]
    return settings
