"""HTTP whose answer is there in time, however slowly its bytes come.

`requests` limits each wait for bytes, not the whole: a server that sends one now and
then is never late. Here every wait gets what is left of the time of the whole call.
Looking up the server's name is what nothing here can end.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from socket import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool

_ends_at: ContextVar[float] = ContextVar("tianbo_answers_end_at")


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """Give all that a bounded session is asked inside so long, tries included."""
    token = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


def bounded_session() -> requests.Session:
    """A session that keeps to `answered_within`, for any number of threads."""
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter())
    return session


class _Adapter(HTTPAdapter):
    def get_connection_with_tls_context(
        self, *args: Any, **kwargs: Any
    ) -> HTTPConnectionPool:
        """The pool, directly or by a proxy, whose connections read in time."""
        pool: HTTPConnectionPool
        pool = super().get_connection_with_tls_context(*args, **kwargs)  # type: ignore[assignment]
        pool.ConnectionCls = _CONNECTIONS[pool.scheme or "https"]
        return pool


class _InTime(RawIOBase):
    """Reads from a socket, each time for no longer than what is left."""

    def __init__(self, stream: RawIOBase, connection: socket) -> None:
        self._stream = stream
        self._connection = connection
        self._ends_at = _ends_at.get()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._connection.settimeout(left)
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = BufferedReader(_InTime(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _Response


class _TlsConnection(HTTPSConnection):
    response_class = _Response


_CONNECTIONS: dict[str, type[HTTPConnection]] = {
    "http": _Connection,
    "https": _TlsConnection,
}
