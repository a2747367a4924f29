"""Copy locked files of npm packages to static/vendor/.

    python scripts/vendor.py           fetch every package and copy its files
    python scripts/vendor.py --check   only compare what is there with the lock

scripts/vendor.lock.json names each package's version, the integrity of its
archive as npm states it, and the sha256 of each file taken from it.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).resolve().parent
LOCK = SCRIPTS / "vendor.lock.json"
VENDOR = SCRIPTS.parent / "static" / "vendor"


class Mismatch(Exception):
    """A file or an archive is not the one that was locked."""


def main(arguments: list[str]) -> int:
    """Fetch or check; 0 when every file is as locked."""
    packages: dict[str, dict[str, Any]] = json.loads(LOCK.read_text("utf-8"))
    try:
        for name, package in packages.items():
            if "--check" not in arguments:
                fetch(name, package)
            check(name, package["files"])
    except Mismatch as mismatch:
        print(mismatch, file=sys.stderr)
        return 1
    return 0


def fetch(name: str, package: dict[str, Any]) -> None:
    """Copy the package's files out of its archive; raises Mismatch."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", f"{name}@{package['version']}"]
        packed = subprocess.run(
            command, cwd=folder, check=True, capture_output=True, text=True
        )
        archive = Path(folder, packed.stdout.split()[-1])
        if integrity(archive.read_bytes()) != package["integrity"]:
            raise Mismatch(f"{name}: the archive is not the locked one")
        with tarfile.open(archive) as tar:
            for path in package["files"]:
                copy(tar, path, place(name, path))


def copy(tar: tarfile.TarFile, path: str, target: Path) -> None:
    """Write one file of the archive to `target`."""
    member = tar.extractfile(f"package/{path}")
    if member is None:
        raise Mismatch(f"{path} is not a file")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(member.read())


def check(name: str, files: dict[str, str]) -> None:
    """Raise Mismatch unless each file is there with the locked sha256."""
    for path, digest in files.items():
        target = place(name, path)
        found = target.read_bytes() if target.exists() else b""
        if hashlib.sha256(found).hexdigest() != digest:
            raise Mismatch(f"{target.name} of {name} is missing or changed")


def place(name: str, path: str) -> Path:
    """Where a package's file stands in static/vendor/."""
    return VENDOR / name / Path(path).name


def integrity(archive: bytes) -> str:
    """The archive's digest as npm writes it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
