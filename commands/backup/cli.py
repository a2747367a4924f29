"""`flask backup` and `flask restore`: the whole house in one file.

The file is a tar archive: manifest.json, the database, and the photos.
"""

from pathlib import Path

import click
from flask.cli import with_appcontext

from commands.backup.archive import Manifest, pack, unpack_photos, unpacked
from commands.backup.engines import CannotCopy, dump, load
from commands.cli import fail
from core.clock import now
from core.config import current_settings
from core.database import db, forget_reads
from queries.database import database_revision, is_database_empty


@click.command("backup")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@with_appcontext
def backup(path: Path) -> None:
    """Write database and photos to PATH, while the house runs.

    The database comes first: photos never change, so those it names are all there.
    """
    if path.exists():
        fail(f"{path} exists already: choose another name")
    if not path.parent.is_dir():
        fail(f"{path.parent} is no folder")
    manifest = Manifest(_engine_name(), database_revision(), now().isoformat())
    forget_reads()
    try:
        pack(path, manifest, dump, _photos())
    except (CannotCopy, OSError) as error:
        fail(f"no backup was made: {error}")
    click.echo(f"backup in {path}, {path.stat().st_size} bytes")


@click.command("restore")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Overwrite a database that holds data.")
@with_appcontext
def restore(path: Path, force: bool) -> None:
    """Put the database and photos of PATH in place of what is here.

    Stop web and worker before. Everything the database holds is replaced.
    """
    if not path.is_file():
        fail(f"{path} is no file")
    if not force and not is_database_empty():
        fail("the database holds data: nothing was changed; --force overwrites it")
    forget_reads()
    try:
        with unpacked(path, current_settings().instance) as (manifest, database):
            if manifest.engine != _engine_name():
                fail(f"{path} was made on {manifest.engine}, this is {_engine_name()}")
            load(database)
            unpack_photos(path, _photos())
    except (CannotCopy, OSError) as error:
        fail(f"not restored: {error}")
    click.echo(f"restored {path} of {manifest.made_at}; now run: flask db upgrade")


def _engine_name() -> str:
    return db.engine.dialect.name


def _photos() -> Path:
    return current_settings().instance / "photos"
