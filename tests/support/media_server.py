"""The media server as a process of its own, and passes to its rooms."""

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from core.clock import now
from core.room_tokens import Pass, Purpose, sign
from scripts.processes import LOCAL, Child, answers, free_port, start, stop_all
from tests.support.databases import NEUTRAL, SECRET
from tests.support.event_reader import EventReader

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 20
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Media:
    """A media server that answers."""

    port: int
    child: Child

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{LOCAL}:{self.port}"

    def listen(
        self, room: str, subject: str = "ann", last_event_id: str | None = None
    ) -> EventReader:
        """Watch a room."""
        token = token_for(room, Purpose.WATCH, subject=subject)
        return EventReader(self.port, room, token, last_event_id)

    def host(self, room: str, *, lasts: timedelta = HOUR) -> EventReader:
        """Run a room."""
        token = token_for(room, Purpose.RUN, subject="host", lasts=lasts)
        return EventReader(self.port, room, token)

    def announce(self, room: str, *news: tuple[str, dict[str, Any]]) -> None:
        """Tell a room news, as the web process does; it must take them."""
        said = [{"kind": kind, "data": data} for kind, data in news]
        assert self.post_news(room, json.dumps(said))[0] == 204

    def post_news(self, room: str, body: str | bytes) -> tuple[int, bytes]:
        """POST whatever to the door for news."""
        token = token_for(room, Purpose.SERVE)
        return self.post(f"/rooms/{room}/news", token, body)

    def post(self, path: str, token: str, body: str | bytes = b"") -> tuple[int, bytes]:
        """POST with a token in the address; status and body of the answer."""
        connection = HTTPConnection(LOCAL, self.port, timeout=5)
        connection.request("POST", f"{path}?{urlencode({'token': token})}", body)
        answer = connection.getresponse()
        read = answer.status, answer.read()
        connection.close()
        return read


def chat(seq: int, text: str = "新鲜吗？") -> tuple[str, dict[str, Any]]:
    """A line of chat as the web process announces it."""
    line = {"seq": seq, "name": "小麦", "text": text, "at_ms": seq, "author": "a1"}
    return "chat", line


def token_for(
    room: str, purpose: Purpose, *, subject: str = "", lasts: timedelta = HOUR
) -> str:
    """A pass to a room, signed with the tests' secret."""
    return sign(SECRET, Pass(room, purpose, now() + lasts, subject))


@contextmanager
def running_media(
    folder: Path,
    web_url: str,
    *,
    redis_url: str = "",
    port: int = 0,
    prefix: Sequence[str] = (),
    arguments: Sequence[str] = (),
    quick: bool = False,
) -> Iterator[Media]:
    """`python -m media` on a free port, or on `port`.

    prefix: of the command line, such as one that pins it to a core; arguments: at
    its end. quick: see tests.support.quick_media.
    """
    port = port or free_port()
    module = "tests.support.quick_media" if quick else "media"
    settings = {
        "INSTANCE_PATH": str(folder),
        "REDIS_URL": redis_url,
        "SECRET_KEY": SECRET,
        "TIANBO_DEMO": "1",
        "WEB_INTERNAL_URL": web_url,
    }
    child = start(
        "media",
        [*prefix, sys.executable, "-m", module, "--port", str(port), *arguments],
        env={**os.environ, **NEUTRAL, **settings, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        log=folder / f"media-{port}.log",
    )
    media = Media(port, child)
    try:
        _wait_until_answers(media)
        yield media
    finally:
        stop_all([child], patience_s=2)


def _wait_until_answers(media: Media) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while not answers(f"{media.url}/healthz"):
        if media.child.has_ended or time.monotonic() > deadline:
            raise RuntimeError(media.child.last_lines())
        time.sleep(0.02)
