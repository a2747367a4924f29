"""A new stream key: whoever still publishes with the old one is put out."""

from pathlib import Path

from tests.media.films import film
from tests.media.test_camera import RECORDERS, camera, closing_code, send
from tests.support.little_web import LittleWeb
from tests.support.publishing import Ingest, publish_key


def test_a_camera_with_an_old_key_makes_way_for_the_new_one(
    ingest: Ingest, rooms: LittleWeb, stage: str, tmp_path: Path
) -> None:
    data = film(tmp_path / "film.webm", 6, *RECORDERS["webm"])
    with camera(ingest, stage, publish_key(stage, key=1)) as old:
        send(old, data[: len(data) // 2], 3)
        ingest.wait_for(stage, "#EXT-X-PART:")
        rooms.open_room(stage, key=2)

        with camera(ingest, stage, publish_key(stage, key=2)) as new:
            send(new, data, 6)
            text = ingest.wait_for(stage, "#EXT-X-DISCONTINUITY\n")
            old.send(data[len(data) // 2 :])
            closing_code(old)

    assert text.count("#EXT-X-MAP:") == 2
