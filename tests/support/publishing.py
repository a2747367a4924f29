"""Publishers as hosts have them: ffmpeg over RTMP, through nginx."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
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
INTERVAL = re.compile(r"((?:notify_update_timeout|drop_idle_publisher) )\d+s;")
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
    quick: bool

    @contextmanager
    def restarted_media(self) -> Iterator["Ingest"]:
        """The same once more, with a new media server in the place of a dead one."""
        with running_media(
            self.folder,
            self.web_url,
            port=self.media.port,
            arguments=("--rtmp-pull", f"rtmp://{LOCAL}:{self.rtmp_port}/live"),
            quick=self.quick,
        ) as media:
            yield replace(self, media=media)

    def address(self, room: str, token: str) -> str:
        """What an encoder is given: server and stream key in one."""
        query = urlencode({"token": token})
        return f"rtmp://{LOCAL}:{self.rtmp_port}/live/{room}?{query}"

    def playlist(self, room: str, name: object = "live.m3u8", **query: object) -> str:
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

    def wait_for(self, room: str, *lines: str, **query: object) -> str:
        """The playlist as soon as it holds all `lines`."""
        return self.wait_until(
            lambda: self.playlist(room, **query),
            lambda text: all(line in text for line in lines),
        )

    def wait_for_segments(self, room: str, count: int) -> str:
        """The playlist as soon as it holds so many whole segments."""
        return self.wait_until(
            lambda: self.playlist(room), lambda text: text.count("#EXTINF:") >= count
        )

    def wait_until(self, look: Callable[[], str], holds: Callable[[str], bool]) -> str:
        """What is seen as soon as `holds` is true of it."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds(seen := look()):
            if time.monotonic() > deadline:
                raise AssertionError(f"{seen}\n{self.media.child.last_lines()}")
            time.sleep(0.05)
        return seen


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


def publish_key(
    room: str, *, lasts: timedelta = HOUR, key: int = 1, runner: str = "host"
) -> str:
    """A stream key of a room."""
    until = now() + lasts
    return sign(SECRET, Pass(room, Purpose.PUBLISH, until, runner, key))


def publish(
    ingest: Ingest,
    room: str,
    *,
    token: str | None = None,
    video: Sequence[str] = (*PICTURE, *H264, *EVERY_SECOND),
    audio: Sequence[str] = (*SOUND, "-c:a", "aac"),
    speed: float = 1,
) -> Publisher:
    """Send a test picture and a tone, so many seconds of them in a second."""
    inputs = [word for track in (video, audio) if track for word in track[:4]]
    codecs = [word for track in (video, audio) if track for word in track[4:]]
    key = publish_key(room) if token is None else token
    paced = []
    for track in (inputs[:4], inputs[4:]):
        paced += ["-readrate", str(speed), *track] if track else []
    return Publisher(ingest.address(room, key), [*paced, *codecs])


@contextmanager
def running_ingest(
    folder: Path, web: LittleWeb, media_port: int = 0, *, quick: bool = False
) -> Iterator[Ingest]:
    """nginx-rtmp and a media server that pulls from it.

    quick: what nginx does every few seconds it does every second; see quick_media.
    """
    media_port = media_port or free_port()
    server = rtmp_server(folder / "rtmp", free_port(), free_port(), media_port)
    if server is None:
        raise RuntimeError("nginx has no RTMP module here: make test installs it")
    if quick:
        config = folder / "rtmp" / "nginx.conf"
        config.write_text(INTERVAL.sub(r"\g<1>1s;", config.read_text()))
    child = start("rtmp", server.command, env={}, cwd=folder, log=folder / "rtmp.log")
    pull = ("--rtmp-pull", server.url)
    try:
        with running_media(
            folder, web.url, port=media_port, arguments=pull, quick=quick
        ) as media:
            yield Ingest(media, child, server.port, folder, web.url, quick)
    finally:
        stop_all([child])


def run_pass(room: str) -> str:
    """The host's own pass, for what only the host may see."""
    return token_for(room, Purpose.RUN, subject="host")
