"""Copy a database out and in: SQLite by its backup API, PostgreSQL by its tools.

`cp` of a SQLite file leaves out what its write-ahead log still holds, and the copy
looks sound: only the backup API copies both.
"""

import os
import sqlite3
import subprocess
from pathlib import Path

from sqlalchemy import URL

from core.database import db

EMPTY_SCHEMA = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
LOCK_TIMEOUT = "-c lock_timeout=10s"


class CannotCopy(Exception):
    """The copy failed; nothing was changed."""


def dump(target: Path) -> None:
    """Write the whole database to the file `target`. Raises CannotCopy."""
    if db.engine.dialect.name == "sqlite":
        _copy_sqlite(_sqlite_path(), target)
    else:
        _run(["pg_dump", "--no-owner", "--no-privileges", f"--file={target}"])


def load(source: Path) -> None:
    """Replace the whole database by the file `source`. Raises CannotCopy.

    PostgreSQL does it in one transaction; SQLite page by page under its lock, from
    a file that was checked.
    """
    db.session.remove()
    db.engine.dispose()
    if db.engine.dialect.name == "sqlite":
        _refuse_damaged(source)
        _copy_sqlite(source, _sqlite_path())
    else:
        _run(
            [
                *("psql", "--quiet", "--no-psqlrc", "--single-transaction"),
                *("--set=ON_ERROR_STOP=1", f"--command={EMPTY_SCHEMA}"),
                *(f"--file={source}", "--output=/dev/null"),
            ]
        )


def _sqlite_path() -> Path:
    return Path(db.engine.url.database or "")


def _copy_sqlite(source: Path, target: Path) -> None:
    try:
        reading, writing = sqlite3.connect(source), sqlite3.connect(target)
        with reading, writing:
            reading.backup(writing)
        reading.close()
        writing.close()
    except sqlite3.Error as error:
        raise CannotCopy(f"SQLite: {error}") from error


def _refuse_damaged(path: Path) -> None:
    try:
        connection = sqlite3.connect(path)
        answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
        connection.close()
    except sqlite3.Error as error:
        raise CannotCopy(f"the backup's database is damaged: {error}") from error
    if answer != "ok":
        raise CannotCopy("the backup's database is damaged")


def _run(command: list[str]) -> None:
    try:
        subprocess.run(  # noqa: S603 - our own arguments
            command, check=True, capture_output=True, text=True, env=_environment()
        )
    except FileNotFoundError:
        raise CannotCopy(f"{command[0]} is not installed (postgresql-client)") from None
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or [f"exit {error.returncode}"]
        raise CannotCopy(f"{command[0]}: {lines[0]}") from None


def _environment() -> dict[str, str]:
    """libpq's variables: the password does not stand among the arguments."""
    url: URL = db.engine.url
    named = {
        "PGHOST": url.host or str(url.query.get("host", "")),
        "PGPORT": str(url.port or url.query.get("port", "")),
        "PGUSER": url.username or str(url.query.get("user", "")),
        "PGPASSWORD": str(url.password or ""),
        "PGDATABASE": url.database or "",
        "PGSSLMODE": str(url.query.get("sslmode", "")),
        "PGOPTIONS": LOCK_TIMEOUT,
    }
    return {**os.environ, **{name: value for name, value in named.items() if value}}
