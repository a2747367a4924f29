"""POST /rooms/<room>/news: the web process announces what has happened."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.room_tokens import Purpose
from media.doors import NEVER_KEPT, pass_of
from media.events.announcements import News, NotNews, parse_news
from media.events.frames import Kind

if TYPE_CHECKING:
    from media.rooms import Rooms

LARGEST_BODY = 512 * 1024


async def take_news(request: Request) -> Response:
    """204, or 422 with a reason, and then nothing of it is told."""
    granted = pass_of(request, Purpose.SERVE)
    try:
        news = parse_news(await request.body())
    except NotNews as error:
        return JSONResponse({"error": str(error)}, 422, headers=NEVER_KEPT)
    deliver(request.app.state.rooms, granted.room, news)
    return Response(status_code=204, headers=NEVER_KEPT)


def deliver(rooms: "Rooms", name: str, news: Iterable[News]) -> None:
    """Tell a room its news; a room that nobody has entered yet needs none."""
    room = rooms.find(name)
    if room is None:
        return
    for kind, data in news:
        room.audience.tell(kind, data)
        if kind is Kind.STATE and room.audience.state is not None:
            room.follow(room.audience.state)
