"""Small films made by ffmpeg, and what is in a file that came out."""

import functools
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import av

from tests.support.publishing import PICTURE, SOUND


def film(path: Path, seconds: float, *codecs: str) -> bytes:
    """A test picture and a tone in the format of the file's ending."""
    data = _encoded(path.suffix, seconds, codecs)
    path.write_bytes(data)
    return data


@functools.cache
def _encoded(suffix: str, seconds: float, codecs: Sequence[str]) -> bytes:
    """Encoded once for all tests: it takes longer than what they do with it."""
    command = ["ffmpeg", "-v", "error", "-y", *PICTURE, *SOUND, *codecs]
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        subprocess.run([*command, "-t", str(seconds), file.name], check=True)
        return Path(file.name).read_bytes()


def streams(data: Path) -> dict[str, str]:
    """Codec by type."""
    with av.open(str(data)) as container:
        return {one.type: one.codec_context.name for one in container.streams}


def frames(path: Path) -> Sequence[bytes]:
    """The pictures as they are encoded."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def decoded_s(path: Path) -> float:
    """Seconds of picture that decode without a complaint."""
    with av.open(str(path)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    return max(times) - min(times)


def sizes(path: Path) -> Sequence[int]:
    """Width and height."""
    with av.open(str(path)) as container:
        return container.streams.video[0].width, container.streams.video[0].height
