"""The backup's file: written whole or not at all, read with suspicion."""

import gzip
import io
import json
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO

from commands.backup.engines import CannotCopy

MANIFEST = "manifest.json"
DATABASE = "database"
PHOTOS = "photos"
FAST = 1
BLOCK = 1 << 20
DAMAGE = (
    gzip.BadGzipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: engine, migration revision, and when it was made."""

    engine: str
    revision: str
    made_at: str


def pack(
    path: Path, manifest: Manifest, dump: Callable[[Path], None], photos: Path
) -> None:
    """Write the archive to `path`, readable by its owner alone.

    dump: writes the database to the file it is given. Raises CannotCopy, OSError.
    """
    partial = path.with_name(f"{path.name}.partial")
    try:
        with (
            TemporaryDirectory(dir=path.parent) as folder,
            os.fdopen(os.open(partial, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file,
        ):
            database = Path(folder) / DATABASE
            dump(database)
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=FAST) as archive:
                _add_manifest(archive, manifest)
                archive.add(database, DATABASE)
                if photos.is_dir():
                    archive.add(photos, PHOTOS)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def unpacked(path: Path, scratch: Path) -> Iterator[tuple[Manifest, Path]]:
    """The manifest, and the database in a file of `scratch` that is gone afterwards.

    Raises CannotCopy when the archive is not ours, or damaged anywhere.
    """
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=scratch) as folder:
        database = Path(folder) / DATABASE
        manifest = None
        with _reading(path) as archive:
            for member in archive:
                if member.name == MANIFEST:
                    manifest = Manifest(**json.loads(_content(archive, member).read()))
                elif member.name == DATABASE:
                    _write(database, _content(archive, member))
        if manifest is None or not database.exists():
            raise CannotCopy(f"{path} is no backup of ours")
        yield manifest, database


def unpack_photos(path: Path, photos: Path) -> None:
    """Put the archive's photos into the photo folder, leaving others there."""
    with _reading(path) as archive:
        for member in archive:
            name = PurePosixPath(member.name)
            if not member.isfile() or name.parts[0] != PHOTOS or ".." in name.parts:
                continue
            target = photos.joinpath(*name.parts[1:])
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(target, _content(archive, member))


def _add_manifest(archive: tarfile.TarFile, manifest: Manifest) -> None:
    body = json.dumps(asdict(manifest)).encode()
    member = tarfile.TarInfo(MANIFEST)
    member.size = len(body)
    archive.addfile(member, io.BytesIO(body))


@contextmanager
def _reading(path: Path) -> Iterator[tarfile.TarFile]:
    """The archive as a stream, read to its end so that its checksum is compared."""
    try:
        with gzip.open(path) as packed:
            with tarfile.open(fileobj=packed, mode="r|") as archive:
                yield archive
            while packed.read(BLOCK):
                pass
    except DAMAGE as error:
        raise CannotCopy(f"{path} is damaged or no backup of ours") from error


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = archive.extractfile(member)
    if content is None:
        raise ValueError(member.name)
    return content


def _write(target: Path, content: IO[bytes]) -> None:
    with target.open("wb") as file:
        shutil.copyfileobj(content, file)
