"""Backups and what is peculiar to an engine."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from core.database import db
from models.ledger import Posting

Run = Callable[..., Result]
COUNT = "SELECT count(*) FROM posting"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def test_a_backup_holds_what_is_in_the_log_only(
    app: Flask, run: Run, house: Path, tmp_path: Path
) -> None:
    """The newest rows are in the write-ahead log: a copy of the file lacks them."""
    file = Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))
    with app.app_context():
        assert db.session.scalar(select(func.count(Posting.id))) == 15
        shutil.copy(file, tmp_path / "copy.db")
        assert run("backup", tmp_path / "b.tar.gz").exit_code == 0
    copy = sqlite3.connect(tmp_path / "copy.db")
    assert copy.execute(COUNT).fetchone() == (0,)
    copy.close()

    run("restore", tmp_path / "b.tar.gz", "--force")

    with app.app_context():
        assert db.session.scalar(select(func.count(Posting.id))) == 15


def test_a_backup_of_another_engine_is_refused(
    run: Run,
    house: Path,
    make_app: Callable[..., Flask],
    postgresql_url: str,
    tmp_path: Path,
) -> None:
    run("backup", tmp_path / "b.tar.gz")
    other = make_app(postgresql_url).test_cli_runner()

    done = other.invoke(args=["restore", str(tmp_path / "b.tar.gz")])

    assert done.exit_code == 1
    assert "made on sqlite" in done.stderr
