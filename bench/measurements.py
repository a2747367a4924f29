"""How a measurement makes itself known, and what it may stand on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.databases import migrate
from tests.support.postgresql import running_postgresql

ENGINES = ("sqlite", "postgresql")


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
    """What a measurement gets: an empty folder and the engine to run on."""

    folder: Path
    engine: str

    @contextmanager
    def database(self) -> Iterator[str]:
        """The url of a migrated, empty database on the engine, gone afterwards."""
        if self.engine == "sqlite":
            url = f"sqlite:///{self.folder / 'bench.db'}"
            migrate(url, self.folder)
            yield url
            return
        with running_postgresql(self.folder / "pg") as server:
            url = server.create("bench")
            migrate(url, self.folder)
            yield url


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
