"""Video in from a browser: its recorder's slices over a WebSocket.

A page of another site gets no socket: its handshake is answered with 403, before the
token is read. Who names no origin is no browser, and comes with nothing but a token.
"""

from collections.abc import Mapping
from enum import IntEnum

from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.room_tokens import BadToken, ExpiredToken, Pass, Purpose
from media.endpoints.authorization import NOT_GUESSED, is_from_house, pass_of
from media.rooms import OVER, NotWanted, Room
from media.video.live_stream import AlreadyPublishing, Publication
from media.video.sources import CameraSource, TooSlow
from media.web_sync import NoSuchRoom, WebSync

WEBM, MP4 = b"\x1a\x45\xdf\xa3", b"ftyp"
SIGNED_BYTES = 8


class Close(IntEnum):
    """Why a socket was closed, in the range that applications may use.

    static/js/live/camera.js knows them by their numbers. EXPIRED: a new pass may help.
    """

    FORGED = 4403
    EXPIRED = 4404
    TAKEN = 4405
    NOT_WANTED = 4406
    SLOW = 4407
    UNREADABLE = 4408


class NoVideo(Exception):
    """What was sent does not begin as WebM or MP4 do."""


WHY: Mapping[type[Exception], Close] = {
    ExpiredToken: Close.EXPIRED,
    BadToken: Close.FORGED,
    NoSuchRoom: Close.NOT_WANTED,
    NotWanted: Close.NOT_WANTED,
    AlreadyPublishing: Close.TAKEN,
    TooSlow: Close.SLOW,
    NoVideo: Close.UNREADABLE,
}


async def take_camera(socket: WebSocket) -> None:
    """Carry a host's camera into the room until either end hangs up."""
    if not is_from_house(socket):
        await socket.send_denial_response(Response(None, 403, NOT_GUESSED))
        return
    await socket.accept()
    why = await _publish(socket)
    if why is not None:
        await socket.close(why, why.name.lower().replace("_", " "))


async def _publish(socket: WebSocket) -> Close | None:
    """Let the camera publish, and why it may no more; None when it hung up."""
    web: WebSync = socket.app.state.web
    try:
        granted = pass_of(socket, Purpose.PUBLISH)
        room = await web.enter_with(granted)
    except tuple(WHY) as error:
        return WHY[type(error)]
    source = CameraSource()
    try:
        why = await _carry(socket, source, room.publish(source, granted))
    except WebSocketDisconnect:
        return None
    except tuple(WHY) as error:
        why = WHY[type(error)]
    finally:
        source.close()
    return _dismissal(room, granted) or why


async def _carry(
    socket: WebSocket, source: CameraSource, publication: Publication
) -> Close:
    """Carry slices until nobody wants them any more, and why that is."""
    source.feed(await _beginning(socket))
    while not publication.ended.is_set():
        source.feed(await _slice(socket))
    return Close.TAKEN if source.is_closed else Close.UNREADABLE


def _dismissal(room: Room, granted: Pass) -> Close | None:
    """What the room has against this publisher, whatever else has happened."""
    if room.state in OVER:
        return Close.NOT_WANTED
    return None if room.admits(granted) else Close.EXPIRED


async def _beginning(socket: WebSocket) -> bytes:
    """The first bytes, if a recorder may have made them; FFmpeg would look for long.

    Chromium's first slice is now and then a single byte.
    """
    first = b""
    while len(first) < SIGNED_BYTES:
        first += await _slice(socket)
    if not first.startswith(WEBM) and first[4:8] != MP4:
        raise NoVideo
    return first


async def _slice(socket: WebSocket) -> bytes:
    try:
        return await socket.receive_bytes()
    except KeyError:  # Starlette's way to say that text came
        raise NoVideo from None


routes = [WebSocketRoute("/rooms/{room}/camera", take_camera)]
