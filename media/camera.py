"""Video in from a browser: its recorder's slices over a WebSocket."""

from enum import IntEnum

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.room_tokens import Pass, Purpose
from media.doors import Refused, pass_of
from media.events.web_state import NoSuchRoom, Web
from media.rooms import OVER, NotWanted, Room
from media.stage.sources import CameraSource, TooSlow
from media.stage.stage import AlreadyPublishing, Publication

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


async def take_camera(socket: WebSocket) -> None:
    """Carry a host's camera to the stage until either end hangs up."""
    await socket.accept()
    try:
        granted = pass_of(socket, Purpose.PUBLISH)
        web: Web = socket.app.state.web
        room = await web.enter_as_publisher(granted)
    except Refused as refused:
        is_late = refused.reason == "expired"
        await _close(socket, Close.EXPIRED if is_late else Close.FORGED)
    except NoSuchRoom:
        await _close(socket, Close.NOT_WANTED)
    else:
        await _let_on(socket, room, granted)


async def _let_on(socket: WebSocket, room: Room, granted: Pass) -> None:
    source = CameraSource()
    try:
        publication = room.publish(source, granted)
    except AlreadyPublishing:
        await _close(socket, Close.TAKEN)
    except NotWanted:
        await _close(socket, _dismissal(room, granted) or Close.NOT_WANTED)
    else:
        why = await _carry(socket, source, publication)
        if why is not None:
            await _close(socket, _dismissal(room, granted) or why)


async def _carry(
    socket: WebSocket, source: CameraSource, publication: Publication
) -> Close | None:
    """Carry slices until the end, and why; None when the camera hung up."""
    try:
        source.feed(await _beginning(socket))
        while not publication.ended.is_set():
            source.feed(await socket.receive_bytes())
    except WebSocketDisconnect:
        return None
    except TooSlow:
        return Close.SLOW
    except (KeyError, NoVideo):
        return Close.UNREADABLE
    else:
        return Close.TAKEN if source.is_closed else Close.UNREADABLE
    finally:
        source.close()


def _dismissal(room: Room, granted: Pass) -> Close | None:
    """What the room has against this publisher, whatever else has happened."""
    if room.state in OVER:
        return Close.NOT_WANTED
    return None if room.knows_key(granted) else Close.EXPIRED


async def _close(socket: WebSocket, why: Close) -> None:
    await socket.close(why, why.name.lower().replace("_", " "))


async def _beginning(socket: WebSocket) -> bytes:
    """The first bytes, if a recorder may have made them; FFmpeg would look for long.

    Chromium's first slice is now and then a single byte.
    """
    first = b""
    while len(first) < SIGNED_BYTES:
        first += await socket.receive_bytes()
    if not first.startswith(WEBM) and first[4:8] != MP4:
        raise NoVideo
    return first


routes = [WebSocketRoute("/rooms/{room}/camera", take_camera)]
