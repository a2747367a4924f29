"""Settings from the environment, refused at start when they cannot work."""

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TypeVar
from urllib.parse import urlsplit

from core import setting_values as read
from core.setting_values import SmsGateway, sms_gateway

INSTANCE = Path(__file__).resolve().parent.parent / "instance"
SHORTEST_SECRET = 32
OWN_ADDRESS = "http://127.0.0.1:8000"

Value = TypeVar("Value")


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
    media_internal_url: str | None
    web_internal_url: str
    rtmp_url: str | None
    sms_gateway: SmsGateway | None
    trusted_hosts: tuple[str, ...]
    proxies: int
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

    def get(name: str, reader: Callable[[str], Value]) -> Value:
        return _read(name, reader, str(source.get(name) or "").strip())

    demo = get("TIANBO_DEMO", read.switch)
    testing = bool(source.get("TESTING"))
    instance = get("INSTANCE_PATH", _instance)
    public_url = get("PUBLIC_URL", read.origin) or OWN_ADDRESS
    media_url = get("MEDIA_URL", read.web_address)
    settings = Settings(
        secret_key=get("SECRET_KEY", lambda text: _secret(text, demo, instance)),
        database_url=get("DATABASE_URL", lambda text: _database(text, instance)),
        redis_url=get("REDIS_URL", read.redis_url),
        stripe_secret_key=get("STRIPE_SECRET_KEY", read.stripe_key),
        stripe_webhook_secret=get("STRIPE_WEBHOOK_SECRET", read.webhook_secret),
        stripe_api_base=get("STRIPE_API_BASE", read.origin),
        public_url=public_url,
        media_url=media_url,
        media_internal_url=get("MEDIA_INTERNAL_URL", read.web_address) or media_url,
        web_internal_url=get("WEB_INTERNAL_URL", read.origin) or public_url,
        rtmp_url=get("RTMP_URL", read.rtmp_address),
        sms_gateway=get("SMS_URL", lambda url: _sms(url, source)),
        trusted_hosts=(
            *get("TRUSTED_HOSTS", read.host_names),
            *_own_hosts(public_url, local=demo or testing),
        ),
        proxies=get("TRUSTED_PROXIES", read.proxies),
        demo=demo,
        testing=testing,
        instance=instance,
    )
    _refuse_unsafe(settings)
    return settings


def _sms(url: str, source: Mapping[str, Any]) -> SmsGateway | None:
    return sms_gateway(url, source.get("SMS_TOKEN"))


def _read(name: str, reader: Callable[[str], Value], text: str) -> Value:
    try:
        return reader(text)
    except (OSError, ValueError) as error:
        raise BadSetting(name, " ".join(str(error).split())) from None


def _instance(text: str) -> Path:
    path = Path(text or INSTANCE).absolute()
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path} is no folder")
    return path


def _made(instance: Path) -> Path:
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    return instance


def _database(text: str, instance: Path) -> str:
    return read.database_url(text or f"sqlite:///{_made(instance) / 'tianbo.db'}")


def _secret(text: str, demo: bool, instance: Path) -> str:
    if not text and not demo:
        raise ValueError("set a random value of 32 characters or more")
    secret = text or _demo_secret(_made(instance) / "secret_key")
    if len(secret) < SHORTEST_SECRET:
        raise ValueError("is too short: use 32 characters or more")
    return secret


def _demo_secret(path: Path) -> str:
    """The secret kept at `path`; of two processes that start at once, one makes it."""
    if not path.exists():
        with NamedTemporaryFile("w", dir=path.parent, prefix="secret-") as file:
            file.write(os.urandom(32).hex())
            file.flush()
            with contextlib.suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text().strip()


def _own_hosts(public_url: str, *, local: bool) -> tuple[str, ...]:
    own = urlsplit(public_url).hostname or ""
    return (own, "127.0.0.1", "localhost") if local else (own,)


def _refuse_unsafe(settings: Settings) -> None:
    if not read.is_live(settings.stripe_secret_key):
        return
    if settings.demo:
        raise BadSetting("TIANBO_DEMO", "demo mode refuses to run beside a live key")
    if (settings.stripe_api_base or "").startswith("http:"):
        raise BadSetting("STRIPE_API_BASE", "a live key travels by https:// only")


def current_settings() -> Settings:
    """The settings of the running app, for those who may not see Flask."""
    from flask import current_app

    settings: Settings = current_app.config["TIANBO"]
    return settings
