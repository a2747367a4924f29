"""The media server: rooms with video and events, behind signed tokens."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.config import Settings
from core.room_tokens import BadToken
from media.endpoints import camera, events, rtmp, video
from media.endpoints.authorization import forbid
from media.events.rate_limits import TokenBuckets
from media.redis_feed import follow_redis
from media.rooms import Rooms
from media.web_sync import WebSync

TEND_EVERY_S = 1.0
LIKES_AT_ONCE, LIKES_PER_S = 12.0, 4.0


def create_app(settings: Settings, rtmp_pull: str = "") -> Starlette:
    """The ASGI app.

    rtmp_pull: rtmp:// address of the nginx on this machine that holds publishers'
    streams; empty without one.
    """
    app = Starlette(
        routes=[
            Route("/healthz", _healthz),
            *video.routes,
            *camera.routes,
            *rtmp.routes,
            *events.routes,
        ],
        exception_handlers={BadToken: forbid},
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.rtmp_pull = rtmp_pull
    app.state.rooms = Rooms(settings.instance / "media")
    app.state.web = WebSync(settings, app.state.rooms)
    app.state.likes = TokenBuckets(LIKES_AT_ONCE, LIKES_PER_S)
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    rooms: Rooms = app.state.rooms
    web: WebSync = app.state.web
    rooms.enter_unfinished()
    _spare_what_stays()
    work = [_tend(rooms, web)]
    if settings.redis_url is not None:
        work.append(follow_redis(settings.redis_url, rooms, web))
    tasks = [asyncio.create_task(each) for each in work]
    yield
    await rooms.finish()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    web.close()


def _spare_what_stays() -> None:
    """Full collections hold every reader up: they need not look at modules."""
    gc.collect()
    gc.freeze()


async def _tend(rooms: Rooms, web: WebSync) -> None:
    while True:
        await asyncio.sleep(TEND_EVERY_S)
        for room in rooms:
            room.channel.tend()
        web.ask_again()
        web.forget_empty()


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse("ok")
