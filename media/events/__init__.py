"""The events of a room: told by the web process, heard by everyone who watches.

`audience.py` is where to begin; `sse.py` lets readers in, `news.py`, `redis_feed.py`
and `web_state.py` are the ways in which news arrive.
"""

import asyncio

from starlette.applications import Starlette
from starlette.routing import Route

from core.config import Settings
from media.events.likes import Taps, like
from media.events.news import LARGEST_BODY, take_news
from media.events.redis_feed import follow_redis
from media.events.sse import Events
from media.events.web_state import Web

TEND_EVERY_S = 1.0

routes = [
    Route("/rooms/{room}/events", Events()),
    Route("/rooms/{room}/likes", like, methods=["POST"]),
    Route(
        "/rooms/{room}/news", take_news, methods=["POST"], max_body_size=LARGEST_BODY
    ),
]


async def start(app: Starlette) -> None:
    """Begin to listen to the web process and to look after the readers.

    app: its state has `settings` and `rooms`, and gets `web`: whoever needs to know
    how a room stands enters it by `web.enter`.
    """
    settings: Settings = app.state.settings
    web = Web(settings, app.state.rooms)
    app.state.web = web
    app.state.taps = Taps()
    app.state.loop = asyncio.get_running_loop()
    work = [_tend(app)]
    if settings.redis_url is not None:
        work.append(follow_redis(settings.redis_url, app.state.rooms, web))
    app.state.events_work = [asyncio.create_task(each) for each in work]


async def stop(app: Starlette) -> None:
    """End all of it."""
    for task in app.state.events_work:
        task.cancel()
    await asyncio.gather(*app.state.events_work, return_exceptions=True)
    app.state.web.close()


def say_goodbye(app: Starlette) -> None:
    """Ask every reader to come back soon, to whoever serves then.

    From any thread or signal handler, and before there is anything to end.
    """
    loop: asyncio.AbstractEventLoop | None = getattr(app.state, "loop", None)
    if loop is not None:
        loop.call_soon_threadsafe(_dismiss_all, app)


def _dismiss_all(app: Starlette) -> None:
    for room in app.state.rooms:
        room.audience.crowd.dismiss()


async def _tend(app: Starlette) -> None:
    while True:
        await asyncio.sleep(TEND_EVERY_S)
        for room in app.state.rooms:
            room.audience.tend()
        app.state.web.ask_again()
        app.state.web.forget_empty()
