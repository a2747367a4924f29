"""Video out: playlists that wait for what comes next, segments, parts, replays."""

import re

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.room_tokens import BadToken, ExpiredToken, Purpose
from media.endpoints.authorization import NEVER_KEPT, OPEN_TO_ALL, pass_of
from media.rooms import Room, Rooms
from media.video.packager import Rendition
from media.video.playlist import playlist
from media.video.replays import REPLAY, find_replay, has_loose_takes
from media.video.segments import SegmentWindow
from media.web_sync import WebSync

PATIENCE_S = 8.0
FARTHEST_AHEAD = 2
LONGEST_NUMBER = 12
FILE = re.compile(r"init\.mp4|(?P<number>[0-9]{1,12})(?:\.(?P<part>[0-9]{1,6}))?\.m4s")

KEPT_LONG = {**OPEN_TO_ALL, "Cache-Control": "public, max-age=3600, immutable"}
KEPT_BRIEFLY = {**OPEN_TO_ALL, "Cache-Control": "public, max-age=1"}
KEPT_WHOLE = {**OPEN_TO_ALL, "Cache-Control": "public, max-age=6"}
OF_ONE = {**OPEN_TO_ALL, "Cache-Control": "private, max-age=60"}


async def show_playlist(request: Request) -> Response:
    """The playlist now, or as soon as it holds what `_HLS_msn` and `_HLS_part` ask."""
    room = _watched(request)
    if room is None:
        return _nothing()
    is_audio = request.url.path.endswith("audio.m3u8")
    rendition = Rendition.AUDIO if is_audio else Rendition.VIDEO
    window = room.stream.windows[rendition]
    number = _number(request.query_params.get("_HLS_msn"))
    if number is not None and window.is_running:
        if number > window.next_place[0] + FARTHEST_AHEAD:
            return PlainTextResponse("too far ahead", 400, headers=NEVER_KEPT)
        part = _number(request.query_params.get("_HLS_part"))
        came = await window.wait_for(number, part, PATIENCE_S)
        if not came and window.hint is not None:
            return PlainTextResponse("not yet", 503, headers=NEVER_KEPT)
    if not window.segments:
        return _nothing()
    text = playlist(window, rendition, _query(request))
    kept = KEPT_BRIEFLY if number is None or not window.is_running else KEPT_WHOLE
    return _answer(request, text.encode(), "application/vnd.apple.mpegurl", kept)


async def show_file(request: Request) -> Response:
    """A take's header, a segment once it is whole, or a part: hints are waited for."""
    window = _window(request)
    file = FILE.fullmatch(request.path_params["file"])
    if window is None or file is None:
        return _nothing()
    data = await _bytes(window, request.path_params["take"], **file.groupdict())
    if data is None:
        return _nothing()
    return _answer(request, data, "video/mp4", KEPT_LONG)


async def _bytes(
    window: SegmentWindow, take_name: str, *, number: str | None, part: str | None
) -> bytes | None:
    if number is None:
        take = window.take_named(take_name)
        return take.init if take else None
    index = None if part is None else int(part)
    if int(number) <= window.next_place[0] + 1:
        await window.wait_for(int(number), index, PATIENCE_S)
    segment = window.find(int(number))
    if segment is None or segment.take.name != take_name:
        return None
    if index is None:
        return segment.data if segment.is_complete else None
    return segment.parts[index].data if index < len(segment.parts) else None


async def show_health(request: Request) -> Response:
    """How the publisher's stream is doing, for the host."""
    granted = pass_of(request, Purpose.RUN)
    room = _rooms(request).find(granted.room)
    if room and not room.admits(granted):
        raise ExpiredToken
    health = room.stream.health() if room else {"on": False, "advice": []}
    return JSONResponse(health, headers=NEVER_KEPT)


async def show_replay(request: Request) -> Response:
    """The recording of a session that is over."""
    folder = _rooms(request).folder_of(request.path_params["room"])
    file = folder / REPLAY
    if find_replay(folder) is None or not file.exists():
        return _nothing()
    headers = {**OPEN_TO_ALL, "Cache-Control": "public, max-age=3600"}
    return FileResponse(file, media_type="video/mp4", headers=headers)


async def show_recording(request: Request) -> Response:
    """Whether the replay is ready, and when its takes began; else whether one will be.

    Who asks knows that the session is over; we may have missed it.
    """
    granted = pass_of(request, Purpose.SERVE)
    replay = find_replay(_rooms(request).folder_of(granted.room))
    if replay is None:
        web: WebSync = request.app.state.web
        await web.look_again(granted.room)
        is_held = has_loose_takes(_rooms(request).folder_of(granted.room))
    facts = replay.as_json() if replay else {"ready": False, "held": is_held}
    return JSONResponse(facts, headers=NEVER_KEPT)


def _rooms(request: Request) -> Rooms:
    rooms: Rooms = request.app.state.rooms
    return rooms


def _watched(request: Request) -> Room | None:
    """The room if its session is on air, or for its host's eyes before that."""
    room = _rooms(request).find(request.path_params["room"])
    if room is None or room.is_on_air:
        return room
    try:
        granted = pass_of(request, Purpose.RUN)
    except BadToken:
        return None
    return room if room.admits(granted) else None


def _window(request: Request) -> SegmentWindow | None:
    room = _watched(request)
    folder = request.path_params["folder"]
    return room.stream.windows.get(folder) if room else None


def _query(request: Request) -> str:
    """What addresses in a playlist must repeat: the host's token, if it came by it."""
    token = request.query_params.get("token")
    return f"?token={token}" if token and token.isascii() and '"' not in token else ""


def _answer(
    request: Request, data: bytes, kind: str, headers: dict[str, str]
) -> Response:
    kept = OF_ONE if request.query_params.get("token") else headers
    return Response(data, media_type=kind, headers=kept)


def _nothing() -> Response:
    return PlainTextResponse("nothing here", 404, headers=NEVER_KEPT)


def _number(text: str | None) -> int | None:
    if not text or not text.isascii() or not text.isdigit():
        return None
    return int(text) if len(text) <= LONGEST_NUMBER else None


routes = [
    Route("/rooms/{room}/live.m3u8", show_playlist),
    Route("/rooms/{room}/audio.m3u8", show_playlist),
    Route("/rooms/{room}/{folder}/{take}/{file}", show_file),
    Route("/rooms/{room}/health", show_health),
    Route("/rooms/{room}/replay.mp4", show_replay),
    Route("/rooms/{room}/recording", show_recording),
]
