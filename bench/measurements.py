"""How a measurement makes itself known, and what it may stand on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.databases import migrate
from tests.support.postgresql import DURABLE, running_postgresql

ENGINES = ("sqlite", "postgresql")
DISK = Path("/var/tmp")


@dataclass(frozen=True)
class Figure:
    """One line of output; unit "" is a plain ratio or count."""

    name: str
    value: float
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.value:.4g} {self.unit}".rstrip()


@dataclass(frozen=True)
class Bench:
    """What a measurement gets: an empty folder, the engine to run on, and how much.

    seconds: how long each side of a comparison runs in one of `rounds`.
    products: how many the shop has; few, many: how long the lists compared are.
    readers: how many listen to a live room. boxes: how many a flash sale has.
    lines, many_lines: how many were sold in the two years of shops compared; readings:
    how often their reports are read.
    """

    folder: Path
    engine: str
    rounds: int = 5
    seconds: float = 4.0
    products: int = 500
    few: int = 100
    many: int = 10_000
    readers: int = 2_000
    boxes: int = 1_000
    lines: tuple[int, int] = 10_000, 200_000
    many_lines: tuple[int, int] = 1_000_000, 10_000_000
    readings: int = 41

    @contextmanager
    def database(self) -> Iterator[str]:
        """The url of a migrated, empty database on the engine, gone afterwards.

        It is as durable as in production: commits wait for the disk.
        """
        if self.engine == "sqlite":
            url = f"sqlite:///{self.folder / 'bench.db'}"
            migrate(url, self.folder)
            yield url
            return
        with running_postgresql(self.folder / "pg", DURABLE) as server:
            url = server.create("bench")
            migrate(url, self.folder)
            yield url


@contextmanager
def disk_folder() -> Iterator[Path]:
    """A folder on a disk, not in memory, that is gone afterwards."""
    with TemporaryDirectory(prefix="tianbo-", dir=DISK) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


Measure = Callable[[Bench], Iterator[Figure]]


@dataclass(frozen=True)
class Measurement:
    """A function and the names of the figures it yields."""

    names: tuple[str, ...]
    run: Measure


ALL: list[Measurement] = []


def measures(*names: str) -> Callable[[Measure], Measure]:
    """Register a function that yields the figures `names`."""

    def register(run: Measure) -> Measure:
        ALL.append(Measurement(names, run))
        return run

    return register
