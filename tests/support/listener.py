"""A media server that only listens: what it is told, and what it says it recorded."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from flask import current_app

from core.room_tokens import BadToken, Purpose, check
from integrations.announcer import Announcer
from tests.support.databases import SECRET

PATIENCE_S = 5.0


@dataclass
class Listener:
    """What a media server heard.

    status: what it answers to news that comes from now on. may_answer: it answers
    once this is set. recording: its answer about any room, None 404.
    """

    port: int
    status: int = 204
    recording: object = None
    heard: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    posts: int = 0
    may_answer: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def of_kind(self, *kinds: str) -> list[dict[str, Any]]:
        """The news of some kinds, in the order they came."""
        return [data for _room, kind, data in self.heard if kind in kinds]

    def wait(self, is_enough: Callable[[], Any]) -> None:
        """Wait until something was heard."""
        deadline = time.monotonic() + PATIENCE_S
        while not is_enough():
            assert time.monotonic() < deadline, f"heard only {self.heard}"
            time.sleep(0.01)

    def wait_for(self, kind: str, **data: Any) -> dict[str, Any]:
        """The first news of `kind` in which `data` stands, once it came."""

        def matching() -> list[dict[str, Any]]:
            return [each for each in self.of_kind(kind) if data.items() <= each.items()]

        self.wait(matching)
        return matching()[0]

    def forget(self) -> None:
        """Be as new: up, with nothing heard and nothing recorded."""
        self.status, self.recording, self.posts = 204, None, 0
        self.heard.clear()
        self.refused.clear()
        self.may_answer.set()


def settle() -> None:
    """Wait until this app has told all its news: what then is missing never comes."""
    announcer: Announcer | None = current_app.extensions.pop("announcer", None)
    if announcer is not None:
        announcer.finish(PATIENCE_S)


class Server(ThreadingHTTPServer):
    """The HTTP around a Listener."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.listener = Listener(self.server_address[1])
        self.listener.may_answer.set()


class Handler(BaseHTTPRequestHandler):
    """Answers as the media server would."""

    server: Server

    def do_POST(self) -> None:
        """Hear news."""
        listener = self.server.listener
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = listener.status
        listener.posts += 1
        listener.may_answer.wait(PATIENCE_S)
        room = self.room()
        if room is None:
            self.answer(403)
            return
        if status < 300:
            for news in json.loads(body):
                listener.heard.append((room, news["kind"], news["data"]))
        self.answer(status)

    def do_GET(self) -> None:
        """Say that we are up, or what was recorded."""
        listener = self.server.listener
        listener.may_answer.wait(PATIENCE_S)
        if self.path == "/healthz":
            self.answer(200, b"ok")
        elif self.room() is None:
            self.answer(403)
        elif listener.recording is None:
            self.answer(404)
        else:
            self.answer(200, json.dumps(listener.recording).encode())

    def room(self) -> str | None:
        """The room in the address, for whoever has a pass to serve it."""
        _, _, room, _ = self.path.split("/")
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            return check(SECRET, token, room, Purpose.SERVE).room
        except BadToken:
            self.server.listener.refused.append(self.path)
            return None

    def answer(self, status: int, body: bytes = b"") -> None:
        """Answer with a body that may be empty."""
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def listening(port: int = 0) -> Iterator[Listener]:
    """Listen on a port of this machine; 0 is a free one."""
    server = Server(port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.listener
    finally:
        server.listener.may_answer.set()
        server.shutdown()
        thread.join()
        server.server_close()
