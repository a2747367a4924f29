"""The rooms of this server, each with its stage (video) and audience (events)."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import structlog

from core.room_tokens import STAND_IN, Pass
from domain.live import SessionState
from media.events.audience import Audience
from media.replays import assemble, find_replay, has_loose_takes
from media.stage.sources import Source
from media.stage.stage import Publication, Stage

log = structlog.get_logger("tianbo.media")

WITH_VIDEO = (None, SessionState.PLANNED, SessionState.LIVE)
"""When a publisher may come; None: nobody could say yet, and the key is good."""

OVER = (SessionState.ENDED, SessionState.CANCELLED)


class NotWanted(Exception):
    """The session is over, or the host has asked for a new stream key since."""


class Room:
    """One live session's room, named by the session's slug."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.audience = Audience(name)
        self.stage = Stage(name, folder, self.audience.tell)
        self.state: str | None = None
        self._key: int | None = None
        self._winding_up: asyncio.Task[None] | None = None

    @property
    def is_on_air(self) -> bool:
        """Whether everyone may watch; before, only the host sees the picture."""
        return self.state == SessionState.LIVE

    @property
    def is_empty(self) -> bool:
        """Whether the session is over, its replay made, and nobody is in it."""
        wound_up = self._winding_up is not None and self._winding_up.done()
        return self.state in OVER and wound_up and not self.audience.crowd

    def knows_key(self, granted: Pass) -> bool:
        """Whether a publisher's stream key is the last that we heard of."""
        return self._key in (None, granted.key)

    def publish(self, source: Source, granted: Pass) -> Publication:
        """Let a publisher on the stage. Raises NotWanted or AlreadyPublishing."""
        if self.state not in WITH_VIDEO or not self.knows_key(granted):
            raise NotWanted
        return self.stage.publish(source, stands_in=granted.subject == STAND_IN)

    def follow(self, state: str, key: int | None = None) -> None:
        """Do what the session's state, as the web process knows it, asks for."""
        self.state = state
        self._key = self._key if key is None else key
        if state == SessionState.LIVE:
            self.stage.is_recording = True
        if state in OVER and self._winding_up is None:
            self._winding_up = asyncio.create_task(self._wind_up())

    async def finish(self) -> None:
        """Before the server stops: what arrived stays on disk."""
        await self.stage.close()
        if self._winding_up is not None:
            await self._winding_up

    async def _wind_up(self) -> None:
        await self.stage.close()
        is_joined = find_replay(self.folder) and not has_loose_takes(self.folder)
        if self.state == SessionState.ENDED and not is_joined:
            replay = await asyncio.to_thread(assemble, self.folder)
            log.info("replay ready", room=self.name, ms=replay.duration_ms)


class Rooms:
    """Every room somebody has entered lately."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rooms: dict[str, Room] = {}

    def __iter__(self) -> Iterator[Room]:
        return iter(tuple(self._rooms.values()))

    def enter(self, name: str) -> Room:
        """The room of that name; callers know that it exists."""
        if name not in self._rooms:
            self._rooms[name] = Room(name, self.folder_of(name))
        return self._rooms[name]

    def find(self, name: str) -> Room | None:
        """The room of that name, if somebody has entered it."""
        return self._rooms.get(name)

    def forget(self, name: str) -> None:
        """Whoever enters it later finds it as new."""
        self._rooms.pop(name, None)

    def folder_of(self, name: str) -> Path:
        """Where a room's recordings lie. Names come from addresses: no way up."""
        return self._folder / name.replace("/", "_").lstrip(".")

    def enter_unfinished(self) -> None:
        """Enter the rooms whose recordings a former server did not join."""
        for folder in self._folder.glob("*/"):
            if has_loose_takes(folder):
                self.enter(folder.name)
