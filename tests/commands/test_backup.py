"""Backup and restore: the whole house comes back, and nothing is lost by mistake."""

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Table, func, select

from core.database import Base, db, transaction
from models.accounts import Account
from models.ledger import Posting
from models.ledger_guards import missing_guards
from queries.ledger import balances, verify
from services.accounts import passwords
from tests.support.houses import PHOTO

Run = Callable[..., Result]

LATER = "13900000009"


@pytest.fixture
def database_url(engine_url: str) -> str:
    """Each engine in turn: they are copied in different ways."""
    return engine_url


def everything(app: Flask) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with app.app_context():
        return {table.name: _rows(table) for table in Base.metadata.sorted_tables}


def _rows(table: Table) -> list[tuple[object, ...]]:
    ordered = select(table).order_by(*table.primary_key)
    return [tuple(row) for row in db.session.execute(ordered)]


def test_a_house_comes_back_as_it_was(
    app: Flask, run: Run, house: Path, tmp_path: Path
) -> None:
    kept = everything(app)
    assert run("backup", tmp_path / "b.tar.gz").exit_code == 0
    with app.app_context(), transaction():
        passwords.register(LATER, "后来的人", passwords.new_password(LATER, "long one"))
    (house / "aa" / PHOTO).unlink()

    done = run("restore", tmp_path / "b.tar.gz", "--force")

    assert done.exit_code == 0, done.output
    assert everything(app) == kept
    assert (house / "aa" / PHOTO).read_bytes() == b"a photo"
    with app.app_context():
        assert verify().problems == ()
        assert missing_guards(db.session.connection()) == []


def test_a_restored_house_goes_on_working(
    app: Flask, run: Run, house: Path, tmp_path: Path
) -> None:
    """Sequences stand where they stood: the next rows get ids of their own."""
    run("backup", tmp_path / "b.tar.gz")
    run("restore", tmp_path / "b.tar.gz", "--force")

    with app.app_context(), transaction():
        passwords.register(LATER, "后来的人", passwords.new_password(LATER, "long one"))
    with app.app_context():
        assert db.session.scalar(select(func.count(Account.id))) == 6


def test_a_new_house_takes_a_backup_without_force(
    app: Flask,
    run: Run,
    house: Path,
    make_app: Callable[..., Flask],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    run("backup", tmp_path / "b.tar.gz")
    url = f"sqlite:///{tmp_path / 'new.db'}"
    if not app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        url = request.getfixturevalue("pg_server").create("newhouse")
    other = make_app(url, INSTANCE_PATH=str(tmp_path / "new"))

    done = other.test_cli_runner().invoke(args=["restore", str(tmp_path / "b.tar.gz")])

    assert done.exit_code == 0, done.output
    with other.app_context():
        assert sum(balances().values()) == 0
        assert db.session.scalar(select(func.count(Posting.id))) == 15
    assert (tmp_path / "new" / "photos" / "aa" / PHOTO).exists()


def test_a_house_with_data_is_not_overwritten(
    app: Flask, run: Run, house: Path, tmp_path: Path
) -> None:
    run("backup", tmp_path / "b.tar.gz")
    with app.app_context(), transaction():
        passwords.register(LATER, "后来的人", passwords.new_password(LATER, "long one"))
    kept = everything(app)

    done = run("restore", tmp_path / "b.tar.gz")

    assert done.exit_code == 1
    assert "--force" in done.stderr
    assert everything(app) == kept


def test_a_backup_is_for_its_owner_and_overwrites_nothing(
    run: Run, house: Path, tmp_path: Path
) -> None:
    path = tmp_path / "b.tar.gz"
    run("backup", path)
    before = path.read_bytes()

    done = run("backup", path)

    assert done.exit_code == 1
    assert path.read_bytes() == before
    assert path.stat().st_mode & 0o077 == 0
    assert list(tmp_path.glob("*.partial")) == []


def test_a_backup_needs_a_folder(run: Run, tmp_path: Path) -> None:
    done = run("backup", tmp_path / "nowhere" / "b.tar.gz")

    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("harm", ["cut", "flip", "text", "empty", "other tar"])
def test_a_damaged_backup_changes_nothing(
    app: Flask, run: Run, house: Path, tmp_path: Path, harm: str
) -> None:
    path = tmp_path / "b.tar.gz"
    run("backup", path)
    whole = bytearray(path.read_bytes())
    whole[-6] ^= 0xFF
    damaged = {
        "cut": path.read_bytes()[: len(whole) // 2],
        "flip": bytes(whole),
        "text": b"not an archive",
        "empty": b"",
    }
    if harm in damaged:
        path.write_bytes(damaged[harm])
    else:
        path.unlink()
        with tarfile.open(path, "w:gz") as archive:
            archive.add(house, "photos")
    kept = everything(app)

    done = run("restore", path, "--force")

    assert done.exit_code == 1
    assert "no backup of ours" in done.stderr
    assert everything(app) == kept


def test_names_that_climb_out_of_the_photo_folder_are_skipped(
    app: Flask, run: Run, house: Path, tmp_path: Path
) -> None:
    run("backup", tmp_path / "b.tar.gz")
    evil = tmp_path / "evil.tar.gz"
    with (
        tarfile.open(tmp_path / "b.tar.gz") as source,
        tarfile.open(evil, "w:gz") as target,
    ):
        for member in source:
            content = source.extractfile(member) if member.isfile() else None
            if member.name.startswith("photos/") and member.isfile():
                member.name = "photos/../../escaped"
            target.addfile(member, content)

    assert run("restore", evil, "--force").exit_code == 0

    assert not list(tmp_path.parent.rglob("escaped"))
