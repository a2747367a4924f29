"""A PostgreSQL server of our own: throwaway, on a socket, never as root."""

import os
import pwd
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from scripts.processes import Child, start, stop_all

START_LIMIT_S = 20
# Nothing here must survive a crash, so nothing waits for the disk.
FAST = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "60",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
    "synchronous_commit": "off",
    "wal_level": "minimal",
}
# For measurements: as durable as in production.
DURABLE = {"listen_addresses": "", "max_connections": "60", "shared_buffers": "256MB"}


class PostgresServer:
    """A running cluster; its databases are made by copying a template."""

    def __init__(self, folder: Path, child: Child) -> None:
        self.folder = folder
        self.child = child

    def url(self, database: str) -> str:
        """Where SQLAlchemy finds `database`."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def create(self, database: str, template: str = "template1") -> str:
        """Make `database` as a copy of `template`; returns its url."""
        self._run("CREATE DATABASE {} TEMPLATE {}", database, template)
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop `database`, whoever is connected to it."""
        self._run("DROP DATABASE {} WITH (FORCE)", database)

    def _run(self, statement: LiteralString, *names: str) -> None:
        text = sql.SQL(statement).format(*map(sql.Identifier, names))
        with self.connect() as connection:
            if statement.startswith("CREATE") and connection.info.server_version >= (
                150000
            ):
                text += sql.SQL(" STRATEGY file_copy")
            connection.execute(text)

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A superuser's connection to the server, each statement on its own."""
        return psycopg.connect(
            host=str(self.folder), user="postgres", dbname=database, autocommit=True
        )


@contextmanager
def running_postgresql(
    folder: Path, settings: Mapping[str, str] = FAST
) -> Iterator[PostgresServer]:
    """Start a cluster in `folder` (short: sockets have short names) and end it."""
    user = _unprivileged_user()
    folder.mkdir(parents=True)
    if user:
        shutil.chown(folder, user)
    binaries = postgresql_binaries()
    _make_cluster(binaries / "initdb", folder / "data", user)
    chosen = {**settings, "unix_socket_directories": str(folder)}
    options = [f"--{name}={value}" for name, value in chosen.items()]
    child = start(
        "postgresql",
        [str(binaries / "postgres"), "-D", str(folder / "data"), *options],
        env={"LC_ALL": "C.UTF-8"},
        cwd=folder,
        log=folder.with_suffix(".log"),
        user=user,
    )
    try:
        server = PostgresServer(folder, child)
        _wait_for(server)
        yield server
    finally:
        stop_all([child], patience_s=1)


def _make_cluster(initdb: Path, data: Path, user: str | None) -> None:
    subprocess.run(
        [str(initdb), "-D", str(data), "-U", "postgres", "-A", "trust", "--no-sync"]
        + ["-E", "UTF8", "--locale=C.UTF-8"],
        check=True,
        cwd=data.parent,
        env={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
        stdout=subprocess.DEVNULL,
        user=user,
        group=user and pwd.getpwnam(user).pw_gid,
        extra_groups=[] if user else None,
    )


def _unprivileged_user() -> str | None:
    """Who owns the cluster: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def postgresql_binaries() -> Path:
    """The folder of the newest installed server; Debian keeps it away from PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda path: int(re.sub(r"\D", "", path.parts[-3]) or 0),
    )
    on_path = shutil.which("postgres")
    if not found and not on_path:
        raise RuntimeError("PostgreSQL is not installed: see scripts/system")
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


def _wait_for(server: PostgresServer) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        try:
            server.connect().close()
        except psycopg.OperationalError:
            if server.child.has_ended or time.monotonic() > deadline:
                raise RuntimeError(server.child.last_lines()) from None
            time.sleep(0.05)
        else:
            return
