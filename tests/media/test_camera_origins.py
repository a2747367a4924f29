"""Which pages may open a camera: those of the house, whatever pass another has."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.requests import HTTPConnection
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from core.config import load_settings
from media.endpoints.authorization import is_from_house
from scripts.processes import LOCAL
from tests.media.films import film
from tests.media.test_camera import RECORDERS, camera, send
from tests.support.databases import NEUTRAL, SECRET
from tests.support.media_server import Media
from tests.support.publishing import Ingest, publish_key


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_page_of_another_site_opens_no_camera(
    media: Media, room: str, origin: str
) -> None:
    path = f"/rooms/{room}/camera?token={publish_key(room)}"

    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://{LOCAL}:{media.port}{path}", origin=Origin(origin))

    assert refused.value.response.status_code == 403
    assert refused.value.response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_of_the_house_opens_one(
    ingest: Ingest, room: str, tmp_path: Path
) -> None:
    with camera(ingest, room, origin=f"http://{LOCAL}:8000") as socket:
        send(socket, film(tmp_path / "film.mp4", 6, *RECORDERS["mp4"]))
        ingest.wait_for(room, "#EXT-X-PART:")


@pytest.mark.parametrize(
    ("origin", "is_ours"),
    [
        (None, True),
        ("https://shop.example.org", True),
        ("https://SHOP.example.org:8443", True),
        ("https://shops.example.org", True),
        ("https://a.shops.example.org", True),
        ("https://[::1]", True),
        ("http://shop.example.org", False),
        ("https://example.org", False),
        ("https://evilshops.example.org", False),
        ("https://shop.example.org.evil.example", False),
        ("https://shop.example.org@evil.example", False),
        ("https://127.0.0.1", False),
        ("wss://shop.example.org", False),
        ("https://[::1", False),
        ("null", False),
        ("", False),
    ],
)
def test_the_house_is_where_the_shop_answers(
    tmp_path: Path, origin: str | None, *, is_ours: bool
) -> None:
    settings = load_settings(
        {
            **NEUTRAL,
            "INSTANCE_PATH": str(tmp_path),
            "PUBLIC_URL": "https://shop.example.org",
            "SECRET_KEY": SECRET,
            "TRUSTED_HOSTS": ".shops.example.org,[::1]",
        }
    )
    app = SimpleNamespace(state=SimpleNamespace(settings=settings))
    headers = [] if origin is None else [(b"origin", origin.encode())]

    asked = HTTPConnection({"type": "websocket", "app": app, "headers": headers})

    assert is_from_house(asked) is is_ours
