"""What the errands stand on: an empty house, and people who work in it.

The fixtures of `tests.support.people` (`place`, `alice`, `goods` …) write into the
house's own database here, because `app` is the house's.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.e2e.people import make_accountant, make_lead, make_member, make_trainer
from tests.support.browser import PATIENCE_MS
from tests.support.databases import copy_sqlite
from tests.support.factories import Person, Place
from tests.support.house import House
from tests.support.people import writing

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here opens real pages, and goes first.

    These tests mostly wait, also for each other's house: one process has them then,
    and the others compute meanwhile.
    """
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: here not in item.path.parents)


@pytest.fixture(scope="module")
def house_kind() -> type[House]:
    """What `live_server` is."""
    return House


@pytest.fixture(scope="module")
def live_server(
    house_kind: type[House],
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    """The running house of one file's tests, on a database that is empty at first."""
    instance = tmp_path_factory.mktemp("house")
    url = copy_sqlite(sqlite_template, instance / "tianbo.db")
    with house_kind(url, instance) as house:
        yield house


@pytest.fixture
def app(live_server: House) -> Flask:
    """The house seen from inside, for what a test arranges or reads."""
    return live_server.app


@pytest.fixture
def member(app: Flask, place: Place) -> Person:
    """A member of the alliance who may host."""
    with writing(app):
        return make_member(place, "周晓雯")


@pytest.fixture
def lead(app: Flask, place: Place) -> Person:
    """Who leads the alliance."""
    with writing(app):
        return make_lead(place, "李建国")


@pytest.fixture
def accountant(app: Flask, place: Place) -> Person:
    """Who keeps the cooperative's books."""
    with writing(app):
        return make_accountant(place, "吴会计")


@pytest.fixture
def trainer(app: Flask, place: Place) -> Person:
    """Who trains the alliance's members."""
    with writing(app):
        return make_trainer(place, "张老师")


@pytest.fixture
def arrange(app: Flask) -> Callable[[], object]:
    """A transaction in the house: `with arrange() as session`."""
    return lambda: writing(app)
