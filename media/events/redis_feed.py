"""News by Redis, where several media servers share the rooms of one house."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from media.events.announcements import NotNews, parse_news
from media.events.news import LARGEST_BODY, deliver
from media.events.web_state import Web

if TYPE_CHECKING:
    from media.rooms import Rooms

CHANNEL = "tianbo:room:"
SHORTEST_WAIT_S = 0.2
LONGEST_WAIT_S = 5.0
PING_EVERY_S = 10.0

log = structlog.get_logger("tianbo.media")


class Silent(OSError):
    """The connection stands, and nobody is at the other end."""


async def follow_redis(url: str, rooms: "Rooms", web: Web) -> None:
    """Deliver what is published, for ever; Redis may go and come back.

    The library's own retries are off: after a gap every room is asked for, and a
    gap that it mended by itself nobody would know of.
    """
    wait_s = SHORTEST_WAIT_S
    while True:
        try:
            async with Redis.from_url(url, retry=Retry(NoBackoff(), 0)) as redis:
                async for message in _messages(redis.pubsub()):
                    wait_s = SHORTEST_WAIT_S
                    _take(message, rooms, web)
        except (RedisError, OSError) as error:
            log.warning("redis is away", why=type(error).__name__)
        await asyncio.sleep(wait_s)
        wait_s = min(LONGEST_WAIT_S, wait_s * 2)


async def _messages(feed: PubSub) -> AsyncIterator[dict[str, Any]]:
    """Everything Redis says. Raises RedisError, or Silent after a ping in vain."""
    async with feed:
        await feed.psubscribe(f"{CHANNEL}*")
        is_asked = False
        while True:
            message = await feed.get_message(timeout=PING_EVERY_S)
            if message is not None:
                yield message
            elif is_asked:
                raise Silent
            else:
                await feed.ping()
            is_asked = message is None


def _take(message: dict[str, Any], rooms: "Rooms", web: Web) -> None:
    if message["type"] == "psubscribe":
        web.forget_answers()
    elif message["type"] == "pmessage":
        name = message["channel"].decode(errors="replace").removeprefix(CHANNEL)
        _deliver(rooms, name, message["data"])


def _deliver(rooms: "Rooms", name: str, body: bytes) -> None:
    if len(body) > LARGEST_BODY:
        log.warning("no news", room=name, why="too large")
        return
    try:
        deliver(rooms, name, parse_news(body))
    except NotNews as error:
        log.warning("no news", room=name, why=str(error))
