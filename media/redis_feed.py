"""Announcements by Redis, where several media servers share the rooms of one house."""

import asyncio
import json
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from media.events.announcements import (
    LARGEST_BODY,
    InvalidMessage,
    parse_announcements,
    parse_json,
)
from media.rooms import Rooms
from media.web_sync import WebSync

ROOMS = "tianbo:room:"
COUNTS = "tianbo:tally:"
SHORTEST_WAIT_S = 0.2
LONGEST_WAIT_S = 5.0
PING_EVERY_S = 10.0
COUNTS_EVERY_S = 2.0

log = structlog.get_logger("tianbo.media")


class Silent(OSError):
    """The connection stands, and nobody is at the other end."""


async def follow_redis(url: str, rooms: Rooms, web: WebSync) -> None:
    """Hear announcements and tell counts, for ever; Redis may go and come back.

    The library's own retries are off: after a gap every room is asked for, and a
    gap that it mended by itself nobody would know of.
    """
    wait_s = SHORTEST_WAIT_S
    while True:
        began = monotonic()
        try:
            async with (
                Redis.from_url(url, retry=Retry(NoBackoff(), 0)) as redis,
                asyncio.TaskGroup() as group,
            ):
                group.create_task(_hear(redis, rooms, web))
                group.create_task(_tell_counts(redis, rooms))
        except* (RedisError, OSError) as errors:
            kinds = {type(error).__name__ for error in errors.exceptions}
            log.warning("redis is away", why=sorted(kinds))
        has_lasted = monotonic() - began > LONGEST_WAIT_S
        wait_s = SHORTEST_WAIT_S if has_lasted else min(LONGEST_WAIT_S, wait_s * 2)
        await asyncio.sleep(wait_s)


async def _hear(redis: Redis, rooms: Rooms, web: WebSync) -> None:
    async for message in _messages(redis.pubsub()):
        if message["type"] == "psubscribe":
            web.forget_answers()
        elif message["type"] == "pmessage":
            _take(rooms, message["channel"].decode(errors="replace"), message["data"])


async def _messages(feed: PubSub) -> AsyncIterator[dict[str, Any]]:
    """Everything Redis says. Raises RedisError, or Silent after a ping in vain."""
    async with feed:
        await feed.psubscribe(f"{ROOMS}*", f"{COUNTS}*")
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


def _take(rooms: Rooms, channel: str, body: bytes) -> None:
    name = channel.removeprefix(ROOMS).removeprefix(COUNTS)
    room = rooms.find(name)
    if room is None:
        return
    try:
        if len(body) > LARGEST_BODY:
            log.warning("no news", room=name, why="too large")
        elif channel.startswith(ROOMS):
            room.announce(parse_announcements(body))
        else:
            room.channel.merge_counts(parse_json(body))
    except InvalidMessage as error:
        log.warning("no news", room=name, why=str(error))


async def _tell_counts(redis: Redis, rooms: Rooms) -> None:
    while True:
        for room in rooms:
            counts = room.channel.gossip()
            if counts is not None:
                await redis.publish(f"{COUNTS}{room.name}", json.dumps(counts))
        await asyncio.sleep(COUNTS_EVERY_S)
