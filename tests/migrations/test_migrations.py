"""The migrations build what the models say, on both engines, and back again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import Engine, Inspector, inspect, text

from core.database import Base, db
from models.ledger_guards import missing_guards


@pytest.fixture
def empty_app(
    app: Flask,
    make_app: Callable[..., Flask],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> Iterator[Flask]:
    """An app on a database without any table, on the engine of `app`."""
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        yield make_app(f"sqlite:///{tmp_path / 'empty.db'}")
        return
    server = request.getfixturevalue("pg_server")
    yield make_app(server.create("empty"))
    server.drop("empty")


def test_there_is_one_head() -> None:
    root = Path(__file__).resolve().parents[2] / "migrations"

    assert len(ScriptDirectory(str(root)).get_heads()) == 1


def test_migrations_build_what_the_models_say(app: Flask, empty_app: Flask) -> None:
    with app.app_context():
        migrated = schema_of(db.engine)
    with empty_app.app_context(), db.engine.connect() as connection:
        connection.execution_options(tianbo_writing=True)
        Base.metadata.create_all(connection)
        connection.commit()
        modelled = schema_of(db.engine)

    assert migrated == modelled


def test_check_finds_nothing_to_do(app: Flask) -> None:
    with app.app_context():
        check()


def test_down_to_nothing_and_up_again(empty_app: Flask) -> None:
    with empty_app.app_context():
        upgrade()
        downgrade(revision="base")
        left = inspect(db.engine).get_table_names()
        upgrade()
        with db.engine.connect() as connection:
            missing = missing_guards(connection)

    assert left == ["alembic_version"]
    assert missing == []


def test_a_migration_that_fails_leaves_nothing_behind(empty_app: Flask) -> None:
    """The first migration is stopped midway by a table that stands in its way."""
    with empty_app.app_context():
        with db.engine.connect() as connection:
            connection.execution_options(tianbo_writing=True)
            connection.execute(text("CREATE TABLE posting (id INTEGER)"))
            connection.commit()
        with pytest.raises(Exception, match="posting"):
            upgrade()
        left = inspect(db.engine).get_table_names()

    assert left == ["posting"]


def schema_of(engine: Engine) -> dict[str, Any]:
    """Everything that matters of every table, in one comparable value.

    Columns are read and written by name: tables that share some may hold them anywhere.
    """
    inspector = inspect(engine)
    tables = [name for name in inspector.get_table_names() if name != "alembic_version"]
    return {name: _table(inspector, name) for name in tables}


def _table(inspector: Inspector, name: str) -> dict[str, Any]:
    return {
        "columns": sorted(
            (column["name"], str(column["type"]), column["nullable"])
            for column in inspector.get_columns(name)
        ),
        "key": inspector.get_pk_constraint(name),
        "checks": _sorted(inspector.get_check_constraints(name)),
        "uniques": _sorted(inspector.get_unique_constraints(name)),
        "indexes": _sorted(inspector.get_indexes(name)),
        "foreign": _sorted(inspector.get_foreign_keys(name)),
    }


def _sorted(found: Sequence[Mapping[str, Any]]) -> list[str]:
    return sorted(repr(_plain(item)) for item in found)


def _plain(item: Any) -> Any:
    if isinstance(item, Mapping):
        return sorted((key, _plain(value)) for key, value in item.items())
    return str(item)
