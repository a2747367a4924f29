"""GET /rooms/<room>/events: everything that happens in a room, as it happens."""

import socket
from asyncio import Transport

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from core.room_tokens import Purpose
from media.doors import NEVER_KEPT, pass_of
from media.events.crowd import Reader, retry_ms
from media.events.frames import retry_after
from media.events.web_state import NoSuchRoom, Web
from media.events.wire import wire_of

SEND_BUFFER = 128 * 1024
HEADERS = {
    **NEVER_KEPT,
    "Content-Type": "text/event-stream; charset=utf-8",
    "X-Accel-Buffering": "no",
}
START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(name.lower().encode(), HEADERS[name].encode()) for name in HEADERS],
}


class Events:
    """ASGI, not a Starlette response: see media.events.wire."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer until the reader hangs up, or is hung up on."""
        connection = HTTPConnection(scope)
        granted = pass_of(connection, Purpose.WATCH, Purpose.RUN)
        web: Web = connection.app.state.web
        try:
            room = await web.enter(granted.room)
        except NoSuchRoom:
            raise HTTPException(404, headers=NEVER_KEPT) from None
        await send(START)
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body"})
            return
        first = retry_after(retry_ms())
        await send({"type": "http.response.body", "body": first, "more_body": True})
        reader = Reader(granted, _bounded(wire_of(scope)))
        room.audience.join(reader, connection.headers.get("last-event-id", ""))
        try:
            await _hang_up(receive)
        finally:
            room.audience.leave(reader)


async def _hang_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _bounded(wire: Transport) -> Transport:
    """The kernel would keep megabytes for somebody who does not read."""
    channel: socket.socket = wire.get_extra_info("socket")
    channel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    return wire
