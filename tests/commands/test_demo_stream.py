"""The demo's film: it loops without a seam, and makes way for a host."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from commands.demo.stream import camera_of
from commands.demo.stream.film import SHORTEST_S, Film, keep_film, read_film
from commands.demo.stream.publishing import place_in_loop, send_round
from core.config import load_settings
from queries.demo.sessions import RoomOnAir
from tests.support.databases import SECRET
from tests.support.little_web import running_little_web
from tests.support.publishing import Ingest, publish, running_ingest

ROOM = "film-1"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return read_film(keep_film(path, SHORTEST_S))


def address(ingest: Ingest, folder: Path) -> str:
    settings = load_settings(
        {
            "SECRET_KEY": SECRET,
            "INSTANCE_PATH": str(folder),
            "MEDIA_URL": ingest.media.url,
        }
    )
    return camera_of(settings, RoomOnAir(ROOM, 1))


def test_the_film_is_a_whole_loop_of_picture_and_sound(film: Film) -> None:
    kinds = [stream.type for stream in film.streams]
    keys = [s.at for s in film.samples if s.is_key and s.stream.type == "video"]

    assert sorted(kinds) == ["audio", "video"]
    assert film.seconds == SHORTEST_S
    assert [float(at) for at in keys] == [0.0, 1.0, 2.0, 3.0]
    for stream in film.streams:
        own = [s for s in film.samples if s.stream is stream]
        assert all(a.ticks < b.ticks for a, b in pairwise(own))
        assert float(sum(s.lasts for s in own) * own[0].unit) == pytest.approx(
            SHORTEST_S, abs=0.06
        )


def test_the_film_begins_at_the_second_that_it_is() -> None:
    assert place_in_loop(1_800_000_000.0, 60) == (1_800_000_000, 0)
    assert place_in_loop(1_800_000_017.2, 60) == (1_800_000_000, 18)
    assert place_in_loop(1_800_000_059.9, 60) == (1_800_000_060, 0)


def test_the_film_goes_on_through_its_seam_and_makes_way_for_a_host(
    film: Film, tmp_path: Path
) -> None:
    with running_little_web() as web, running_ingest(tmp_path, web) as ingest:
        web.open_room(ROOM)
        began = time.monotonic()
        assert send_round(film, address(ingest, tmp_path), rounds=2) is None
        assert time.monotonic() - began > SHORTEST_S
        text = ingest.wait_for(ROOM, "#EXTINF:")
        assert "#EXT-X-DISCONTINUITY\n" not in text
        assert not list((tmp_path / "media").glob("*/take-*"))

        with publish(ingest, ROOM):
            ingest.wait_for(ROOM, "#EXT-X-DISCONTINUITY\n")
            assert send_round(film, address(ingest, tmp_path), rounds=1) == 4405


def test_a_host_who_comes_ends_the_film_in_the_middle(
    film: Film, tmp_path: Path
) -> None:
    with (
        running_little_web() as web,
        running_ingest(tmp_path, web) as ingest,
        ThreadPoolExecutor() as pool,
    ):
        web.open_room(ROOM)
        sending = pool.submit(send_round, film, address(ingest, tmp_path))
        ingest.wait_for(ROOM, "#EXTINF:")

        with publish(ingest, ROOM):
            assert sending.result(timeout=20) in (4405, 4408)
