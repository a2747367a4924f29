"""A web process that answers with what it was asked: for what a proxy makes of it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from scripts.processes import LOCAL


class EchoWeb:
    """Listens on `port`; `connections` are the ports that its callers came from."""

    def __init__(self) -> None:
        self.connections: set[int] = set()
        self.server = ThreadingHTTPServer((LOCAL, 0), _handler(self))
        self.server.daemon_threads = True
        self.port = self.server.server_port

    @property
    def place(self) -> str:
        """Where it listens, as HOST:PORT."""
        return f"{LOCAL}:{self.port}"


def _handler(web: EchoWeb) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Say what was asked: method, path, headers and the body's length."""
            web.connections.add(self.client_address[1])
            length = int(self.headers.get("Content-Length", 0))
            got = len(self.rfile.read(length))
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = {"path": self.path, "headers": headers, "length": got}
            body = json.dumps({"method": self.command, **said}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            """The same."""
            self.do_GET()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def running_echo_web() -> Iterator[EchoWeb]:
    """Run one in a thread."""
    web = EchoWeb()
    thread = threading.Thread(target=web.server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield web
    finally:
        web.server.shutdown()
        web.server.server_close()
        thread.join()
