"""A text message gateway and a mail server that only listen and remember."""

import json
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
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


@dataclass
class Mailbox:
    """What a mail server took; `refusal` is its answer to every recipient, if any."""

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    refusal: str = ""


@contextmanager
def running_mail_server() -> Iterator[Mailbox]:
    """Speak enough SMTP for smtplib, on a free port of this machine."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 here")
            for line in iter(self.rfile.readline, b""):
                word = line.split()[0].upper().decode()
                if word == "DATA":
                    self.take()
                elif word == "RCPT" and mailbox.refusal:
                    self.say(mailbox.refusal)
                else:
                    self.say("221 bye" if word == "QUIT" else "250 ok")

        def take(self) -> None:
            self.say("354 go on")
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line)
            mailbox.mails.append(message_from_bytes(b"".join(lines), policy=default))
            self.say("250 taken")

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    mailbox = Mailbox(server.server_address[1])
    with _serving(server):
        yield mailbox


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
