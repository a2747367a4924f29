"""A disk of its own that is soon full, without being root."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path

MOUNTED = "mounted"
MOUNT = 'mount -t tmpfs -o size="$1" none "$0" && echo mounted && exec cat'
FILLER = "filler"
CHUNK = 4096


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    """A folder on a disk of `size`, as tmpfs is told it.

    A process in a namespace of its own has mounted it; others reach it through /proc.
    """
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", MOUNT]
    with subprocess.Popen(
        [*command, str(place), size],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        if holder.stdout.readline().strip() != MOUNTED:
            raise RuntimeError("nobody may mount a disk of their own: see unshare(1)")
        yield Path(f"/proc/{holder.pid}/root{place}")
        holder.stdin.close()


def fill_up(disk: Path) -> None:
    """Leave no room at all."""
    with (disk / FILLER).open("ab", buffering=0) as filler:
        for step in (CHUNK * 16, CHUNK, 1):
            try:
                while filler.write(b"x" * step) == step:
                    pass
            except OSError as error:
                assert error.errno == ENOSPC  # noqa: PT017 - anything else is news


def make_room(disk: Path) -> None:
    (disk / FILLER).unlink()
