"""Video in from a browser: its recorder's slices over a WebSocket."""

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.room_tokens import Purpose
from media.doors import Refused, pass_of
from media.events.web_state import NoSuchRoom, Web
from media.rooms import NotWanted
from media.stage.sources import CameraSource, TooSlow
from media.stage.stage import AlreadyPublishing, Publication

FORGED, EXPIRED, TAKEN, NOT_WANTED, SLOW, UNREADABLE = range(4403, 4409)
"""Why a socket was closed, in the range that applications may use."""


WEBM, MP4 = b"\x1a\x45\xdf\xa3", b"ftyp"
SIGNED_BYTES = 8


class NoVideo(Exception):
    """What was sent does not begin as WebM or MP4 do."""


async def take_camera(socket: WebSocket) -> None:
    """Carry a host's camera to the stage until either end hangs up."""
    await socket.accept()
    source = CameraSource()
    try:
        publication = await _let_on(socket, source)
    except Refused as refused:
        code = EXPIRED if refused.reason == "expired" else FORGED
        await socket.close(code, refused.reason)
    except AlreadyPublishing:
        await socket.close(TAKEN, "taken")
    except (NotWanted, NoSuchRoom):
        await socket.close(NOT_WANTED, "not wanted")
    else:
        await _carry(socket, source, publication)


async def _let_on(socket: WebSocket, source: CameraSource) -> Publication:
    granted = pass_of(socket, Purpose.PUBLISH)
    web: Web = socket.app.state.web
    room = await web.enter_as_publisher(granted)
    return room.publish(source, granted)


async def _carry(
    socket: WebSocket, source: CameraSource, publication: Publication
) -> None:
    try:
        source.feed(await _beginning(socket))
        while not publication.ended.is_set():
            source.feed(await socket.receive_bytes())
        await socket.close(UNREADABLE, "unreadable")
    except WebSocketDisconnect:
        pass
    except TooSlow:
        await socket.close(SLOW, "slow")
    except (KeyError, NoVideo):
        await socket.close(UNREADABLE, "unreadable")
    finally:
        source.close()


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
