"""A merchant's webhook endpoint for tests: keeps what it gets."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import stripe

from tests.sandbox.described import check_event


class Receiver:
    """An HTTP server on a free port.

    answers: statuses for the next deliveries; 200 when there are none left.
    deliveries: signature header and body of every delivery, in order of arrival.
    """

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.deliveries: list[tuple[str, bytes]] = []
        self._arrived = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.02])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self, signature: str, body: bytes) -> int:
        with self._arrived:
            self.deliveries.append((signature, body))
            self._arrived.notify_all()
            return self.answers.pop(0) if self.answers else 200

    def wait_for(self, count: int, timeout_s: float = 5) -> None:
        with self._arrived:
            enough = self._arrived.wait_for(
                lambda: len(self.deliveries) >= count, timeout_s
            )
        assert enough, f"{len(self.deliveries)} deliveries instead of {count}"

    def events(self, secret: str) -> list[dict[str, Any]]:
        """All deliveries, their signatures verified and their bodies as described."""
        for signature, body in self.deliveries:
            stripe.Webhook.construct_event(body, signature, secret)
        return [check_event(body) for _, body in self.deliveries]

    def types(self) -> list[str]:
        return [check_event(body)["type"] for _, body in self.deliveries]


def _handler_for(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.take(self.headers["Stripe-Signature"], body)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return None

    return Handler
