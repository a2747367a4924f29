"""The media server: told what happens in a room, asked what it recorded."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http.client import HTTPException
from typing import Any, Protocol
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from core.clock import now
from core.config import Settings
from core.room_tokens import Pass, Purpose, sign

TIMEOUT_S = 2
PASS_LASTS = timedelta(minutes=1)
CHANNEL = "tianbo:room:{room}"


class MediaDown(Exception):
    """The media server, or the Redis it listens to, does not answer."""


class RecordingHeld(Exception):
    """Something was recorded, and is not joined yet: its disk may be full."""


@dataclass(frozen=True)
class Announcement:
    """Something that happened in a room; `data` becomes one line of JSON."""

    room: str
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Recording:
    """What was kept of a room: its length, and the takes that follow one another."""

    duration_ms: int
    takes: list[dict[str, int]]


class MediaServer(Protocol):
    """Takes announcements to everybody who watches a room."""

    def announce(self, room: str, announcements: Sequence[Announcement]) -> None:
        """Hand over announcements of one room, in their order. Raises MediaDown."""


class HttpMedia:
    """The one media server of the house, asked directly."""

    def __init__(self, address: str, secret: str) -> None:
        self._address = address
        self._sign = partial(sign, secret)
        # A proxy of the environment leads out of the house; the media server is in it.
        self._opener = build_opener(ProxyHandler({}))

    def announce(self, room: str, announcements: Sequence[Announcement]) -> None:
        """POST them; see MediaServer."""
        self._ask(f"/rooms/{room}/news", room, body=_written(announcements))

    def find_recording(self, room: str) -> Recording | None:
        """What was recorded of a room, None while that cannot be said.

        Raises MediaDown, or RecordingHeld.
        """
        answer = self._ask(f"/rooms/{room}/recording", room, missing=b"{}")
        try:
            found = json.loads(answer)
            if found.get("held"):
                raise RecordingHeld
            if not found.get("ready"):
                return None
            takes = [
                {name: int(take[name]) for name in ("started_at_ms", "duration_ms")}
                for take in found["takes"]
            ]
            return Recording(int(found["duration_ms"]), takes)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise MediaDown("its answer cannot be read") from error

    def is_up(self) -> bool:
        """Whether it answers."""
        try:
            self._ask("/healthz", "")
        except MediaDown:
            return False
        return True

    def _ask(
        self,
        path: str,
        room: str,
        *,
        body: bytes | None = None,
        missing: bytes | None = None,
    ) -> bytes:
        """The answer's body; `missing` stands for that of a 404."""
        served = Pass(room, Purpose.SERVE, until=now() + PASS_LASTS)
        headers = {
            "Authorization": f"Bearer {self._sign(served)}",
            "Content-Type": "application/json",
        }
        request = Request(self._address + path, body, headers)  # noqa: S310 - a setting
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                return bytes(answer.read())
        except HTTPError as error:
            error.close()
            if error.code == 404 and missing is not None:
                return missing
            raise MediaDown(f"it answered {error.code}") from None
        except (OSError, HTTPException) as error:
            raise MediaDown(type(error).__name__) from error


class RedisMedia:
    """Every media server of the house, each of which listens to Redis."""

    def __init__(self, url: str) -> None:
        from redis import Redis

        self._redis = Redis.from_url(
            url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
        )

    def announce(self, room: str, announcements: Sequence[Announcement]) -> None:
        """PUBLISH them; see MediaServer."""
        from redis.exceptions import RedisError

        try:
            self._redis.publish(CHANNEL.format(room=room), _written(announcements))
        except (RedisError, OSError) as error:
            raise MediaDown(type(error).__name__) from error


def media_server(settings: Settings) -> MediaServer:
    """Who takes announcements to the rooms of a house that has a media server."""
    if settings.redis_url is not None:
        return RedisMedia(settings.redis_url)
    return HttpMedia(settings.media_internal_url or "", settings.secret_key)


def find_media_http(settings: Settings) -> HttpMedia | None:
    """The media server to ask; None in a house without one."""
    if settings.media_internal_url is None:
        return None
    return HttpMedia(settings.media_internal_url, settings.secret_key)


def _written(announcements: Sequence[Announcement]) -> bytes:
    lines = [{"kind": each.kind, "data": each.data} for each in announcements]
    return json.dumps(lines, ensure_ascii=False, separators=(",", ":")).encode()
