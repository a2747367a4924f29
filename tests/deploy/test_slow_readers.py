"""Viewers who take nothing, or hold something back: nobody else waits for them."""

import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from socket import create_connection

import pytest

from scripts.processes import LOCAL, free_port
from tests.support.site import NAME, Answer, Site, running_site

SLOW, QUICK = 8, 8
PATIENCE_S = 15.0
LONGEST_S = 6.0
"""Far from at once, and far from the ten seconds that nginx lets anybody wait."""

HTTP_2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS, SETTINGS = 1, 4
END_STREAM, END_HEADERS, ACKNOWLEDGED = 1, 4, 1
WINDOW = 4
GET_BY_HTTPS, AUTHORITY, PATH = b"\x82\x87", b"\x01", b"\x04"
"""Fields of HPACK's static table (RFC 7541, appendix A)."""


class Answering:
    """A media server that answers when it is told to; `asked`: what for."""

    def __init__(self) -> None:
        self.asked: Queue[str] = Queue()
        self.may_answer = threading.Event()
        self.size = 0
        self.headers: dict[str, str] = {}
        self.server = ThreadingHTTPServer((LOCAL, 0), _handler(self))
        self.server.daemon_threads = True


def _handler(media: Answering) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Wait, then say `size` bytes."""
            media.asked.put(self.path)
            media.may_answer.wait(PATIENCE_S)
            self.send_response(200)
            self.send_header("Content-Type", "video/mp4")
            self.send_header("Content-Length", str(media.size))
            for name, value in media.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"x" * media.size)

        def do_POST(self) -> None:
            """Have none of it."""
            media.may_answer.wait(PATIENCE_S)
            self.send_error(405)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def media() -> Iterator[Answering]:
    """A media server for one test."""
    answering = Answering()
    thread = threading.Thread(target=answering.server.serve_forever, args=(0.01,))
    thread.start()
    yield answering
    answering.may_answer.set()
    answering.server.shutdown()
    answering.server.server_close()
    thread.join()


@pytest.fixture
def slow_front(media: Answering, tmp_path: Path) -> Iterator[Site]:
    """nginx before it."""
    place = f"{LOCAL}:{media.server.server_port}"
    with running_site(tmp_path, web=f"{LOCAL}:{free_port()}", media=place) as ready:
        yield ready


@pytest.mark.parametrize("size", [80_000, 300_000])
@pytest.mark.parametrize("kept", ["public, max-age=3600, immutable", "no-store"])
def test_who_takes_nothing_keeps_nobody_waiting(
    media: Answering, slow_front: Site, size: int, kept: str
) -> None:
    media.size, media.headers = size, {"Cache-Control": kept}
    address = "/media/rooms/honey/v/take/7.m4s"
    with ExitStack() as stack:
        for _ in range(SLOW):
            stack.enter_context(asking_and_taking_nothing(slow_front, address))
        media.asked.get(timeout=PATIENCE_S)
        crowd = [Timed(slow_front, address) for _ in range(QUICK)]
        for one in crowd:
            one.start()
        time.sleep(0.3)
        media.may_answer.set()
        answered_at = time.monotonic()
        for one in crowd:
            one.join()
        late = Timed(slow_front, address)
        late.run()

    for one in [*crowd, late]:
        assert (one.answer.status, len(one.answer.body)) == (200, size)
    assert max(one.served_at for one in crowd) - answered_at < LONGEST_S
    assert late.lasted_s < LONGEST_S


@pytest.mark.parametrize(
    "promised", ["nothing", "Content-Length: 1", "Transfer-Encoding: chunked"]
)
def test_who_holds_back_a_body_keeps_nobody_waiting(
    media: Answering, slow_front: Site, promised: str
) -> None:
    media.size = 1000
    media.may_answer.set()
    address = "/media/rooms/honey/v/take/7.m4s"
    with ExitStack() as stack:
        for _ in range(SLOW):
            stack.enter_context(asking_without_an_end(slow_front, address, promised))
        time.sleep(0.3)
        crowd = [Timed(slow_front, address) for _ in range(QUICK)]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()

    assert {one.answer.status for one in crowd} == {200}
    assert max(one.lasted_s for one in crowd) < LONGEST_S


@pytest.mark.parametrize(
    ("method", "headers"),
    [("POST", {}), ("GET", {"Authorization": "Bearer of none"})],
)
def test_nobody_waits_for_what_will_not_be_kept(
    media: Answering, slow_front: Site, method: str, headers: dict[str, str]
) -> None:
    media.size, media.headers = 1000, {"Cache-Control": "public, max-age=60"}
    address = "/media/rooms/honey/v/take/7.m4s"
    odd = [slow_front.connect() for _ in range(SLOW)]
    for one in odd:
        one.request(method, address, headers={"Host": NAME, **headers})
    time.sleep(0.3)
    crowd = [Timed(slow_front, address) for _ in range(QUICK)]
    for viewer in crowd:
        viewer.start()
    time.sleep(0.3)
    media.may_answer.set()
    for viewer in crowd:
        viewer.join()
    for one in odd:
        one.close()

    kept = Counter(one.answer.headers["x-cache"] for one in crowd)
    assert kept["MISS"] <= slow_front.workers
    assert kept["HIT"] == QUICK - kept["MISS"]


class Timed(threading.Thread):
    """A viewer who takes the whole answer."""

    answer: Answer
    served_at: float
    lasted_s: float

    def __init__(self, front: Site, address: str) -> None:
        super().__init__()
        self.front, self.address = front, address

    def run(self) -> None:
        """Ask, and note when all of it was there."""
        began_at = time.monotonic()
        self.answer = self.front.ask(self.address)
        self.served_at = time.monotonic()
        self.lasted_s = self.served_at - began_at


@contextmanager
def asking_and_taking_nothing(front: Site, address: str) -> Iterator[None]:
    """Ask by HTTP/2 with a window of no bytes, and wait."""
    no_window = frame(SETTINGS, 0, 0, struct.pack(">HI", WINDOW, 0))
    sent = no_window + asking(address, END_STREAM | END_HEADERS)
    with sending(front, "h2", HTTP_2 + sent):
        yield


@contextmanager
def asking_without_an_end(front: Site, address: str, promised: str) -> Iterator[None]:
    """Ask as if something were still to come, by HTTP/2 if nothing says so."""
    head = f"GET {address} HTTP/1.1\r\nHost: {NAME}\r\n{promised}\r\n\r\n"
    protocol, sent = "http/1.1", head.encode()
    if promised == "nothing":
        settings = frame(SETTINGS, 0, 0, b"")
        protocol, sent = "h2", HTTP_2 + settings + asking(address, END_HEADERS)
    with sending(front, protocol, sent):
        yield


@contextmanager
def sending(front: Site, protocol: str, sent: bytes) -> Iterator[None]:
    """Send to nginx by TLS, read nothing, and stay."""
    context = ssl.create_default_context(cafile=str(front.certificate))
    context.set_alpn_protocols([protocol])
    plain = create_connection((LOCAL, front.port), timeout=PATIENCE_S)
    with context.wrap_socket(plain, server_hostname=NAME) as connection:
        assert connection.selected_alpn_protocol() == protocol
        connection.sendall(sent)
        yield


def asking(address: str, flags: int) -> bytes:
    """A GET by HTTP/2; its settings come before."""
    fields = GET_BY_HTTPS + field(AUTHORITY, NAME) + field(PATH, address)
    known = frame(SETTINGS, ACKNOWLEDGED, 0, b"")
    return known + frame(HEADERS, flags, 1, fields)


def field(name: bytes, value: str) -> bytes:
    """A header field whose name HPACK knows."""
    return name + bytes([len(value)]) + value.encode()


def frame(kind: int, flags: int, stream: int, content: bytes) -> bytes:
    """A frame of HTTP/2 (RFC 9113, 4.1)."""
    length = struct.pack(">I", len(content))[1:]
    return length + bytes([kind, flags]) + struct.pack(">I", stream) + content
