"""A reader of a room's events, as a browser's EventSource reads them."""

import contextlib
import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlencode

from scripts.processes import LOCAL

PATIENCE_S = 5.0


class Event(NamedTuple):
    """One event; `number` is its id, empty for what has none."""

    kind: str
    data: Any
    number: str


class EventReader:
    """A connection to /rooms/<room>/events and what is heard on it."""

    def __init__(
        self, port: int, room: str, token: str, last_event_id: str | None = None
    ) -> None:
        self.connection = HTTPConnection(LOCAL, port, timeout=PATIENCE_S)
        headers = {} if last_event_id is None else {"Last-Event-ID": last_event_id}
        path = f"/rooms/{room}/events?{urlencode({'token': token})}"
        self.connection.request("GET", path, headers=headers)
        self.response = self.connection.getresponse()
        self.status = self.response.status
        self.retries: list[int] = []
        self.last_id = last_event_id or ""
        self._events = self._read()

    def __enter__(self) -> "EventReader":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self.response.close()
        self.connection.close()

    def hear(self, *kinds: str) -> Event:
        """The next event, of one of the kinds if any are named."""
        for event in self._events:
            if not kinds or event.kind in kinds:
                return event
        raise AssertionError(f"the stream ended without {kinds}")

    def heard_before(self, kind: str, data: object) -> set[str]:
        """The kinds of all that comes before a certain event, which has to come."""
        heard = set()
        while (event := self.hear()) != (kind, data, event.number):
            heard.add(event.kind)
        return heard

    def heard_so_far(self, quiet_s: float = 0.3) -> list[Event]:
        """Everything until nothing comes for a while. Ends the listening."""
        self.connection.sock.settimeout(quiet_s)
        heard = []
        with contextlib.suppress(TimeoutError):
            while True:
                heard.append(self.hear())
        return heard

    def rest(self) -> list[Event]:
        """Everything until the server hangs up."""
        return list(self._events)

    def _read(self) -> Iterator[Event]:
        fields: dict[str, str] = {}
        while line := self.response.readline():
            name, _colon, value = line.decode().rstrip("\n").partition(":")
            if name == "retry":
                self.retries.append(int(value))
            if name or value:
                fields[name] = value.removeprefix(" ")
            elif "data" in fields:
                self.last_id = fields.get("id", self.last_id)
                data = json.loads(fields["data"])
                yield Event(fields["event"], data, fields.get("id", ""))
                fields = {}
            else:
                fields = {}


def sleepy_socket(port: int, room: str, token: str) -> socket.socket:
    """A reader that asks for events and then never reads."""
    sleeper = socket.socket()
    sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sleeper.settimeout(PATIENCE_S)
    sleeper.connect((LOCAL, port))
    request = f"GET /rooms/{room}/events?{urlencode({'token': token})} HTTP/1.1\r\n"
    sleeper.sendall(f"{request}Host: {LOCAL}\r\n\r\n".encode())
    return sleeper
