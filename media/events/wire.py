"""Readers' connections below HTTP: one write for a frame that thousands share.

ASGI's `send` costs a task switch, a coroutine and a copy for each reader and frame:
17 µs on one core against 9 for a write to the transport, most of it the kernel's.
It also has no way to hang up on somebody who does not read.
"""

from asyncio import Transport
from typing import cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

EXTENSION = "tianbo.wire"


class WireProtocol(HttpToolsProtocol):
    """uvicorn's HTTP that lets an endpoint have the connection's transport.

    Such an endpoint begins its answer through `send` with more body to come, and
    then writes chunks itself.
    """

    def on_message_begin(self) -> None:
        """A request begins: its scope carries the transport."""
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: {"transport": self.transport}}


def wire_of(scope: Scope) -> Transport:
    """The transport under a request. Raises when another protocol serves it."""
    extension = (scope.get("extensions") or {}).get(EXTENSION)
    if extension is None:
        raise RuntimeError("events are served by media.events.wire.WireProtocol only")
    return cast("Transport", extension["transport"])
