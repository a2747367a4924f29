"""The shop itself and the media server: each understands what the other says."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from werkzeug.serving import make_server

from media.endpoints.camera import Close
from models.live import LiveSession
from scripts.processes import LOCAL, free_port
from services.live import chat, running
from tests.media.films import film
from tests.support.databases import NEUTRAL, SECRET
from tests.support.event_reader import EventReader
from tests.support.factories import Goods, Person, Place, actor_of, make_worker
from tests.support.media_server import Media, running_media
from tests.support.people import sign_in, writing
from tests.support.publishing import EVERY_SECOND, H264
from tests.support.studio import make_room, speak

FILM_S = 25
BEGINNING_S = 6
SLICE_S = 0.1
AT_ONCE_S = 3.0
"""Media asks every ten seconds: what comes sooner has been told."""
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


@pytest.mark.parametrize("dismissed", ["host", "lead"])
def test_a_dismissed_persons_passes_end_at_once(
    app: Flask,
    shop_media: Media,
    room_on_air: LiveSession,
    alice: Person,
    place: Place,
    tmp_path: Path,
    dismissed: str,
) -> None:
    """Also those of a lead who once opened another host's console."""
    data = film(tmp_path / "film.mp4", FILM_S, *MP4)
    size = int(len(data) * SLICE_S / FILM_S)
    slices = (data[start : start + size] for start in range(0, len(data), size))
    with writing(app):
        person = alice if dismissed == "host" else make_worker(place, "李小红")
    theirs = ticket_of(app, person, room_on_air)
    hosts = ticket_of(app, alice, room_on_air)

    with (
        reader_of(shop_media, theirs) as console,
        reader_of(shop_media, hosts) as hosts_console,
        connect(theirs["camera_url"]) as camera,
    ):
        for each in islice(slices, int(BEGINNING_S / SLICE_S)):
            camera.send(each)
        for reader in (console, hosts_console):
            assert reader.hear("video").data["on"]
        disable(app, person, f"http://{LOCAL}:{shop_media.port}")
        began = time.monotonic()
        go_on_filming(camera, slices)
        assert time.monotonic() - began < AT_ONCE_S
        assert console.hear("bye")
        if person is not alice:
            assert not hosts_console.hear("video").data["on"]

    assert camera.close_code == Close.EXPIRED
    with reader_of(shop_media, theirs) as again:
        assert again.status == 403
    with reader_of(shop_media, hosts) as again:
        assert again.status == (403 if person is alice else 200)


def disable(app: Flask, person: Person, media_url: str) -> None:
    """As it is done in a district: by a command, whose process ends at once."""
    settings = {"DATABASE_URL": app.config["TIANBO"].database_url, "SECRET_KEY": SECRET}
    command = ["-m", "flask", "--app", "app", "user", "disable", person.phone]
    subprocess.run(
        [sys.executable, *command],
        env={**os.environ, **NEUTRAL, **settings, "MEDIA_URL": media_url},
        check=True,
    )


def ticket_of(app: Flask, person: Person, session: LiveSession) -> dict[str, str]:
    """What the console of somebody who runs the session is given."""
    browser = sign_in(app.test_client(), person)
    address = f"/studio/sessions/{session.id}/ticket"
    found: dict[str, str] = browser.get(address).get_json()
    return found


def reader_of(media: Media, ticket: dict[str, str]) -> EventReader:
    """Who listens to a room with a ticket's pass."""
    address = urlsplit(ticket["events_url"])
    room, token = address.path.split("/")[2], parse_qs(address.query)["token"][0]
    return EventReader(media.port, room, token)


def go_on_filming(camera: ClientConnection, slices: Iterable[bytes]) -> None:
    """As fast as a recorder, until the server hangs up."""
    with suppress(ConnectionClosed):
        for each in slices:
            camera.send(each)
            time.sleep(SLICE_S)
