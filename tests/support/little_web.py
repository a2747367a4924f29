"""A web process that only knows how its rooms stand, for the media server to ask."""

import copy
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from scripts.processes import LOCAL

View = dict[str, Any]

BOX = {"variant_id": 11, "price_fen": 2990, "stock": 40}
OFFER = {"product_id": 1, "listed": True, "boxes": [BOX]}
PLAIN: View = {
    "state": "live",
    "starts_at_ms": 1_795_500_000_000,
    "pin": None,
    "offers": [OFFER],
    "chat": [],
    "key": 1,
    "runners": ["host"],
}


class LittleWeb:
    """Answers /live/<slug>/state; the rooms may be changed at any time.

    answer: status and body given instead, whatever is asked.
    """

    def __init__(self) -> None:
        self.rooms: dict[str, View] = {}
        self.answer: tuple[int, bytes] | None = None
        self.asked: list[str] = []
        self.hosts: list[str | None] = []
        self._server = ThreadingHTTPServer((LOCAL, 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://{LOCAL}:{self._server.server_port}"

    def open_room(self, slug: str, **changes: Any) -> View:
        """A running session; returns its view, to be changed."""
        self.rooms[slug] = copy.deepcopy(PLAIN) | changes
        return self.rooms[slug]

    def times_asked(self, slug: str) -> int:
        """How often somebody wanted to know how a room stands."""
        return self.asked.count(slug)

    def serve(self) -> None:
        """Answer until `close`."""
        self._server.serve_forever(poll_interval=0.01)

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def say(self, slug: str) -> tuple[int, bytes]:
        """Status and body for a room."""
        self.asked.append(slug)
        if self.answer is not None:
            return self.answer
        if slug not in self.rooms:
            return 404, b"{}"
        at_ms = time.time_ns() // 1_000_000
        return 200, json.dumps({"at_ms": at_ms, **self.rooms[slug]}).encode()


def _handler(web: LittleWeb) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _empty, _live, slug, _state = self.path.split("/")
            web.hosts.append(self.headers["Host"])
            status, body = web.say(slug)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def running_little_web() -> Iterator[LittleWeb]:
    """Run one in a thread."""
    web = LittleWeb()
    thread = threading.Thread(target=web.serve, name="little-web")
    thread.start()
    try:
        yield web
    finally:
        web.close()
        thread.join()
