"""A web process and a media server for all tests of a run; each test has its room."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.support.little_web import LittleWeb, running_little_web
from tests.support.media_server import Media, running_media

NUMBERS = count(1)


@pytest.fixture(scope="session")
def little_web() -> Iterator[LittleWeb]:
    """Tests take `web`."""
    with running_little_web() as web:
        yield web


@pytest.fixture
def web(little_web: LittleWeb) -> LittleWeb:
    """The web process, answering as it should."""
    little_web.answer = None
    return little_web


@pytest.fixture(scope="session")
def media(little_web: LittleWeb, scratch: Path) -> Iterator[Media]:
    """The media server, which hears news over HTTP only."""
    folder = scratch / "media-events"
    folder.mkdir()
    with running_media(folder, little_web.url) as server:
        yield server


@pytest.fixture
def room(web: LittleWeb) -> str:
    """The slug of a running session of this test alone."""
    slug = f"honey-{next(NUMBERS)}"
    web.open_room(slug)
    return slug
