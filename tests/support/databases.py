"""Databases for tests: migrated once, copied for each test."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade

from app import create_app
from core.database import db
from integrations.announcer import Announcer

SECRET = "a secret for tests only, long enough"
SHARED_MEMORY = Path("/dev/shm")
ROOM_NEEDED = 512 * 1024 * 1024
# What the person's own environment may hold must not reach a test.
NEUTRAL = dict.fromkeys(
    (
        "DATABASE_URL",
        "MEDIA_INTERNAL_URL",
        "MEDIA_URL",
        "PUBLIC_URL",
        "REDIS_URL",
        "RTMP_URL",
        "SMS_TOKEN",
        "SMS_URL",
        "STRIPE_API_BASE",
        "STRIPE_SECRET_KEY",
        "STRIPE_WEBHOOK_SECRET",
        "TIANBO_DEMO",
        "WEB_INTERNAL_URL",
        "TRUSTED_HOSTS",
        "TRUSTED_PROXIES",
    ),
    "",
)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder that is gone afterwards; in memory where there is room."""
    in_memory = (
        os.access(SHARED_MEMORY, os.W_OK)
        and shutil.disk_usage(SHARED_MEMORY).free > ROOM_NEEDED
    )
    parent = SHARED_MEMORY if in_memory else None
    with tempfile.TemporaryDirectory(prefix="tianbo-", dir=parent) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def build_app(database_url: str, instance: Path, **settings: Any) -> Flask:
    """An app for tests on `database_url`, untouched by the environment."""
    return create_app(
        {
            **NEUTRAL,
            "DATABASE_URL": database_url,
            "INSTANCE_PATH": str(instance),
            "SECRET_KEY": SECRET,
            "TESTING": True,
            **settings,
        }
    )


def migrate(database_url: str, instance: Path) -> None:
    """Bring `database_url` to the newest migration and let go of it."""
    app = build_app(database_url, instance)
    with app.app_context():
        upgrade()
    let_go(app)


def rest(app: Flask) -> None:
    """Let the threads of `app` come to an end; it may start them again."""
    announcer: Announcer | None = app.extensions.pop("announcer", None)
    if announcer is not None:
        announcer.finish(patience_s=5)


def let_go(app: Flask) -> None:
    """Close every database connection of `app`, also those of its own threads."""
    rest(app)
    for name in ("data_version", "late_buyers"):
        if name in app.extensions:
            app.extensions[name].close()
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def copy_sqlite(template: Path, target: Path) -> str:
    """Copy a SQLite file that nobody has open; returns the copy's url."""
    shutil.copyfile(template, target)
    return f"sqlite:///{target}"


def empty(folder: Path) -> None:
    """Remove what lies in `folder`."""
    if any(folder.iterdir()):
        shutil.rmtree(folder)
        folder.mkdir()


def remove_sqlite(target: Path) -> None:
    """Remove a SQLite file and what lies beside it."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{target}{suffix}").unlink(missing_ok=True)
