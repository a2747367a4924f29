"""One media server with nginx-rtmp before it for all tests of video."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.support.little_web import LittleWeb, running_little_web
from tests.support.publishing import Ingest, running_ingest

NUMBERS = count(1)


@pytest.fixture(scope="module")
def rooms() -> Iterator[LittleWeb]:
    """The web process that says how the rooms stand."""
    with running_little_web() as web:
        yield web


@pytest.fixture(scope="module")
def ingest(
    rooms: LittleWeb, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ingest]:
    """What publishers send to, and viewers get from."""
    with running_ingest(tmp_path_factory.mktemp("ingest"), rooms) as ready:
        yield ready


@pytest.fixture
def stage(rooms: LittleWeb) -> str:
    """The slug of a running session of this test alone."""
    slug = f"stage-{next(NUMBERS)}"
    rooms.open_room(slug)
    return slug
