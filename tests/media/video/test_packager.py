"""The packager: all of a stream from its first keyframe on, to its very end."""

from pathlib import Path
from typing import cast

import av
import pytest
from av.container import InputContainer

from media.video.mp4 import Part, Take
from media.video.packager import Packager, Rendition
from media.video.sources import Source
from tests.media.films import film

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25")


class Recorded:
    """A source that is a file."""

    kind = "rtmp"
    is_closed = False
    came_at = 0.0

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self) -> InputContainer:
        """From the beginning."""
        return av.open(str(self._path))

    def close(self) -> None:
        """It ends by itself."""


def without_its_first_picture(path: Path) -> Path:
    """The film from the middle of its first group of pictures on."""
    target = path.with_name("rest.mkv")
    with av.open(str(path)) as film, av.open(str(target), "w") as rest:
        stream = rest.add_stream_from_template(film.streams.video[0])
        for packet in list(film.demux(video=0))[1:]:
            if packet.dts is not None:
                packet.stream = stream
                rest.mux(packet)
    return target


def test_all_that_follows_the_first_keyframe_is_packaged(tmp_path: Path) -> None:
    film(tmp_path / "film.mkv", 3, *H264, "-an")
    source = Recorded(without_its_first_picture(tmp_path / "film.mkv"))
    parts: list[Part] = []

    def keep(_rendition: Rendition, _take: Take, part: Part) -> None:
        parts.append(part)

    packager = Packager(cast("Source", source), "honey", keep, lambda: None)
    packager.run()

    assert parts[0].independent
    assert sum(part.duration_s for part in parts) == pytest.approx(2, abs=0.05)
