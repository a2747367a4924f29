"""The media server: rooms with video and events, behind signed tokens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.config import Settings
from media import camera, events, rtmp, video
from media.doors import Refused, refuse
from media.rooms import Rooms


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
        exception_handlers={Refused: refuse},
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.rtmp_pull = rtmp_pull
    app.state.rooms = Rooms(settings.instance / "media")
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    rooms: Rooms = app.state.rooms
    rooms.enter_unfinished()
    await events.start(app)
    yield
    await rooms.finish()
    await events.stop(app)


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse("ok")
