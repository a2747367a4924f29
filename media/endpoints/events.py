"""The events of a room over HTTP: heard, announced, liked.

Readers' connections are written to below HTTP, one write for a chunk that thousands
share: ASGI's `send` costs a task switch, a coroutine and a copy for each reader and
chunk, 17 µs on one core against 9 for a write to the transport, most of it the
kernel's. It also has no way to hang up on somebody who does not read. See
docs/decisions/0010-events-below-asgi.md.
"""

import socket
from asyncio import Transport
from typing import cast

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from core.room_tokens import ExpiredToken, Purpose
from media.endpoints.authorization import NEVER_KEPT, pass_of
from media.events.announcements import (
    LARGEST_BODY,
    InvalidMessage,
    parse_announcements,
)
from media.events.fan_out import Subscription, retry_ms
from media.events.rate_limits import TokenBuckets
from media.events.sse import retry_after
from media.rooms import Rooms
from media.web_sync import NoSuchRoom, WebSync

EXTENSION = "tianbo.transport"
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


class TransportProtocol(HttpToolsProtocol):
    """uvicorn's HTTP that lets an endpoint have the connection's transport.

    Such an endpoint begins its answer through `send` with more body to come, and
    then writes chunks itself.
    """

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: {"transport": self.transport}}


class Subscribe:
    """GET /rooms/<room>/events. ASGI, not a Starlette response."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer until the reader hangs up, or is hung up on."""
        connection = HTTPConnection(scope)
        granted = pass_of(connection, Purpose.WATCH, Purpose.RUN)
        web: WebSync = connection.app.state.web
        try:
            room = await web.enter_with(granted)
        except NoSuchRoom:
            raise HTTPException(404, headers=NEVER_KEPT) from None
        if not room.admits(granted):
            raise ExpiredToken
        await send(START)
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body"})
            return
        first = retry_after(retry_ms())
        await send({"type": "http.response.body", "body": first, "more_body": True})
        subscription = Subscription(granted, _transport(scope))
        last_event_id = connection.headers.get("last-event-id", "")
        room.channel.subscribe(subscription, last_event_id)
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            room.channel.unsubscribe(subscription)


async def announce(request: Request) -> Response:
    """204, or 422 with a reason, and then nothing of it is told.

    A room that nobody has entered yet needs no announcements.
    """
    granted = pass_of(request, Purpose.SERVE)
    rooms: Rooms = request.app.state.rooms
    try:
        announcements = parse_announcements(await request.body())
    except InvalidMessage as error:
        return JSONResponse({"error": str(error)}, 422, headers=NEVER_KEPT)
    room = rooms.find(granted.room)
    if room is not None:
        room.announce(announcements)
    return Response(status_code=204, headers=NEVER_KEPT)


async def like(request: Request) -> Response:
    """204; 429 for who taps like a machine; 404 in a room nobody has entered."""
    granted = pass_of(request, Purpose.WATCH, Purpose.RUN)
    rooms: Rooms = request.app.state.rooms
    room = rooms.find(granted.room)
    if room is None:
        return Response(status_code=404, headers=NEVER_KEPT)
    caller = f"{granted.room} {granted.subject or request.query_params.get('token')}"
    buckets: TokenBuckets = request.app.state.likes
    if not buckets.take(caller):
        return Response(status_code=429, headers={**NEVER_KEPT, "Retry-After": "1"})
    room.channel.like()
    return Response(status_code=204, headers=NEVER_KEPT)


def _transport(scope: Scope) -> Transport:
    """The connection under a request, with a small buffer in the kernel.

    It would keep megabytes for somebody who does not read.
    """
    extension = (scope.get("extensions") or {}).get(EXTENSION)
    if extension is None:
        raise RuntimeError("events are served by TransportProtocol only")
    transport = cast("Transport", extension["transport"])
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    return transport


routes = [
    Route("/rooms/{room}/events", Subscribe()),
    Route("/rooms/{room}/likes", like, methods=["POST"]),
    Route("/rooms/{room}/news", announce, methods=["POST"], max_body_size=LARGEST_BODY),
]
