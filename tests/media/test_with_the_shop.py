"""The shop itself and the media server: each understands what the other says."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest
from flask import Flask
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from werkzeug.serving import make_server

from media.endpoints.camera import Close
from models.live import LiveSession
from scripts.processes import LOCAL, free_port
from services.accounts.sessions import disable_account
from services.live import chat, running
from tests.media.films import film
from tests.support.factories import Goods, Person, Place, actor_of
from tests.support.media_server import Media, running_media
from tests.support.people import writing
from tests.support.publishing import EVERY_SECOND, H264, publish_key
from tests.support.studio import make_room, speak

FILM_S = 25
BEGINNING_S = 6
SLICE_S = 0.1
FRAGMENTS = ("-movflags", "empty_moov+default_base_moof+frag_keyframe")
MP4 = (*H264, *EVERY_SECOND, "-c:a", "aac", *FRAGMENTS)


@pytest.fixture
def media_port() -> int:
    """Where the shop will find its media server."""
    return free_port()


@pytest.fixture
def app(make_app: Callable[..., Flask], database_url: str, media_port: int) -> Flask:
    """A house with a media server on its port."""
    return make_app(database_url, MEDIA_URL=f"http://{LOCAL}:{media_port}")


@pytest.fixture
def shop_media(app: Flask, media_port: int, tmp_path: Path) -> Iterator[Media]:
    """The media server of the house, whose shop answers on a port of its own."""
    server = make_server(LOCAL, 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with running_media(
            tmp_path,
            f"http://{LOCAL}:{server.server_port}",
            port=media_port,
            quick=True,
        ) as media:
            yield media
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def room_on_air(app: Flask, place: Place, alice: Person, goods: Goods) -> LiveSession:
    """A session on air with one product."""
    with writing(app) as session:
        made = make_room(place, alice, goods)
        session.flush()
        session.refresh(made)
        session.expunge(made)
    return made


def test_a_viewer_hears_what_happens_in_the_shop(
    app: Flask,
    shop_media: Media,
    room_on_air: LiveSession,
    alice: Person,
    goods: Goods,
) -> None:
    room = room_on_air
    with shop_media.listen(room.slug) as ann:
        first = ann.hear("snapshot").data
        assert first["state"] == "live"
        assert [offer["product_id"] for offer in first["offers"]] == [goods.id]

        with writing(app):
            running.pin(actor_of(alice), room.id, goods.id)
            said = speak(room.id, alice, "新掰的 <b>蜜薯</b>")
        assert ann.hear("pin").data["product_id"] == goods.id
        assert ann.hear("chat").data == said.to_json()

        with writing(app):
            chat.hide(actor_of(alice), room.id, said.seq)
        assert ann.hear("hide").data == {"seq": said.seq}

        with writing(app):
            running.end_session(actor_of(alice), room.id)
        assert ann.hear("state").data["state"] == "ended"


def test_a_dismissed_hosts_camera_is_hung_up_on(
    app: Flask,
    shop_media: Media,
    room_on_air: LiveSession,
    alice: Person,
    tmp_path: Path,
) -> None:
    data = film(tmp_path / "film.mp4", FILM_S, *MP4)
    size = int(len(data) * SLICE_S / FILM_S)
    slices = (data[start : start + size] for start in range(0, len(data), size))
    room = room_on_air.slug
    path = f"/rooms/{room}/camera?token={publish_key(room)}"

    with (
        shop_media.listen(room) as ann,
        connect(f"ws://{LOCAL}:{shop_media.port}{path}") as camera,
    ):
        for each in islice(slices, int(BEGINNING_S / SLICE_S)):
            camera.send(each)
        assert ann.hear("video").data["on"]
        with writing(app):
            disable_account(alice.id)
        go_on_filming(camera, slices)

    assert camera.close_code == Close.EXPIRED


def go_on_filming(camera: ClientConnection, slices: Iterable[bytes]) -> None:
    """As fast as a recorder, until the server hangs up."""
    with suppress(ConnectionClosed):
        for each in slices:
            camera.send(each)
            time.sleep(SLICE_S)
