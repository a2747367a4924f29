"""What tests stand on: databases, the app, Stripe's sandbox, a browser.

Every test finds its database empty and its app as new; the app is built once for each
engine (`tests.support.apps`). `database_url` is SQLite; a folder whose tests must hold
on both engines overrides it with `engine_url` in its conftest.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache

from sandbox.server import SandboxServer
from tests.support.apps import AppPool
from tests.support.databases import (
    build_app,
    copy_sqlite,
    empty,
    let_go,
    migrate,
    remove_sqlite,
    scratch_folder,
)
from tests.support.emptied import EmptiedDatabase
from tests.support.listener import Listener, listening
from tests.support.postgresql import PostgresServer, running_postgresql
from tests.support.redis import running_redis

pytest_plugins = [
    "tests.support.browser_fixtures",
    "tests.support.hashing",
    "tests.support.media_fixtures",
    "tests.support.people",
    "tests.support.quick",
]

STRIPE_KEY = "sk_test_shop"
WEBHOOK_SECRET = "whsec_shop"


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A fast folder for everything a run leaves behind."""
    with scratch_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def sqlite_template(scratch: Path) -> Path:
    """A migrated, empty SQLite file; copy it, never open it."""
    template = scratch / "template.db"
    migrate(f"sqlite:///{template}", scratch)
    return template


@pytest.fixture
def sqlite_url(sqlite_template: Path, scratch: Path) -> Iterator[str]:
    """A migrated, empty SQLite database; the address is every test's."""
    target = scratch / "test.db"
    yield copy_sqlite(sqlite_template, target)
    remove_sqlite(target)


@pytest.fixture(scope="session")
def pg_server(scratch: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL server of this run, holding the migrated database `template`."""
    with running_postgresql(scratch / "pg") as server:
        migrate(server.create("template"), scratch)
        yield server


@pytest.fixture(scope="session")
def pg_database(pg_server: PostgresServer) -> Iterator[EmptiedDatabase]:
    """The PostgreSQL database of every test; tests take `postgresql_url`."""
    database = EmptiedDatabase(pg_server, "test", "template")
    yield database
    database.drop()


@pytest.fixture
def postgresql_url(pg_database: EmptiedDatabase) -> Iterator[str]:
    """A migrated, empty PostgreSQL database; the address is every test's."""
    yield pg_database.url()
    pg_database.empty()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_url(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The database of `app`."""
    return sqlite_url


@pytest.fixture(scope="session")
def redis_server(scratch: Path) -> Iterator[str]:
    """The url of a Redis server of this run."""
    with running_redis(scratch / "redis") as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The url of an empty Redis."""
    from redis import Redis

    with Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture(scope="session")
def stripe_server() -> Iterator[SandboxServer]:
    """The local Stripe, running in a thread; tests take `stripe_sandbox`.

    Stripe's library waits less between its retries.
    """
    from stripe import HTTPClient

    with SandboxServer() as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr(HTTPClient, "INITIAL_DELAY", 0.01)
        patch.setattr(HTTPClient, "MAX_DELAY", 0.01)
        yield server


@pytest.fixture
def stripe_sandbox(stripe_server: SandboxServer) -> SandboxServer:
    """The local Stripe, empty and without faults; nobody remembers any."""
    from integrations.stripe_gateway import CIRCUITS

    stripe_server.controls.reset()
    CIRCUITS.clear()
    return stripe_server


@pytest.fixture(scope="session")
def media_listener() -> Iterator[Listener]:
    """A media server that only listens; tests take `listener`."""
    with listening() as listener:
        yield listener


@pytest.fixture
def listener(media_listener: Listener) -> Listener:
    """A media server that only listens, up and with nothing heard."""
    media_listener.forget()
    return media_listener


@pytest.fixture(scope="session")
def compiled_templates(scratch: Path) -> FileSystemBytecodeCache:
    """Templates compiled once for all the apps of a run."""
    folder = scratch / "templates"
    folder.mkdir()
    return FileSystemBytecodeCache(str(folder))


@pytest.fixture(scope="session")
def app_pool(
    scratch: Path, compiled_templates: FileSystemBytecodeCache, cheap_hashing: None
) -> Iterator[AppPool]:
    """The apps of this process; tests take `app` or `make_app`."""
    instance = scratch / "instance"
    instance.mkdir()
    pool = AppPool(instance, compiled_templates)
    yield pool
    pool.close()


@pytest.fixture
def stripe_settings(stripe_sandbox: SandboxServer) -> dict[str, str]:
    """How an app reaches the sandbox."""
    return {
        "STRIPE_API_BASE": stripe_sandbox.base_url,
        "STRIPE_SECRET_KEY": STRIPE_KEY,
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
    }


@pytest.fixture
def make_app(
    app_pool: AppPool, scratch: Path, stripe_settings: dict[str, str]
) -> Iterator[Callable[..., Flask]]:
    """Apps on a database url, with settings (environment names) on top."""

    def make(database_url: str, **settings: str) -> Flask:
        return app_pool.lend(database_url, **{**stripe_settings, **settings})

    yield make
    app_pool.take_back()
    empty(scratch / "instance")


@pytest.fixture
def app(make_app: Callable[..., Flask], database_url: str) -> Flask:
    """The app on `database_url`, paying through the sandbox; no context pushed."""
    return make_app(database_url)


@pytest.fixture
def make_own_app(
    stripe_settings: dict[str, str],
    compiled_templates: FileSystemBytecodeCache,
    tmp_path: Path,
) -> Iterator[Callable[..., Flask]]:
    """Apps of this test alone, on a database url: for adding routes and hooks."""
    made: list[Flask] = []

    def make(database_url: str) -> Flask:
        app = build_app(database_url, tmp_path, **stripe_settings)
        app.jinja_env.bytecode_cache = compiled_templates
        made.append(app)
        return app

    yield make
    for app in made:
        let_go(app)


@pytest.fixture
def own_app(make_own_app: Callable[..., Flask], database_url: str) -> Flask:
    """The app of this test alone on `database_url`."""
    return make_own_app(database_url)


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """An app context around the test: for services and queries, never for HTTP.

    A request inside it would share its session and its logged-in person.
    """
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody's browser, not logged in."""
    return app.test_client()
