"""Publishers as hosts have them: ffmpeg over RTMP, through nginx."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from core.clock import now
from core.room_tokens import Pass, Purpose, sign
from scripts.processes import LOCAL, Child, free_port, start, stop_all
from scripts.rtmp_server import rtmp_server
from tests.support.databases import SECRET
from tests.support.little_web import LittleWeb
from tests.support.media_server import HOUR, Media, running_media, token_for

PATIENCE_S = 15.0
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
EVERY_SECOND = ("-tune", "zerolatency", "-g", "25", "-keyint_min", "25")
PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25")
SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100")


@dataclass(frozen=True)
class Ingest:
    """A media server with nginx-rtmp before it."""

    media: Media
    rtmp: Child
    rtmp_port: int
    folder: Path
    web_url: str

    @contextmanager
    def restarted_media(self) -> Iterator["Ingest"]:
        """The same once more, with a new media server in the place of a dead one."""
        port, pull = (
            self.media.port,
            ("--rtmp-pull", f"rtmp://{LOCAL}:{self.rtmp_port}/live"),
        )
        with running_media(
            self.folder, self.web_url, port=port, arguments=pull
        ) as media:
            yield replace(self, media=media)

    def address(self, room: str, token: str) -> str:
        """What an encoder is given: server and stream key in one."""
        query = urlencode({"token": token})
        return f"rtmp://{LOCAL}:{self.rtmp_port}/live/{room}?{query}"

    def playlist(self, room: str, name: str = "live.m3u8", **query: object) -> str:
        """The playlist now; empty when there is none."""
        status, body = self.get(f"/rooms/{room}/{name}", **query)
        return body.decode() if status == 200 else ""

    def get(self, path: str, **query: object) -> tuple[int, bytes]:
        """GET a path of the media server."""
        connection = HTTPConnection(LOCAL, self.media.port, timeout=PATIENCE_S)
        connection.request("GET", f"{path}?{urlencode(query)}" if query else path)
        answer = connection.getresponse()
        read = answer.status, answer.read()
        connection.close()
        return read

    def wait_for(self, room: str, *lines: str, absent: bool = False) -> str:
        """The playlist as soon as it holds all `lines`, or none for `absent`."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            text = self.playlist(room)
            if all((line in text) is not absent for line in lines):
                return text
            time.sleep(0.1)
        raise AssertionError(f"{lines} in time: {self.media.child.last_lines()}")


class Publisher:
    """ffmpeg that sends until it is stopped; `kill` drops the line at once."""

    def __init__(self, address: str, arguments: Sequence[str]) -> None:
        command = ["ffmpeg", "-v", "error", "-nostdin", *arguments]
        command += ["-f", "flv", address]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )

    def __enter__(self) -> "Publisher":
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()

    def kill(self) -> None:
        """As when the battery is empty."""
        self.process.kill()
        self.process.wait()
        if self.process.stderr:
            self.process.stderr.close()

    def freeze(self) -> None:
        """As when the network is gone: the connection stands, nothing comes."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def ends_within(self, seconds: float) -> int | None:
        """Its exit status if it ends in time: a refused one ends at once."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None


def publish_key(room: str, *, lasts: timedelta = HOUR, key: int = 1) -> str:
    """A stream key of a room."""
    until = now() + lasts
    return sign(SECRET, Pass(room, Purpose.PUBLISH, until, key=key))


def publish(
    ingest: Ingest,
    room: str,
    *,
    token: str | None = None,
    video: Sequence[str] = (*PICTURE, *H264, *EVERY_SECOND),
    audio: Sequence[str] = (*SOUND, "-c:a", "aac"),
) -> Publisher:
    """Send a test picture and a tone in real time."""
    inputs = [word for track in (video, audio) if track for word in track[:4]]
    codecs = [word for track in (video, audio) if track for word in track[4:]]
    key = publish_key(room) if token is None else token
    real_time = ["-re", *inputs[:4], *(["-re"] if inputs[4:] else []), *inputs[4:]]
    return Publisher(ingest.address(room, key), [*real_time, *codecs])


@contextmanager
def running_ingest(
    folder: Path, web: LittleWeb, media_port: int = 0
) -> Iterator[Ingest]:
    """nginx-rtmp and a media server that pulls from it."""
    media_port = media_port or free_port()
    server = rtmp_server(folder / "rtmp", free_port(), free_port(), media_port)
    if server is None:
        raise RuntimeError("nginx has no RTMP module here: make test installs it")
    child = start("rtmp", server.command, env={}, cwd=folder, log=folder / "rtmp.log")
    pull = ("--rtmp-pull", server.url)
    try:
        with running_media(folder, web.url, port=media_port, arguments=pull) as media:
            yield Ingest(media, child, server.port, folder, web.url)
    finally:
        stop_all([child])


def run_pass(room: str) -> str:
    """The host's own pass, for what only the host may see."""
    return token_for(room, Purpose.RUN)
