"""RTMP in: nginx-rtmp carries it and asks here who may publish.

An encoder sends to rtmp://…/live with the key `<room>?token=<token>`. nginx posts
what it learns (https://github.com/arut/nginx-rtmp-module/wiki/Directives, Notify);
an answer other than 2xx ends the publisher's connection. Accepted streams are then
pulled from nginx as any player would. Updates come every few seconds: by them a
server that was started anew finds the streams that went on without it.
"""

from urllib.parse import parse_qsl

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.config import Settings
from core.room_tokens import BadToken, ExpiredToken, Purpose, check
from media.rooms import NotWanted
from media.video.live_stream import AlreadyPublishing
from media.video.sources import RtmpSource
from media.web_sync import NoSuchRoom, WebSync

PUBLISH, UPDATE = "publish", "update_publish"
LONGEST_FORM = 16_384
ON_THIS_MACHINE = ("127.0.0.1", "::1")

log = structlog.get_logger("tianbo.media")


async def decide(request: Request) -> Response:
    """Let a publisher on, or keep one that is on; 403 ends its connection.

    One that is on may go on when its key expires, until it hangs up.
    """
    if request.client is None or request.client.host not in ON_THIS_MACHINE:
        return PlainTextResponse("not from here", 403)
    if int(request.headers.get("content-length", LONGEST_FORM)) >= LONGEST_FORM:
        return PlainTextResponse("too long", 413)
    form = dict(parse_qsl((await request.body()).decode("ascii", "replace")))
    name, token = form.get("name", ""), form.get("token", "")
    if form.get("call") not in (PUBLISH, UPDATE):
        return PlainTextResponse("players are ours")
    is_update = form["call"] == UPDATE
    try:
        await _let_on(request, name, token)
    except ExpiredToken:
        return PlainTextResponse("expired", 200 if is_update else 403)
    except (BadToken, NotWanted, NoSuchRoom) as refused:
        log.info("rtmp refused", why=type(refused).__name__)
        return PlainTextResponse("refused", 403)
    except AlreadyPublishing:
        return PlainTextResponse("taken", 200 if is_update else 403)
    return PlainTextResponse("welcome")


async def _let_on(request: Request, name: str, token: str) -> None:
    """Check the key, and pull the stream unless it is being pulled."""
    settings: Settings = request.app.state.settings
    web: WebSync = request.app.state.web
    granted = check(settings.secret_key, token, name, Purpose.PUBLISH)
    room = await web.enter_with(granted)
    room.publish(RtmpSource(f"{request.app.state.rtmp_pull}/{name}"), granted)


routes = [Route("/rtmp/publish", decide, methods=["POST"])]
