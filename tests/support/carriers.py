"""A text message gateway that only listens and remembers."""

import json
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread
from typing import Any

PATIENCE_S = 10


@dataclass
class Gateway:
    """What an HTTP gateway heard; `status` is what it answers.

    heard: set by each request. may_answer: it answers once this is set.
    """

    url: str
    status: int = 200
    requests: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    heard: Event = field(default_factory=Event)
    may_answer: Event = field(default_factory=Event)


@contextmanager
def running_gateway() -> Iterator[Gateway]:
    """Listen on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            gateway.requests.append((headers, json.loads(body)))
            gateway.heard.set()
            gateway.may_answer.wait(PATIENCE_S)
            self.send_response(gateway.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    gateway = Gateway(f"http://127.0.0.1:{server.server_address[1]}/messages")
    gateway.may_answer.set()
    with _serving(server):
        yield gateway


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
