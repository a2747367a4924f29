"""One media server with nginx-rtmp before it for a run; each test has its room."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.support.little_web import LittleWeb, running_little_web
from tests.support.media_server import Media
from tests.support.publishing import Ingest, running_ingest

NUMBERS = count(1)


@pytest.fixture(scope="session")
def little_web() -> Iterator[LittleWeb]:
    """Tests take `web`."""
    with running_little_web() as web:
        yield web


@pytest.fixture
def web(little_web: LittleWeb) -> LittleWeb:
    """The web process that says how the rooms stand, answering as it should."""
    little_web.answer = None
    return little_web


@pytest.fixture(scope="session")
def ingest(little_web: LittleWeb, scratch: Path) -> Iterator[Ingest]:
    """What publishers send to, and viewers get from."""
    folder = scratch / "ingest"
    folder.mkdir()
    with running_ingest(folder, little_web, quick=True) as ready:
        yield ready


@pytest.fixture(scope="session")
def media(ingest: Ingest) -> Media:
    """Its media server, which hears announcements over HTTP only."""
    return ingest.media


@pytest.fixture
def room(web: LittleWeb) -> str:
    """The slug of a running session of this test alone."""
    slug = f"honey-{next(NUMBERS)}"
    web.open_room(slug)
    return slug
