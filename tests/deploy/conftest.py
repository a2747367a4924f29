"""The site's nginx before an echo (pages) and before real video."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.processes import LOCAL, free_port
from tests.support.echo_web import EchoWeb, running_echo_web
from tests.support.little_web import LittleWeb
from tests.support.publishing import Ingest, publish
from tests.support.site import Site, running_site


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


@pytest.fixture(scope="session")
def front(little_web: LittleWeb, ingest: Ingest, scratch: Path) -> Iterator[Site]:
    """nginx before the media server."""
    web = little_web.url.removeprefix("http://")
    media = f"{LOCAL}:{ingest.media.port}"
    with running_site(scratch / "front", web=web, media=media) as ready:
        yield ready


@pytest.fixture(scope="session")
def on_air(little_web: LittleWeb, ingest: Ingest) -> Iterator[str]:
    """The slug of a session whose picture and sound run."""
    little_web.open_room("on-air")
    with publish(ingest, "on-air"):
        ingest.wait_for("on-air", "#EXTINF:")
        yield "on-air"
