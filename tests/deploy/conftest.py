"""The site's nginx before an echo (pages) and before real video."""

from collections.abc import Iterator
from itertools import count

import pytest

from scripts.processes import LOCAL, free_port
from tests.support.echo_web import EchoWeb, running_echo_web
from tests.support.little_web import LittleWeb, running_little_web
from tests.support.publishing import Ingest, publish, running_ingest
from tests.support.site import Site, running_site

NUMBERS = count(1)


@pytest.fixture(scope="module")
def echo() -> Iterator[EchoWeb]:
    """A web process that says what it was asked."""
    with running_echo_web() as web:
        yield web


@pytest.fixture(scope="module")
def site(echo: EchoWeb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """nginx before the echo; its media server is away."""
    nobody = f"{LOCAL}:{free_port()}"
    folder = tmp_path_factory.mktemp("site")
    with running_site(folder, web=echo.place, media=nobody) as ready:
        yield ready


@pytest.fixture(scope="module")
def rooms() -> Iterator[LittleWeb]:
    """The web process that says how the rooms stand."""
    with running_little_web() as web:
        yield web


@pytest.fixture(scope="module")
def ingest(
    rooms: LittleWeb, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ingest]:
    """A media server with nginx-rtmp."""
    with running_ingest(tmp_path_factory.mktemp("ingest"), rooms) as ready:
        yield ready


@pytest.fixture(scope="module")
def front(
    rooms: LittleWeb, ingest: Ingest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """nginx before that media server."""
    web = rooms.url.removeprefix("http://")
    media = f"{LOCAL}:{ingest.media.port}"
    folder = tmp_path_factory.mktemp("front")
    with running_site(folder, web=web, media=media) as ready:
        yield ready


@pytest.fixture
def room(rooms: LittleWeb) -> str:
    """The slug of a running session of this test alone."""
    slug = f"front-{next(NUMBERS)}"
    rooms.open_room(slug)
    return slug


@pytest.fixture(scope="module")
def on_air(rooms: LittleWeb, ingest: Ingest) -> Iterator[str]:
    """The slug of a session whose picture and sound run."""
    rooms.open_room("on-air")
    with publish(ingest, "on-air"):
        ingest.wait_for("on-air", "#EXTINF:")
        yield "on-air"
