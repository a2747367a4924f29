"""The rooms of this server, each with a live stream (video) and a channel (events)."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any

import structlog

from core.room_tokens import Pass
from domain.live import SessionState
from media.admission import Admission
from media.events.announcements import Announcement, RoomReport
from media.events.channel import Channel
from media.events.sse import EventKind
from media.video.live_stream import LiveStream, Publication
from media.video.replays import assemble, find_replay, has_loose_takes
from media.video.sources import Source

log = structlog.get_logger("tianbo.media")

OVER = (SessionState.ENDED, SessionState.CANCELLED)

SOONEST_AGAIN_S, LATEST_AGAIN_S = 60.0, 3600.0
"""When to try again what failed, such as a replay on a full disk."""


class Phase(Enum):
    """A room's life, which only goes forward."""

    UNKNOWN = "nobody could say yet how its session stands"
    MISSING = "the web process knows no such session"
    OPEN = "planned or on air"
    CLOSING = "over; what was recorded becomes the replay"
    CLOSED = "nothing is left to do"


class NotWanted(Exception):
    """The session is over, or the pass holds no more: new key, or a right ended."""


class Room:
    """One live session's room, named by the session's slug."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.channel = Channel()
        self.stream = LiveStream(name, folder, self.channel.tell)
        self.state: str | None = None
        self.phase = Phase.UNKNOWN
        self._admission = Admission()
        self._winding_up: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    @property
    def is_on_air(self) -> bool:
        """Whether everyone may watch; before, only the host sees the picture."""
        return self.state == SessionState.LIVE

    @property
    def is_used(self) -> bool:
        return bool(self.channel.fan_out) or self.stream.is_on

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to do, and nobody is in it."""
        return self.phase in (Phase.MISSING, Phase.CLOSED) and not self.is_used

    def admits(self, granted: Pass) -> bool:
        """Whether a pass still holds, as far as we have heard."""
        return self._admission.admits(granted)

    def publish(self, source: Source, granted: Pass) -> Publication:
        """Let a publisher begin. Raises NotWanted or AlreadyPublishing.

        While nobody can say how the session stands, a good key is enough.
        """
        may_begin = self.phase in (Phase.UNKNOWN, Phase.OPEN)
        if not may_begin or not self.admits(granted):
            raise NotWanted
        return self.stream.publish(source, granted)

    def announce(self, announcements: Iterable[Announcement]) -> None:
        """Tell everyone what the web process announces, and do what it asks for."""
        for kind, data in announcements:
            if kind is EventKind.RIGHTS:
                self._heed(data)
                continue
            self.channel.tell(kind, data)
            if kind is EventKind.STATE and self.channel.state is not None:
                self.follow(self.channel.state)

    def reconcile(self, report: RoomReport, asked_at: float) -> None:
        """Catch up with how the web process says that the room stands."""
        self.channel.reconcile(report, asked_at)
        self._heed(report.rights)
        self.follow(self.channel.state or report.state)

    def _heed(self, rights: Mapping[str, Any]) -> None:
        """Show out whoever's right has ended."""
        if self._admission.note(rights):
            self.stream.dismiss_unless(self.admits)
            self.channel.fan_out.dismiss_unless(self.admits)

    def follow(self, state: str) -> None:
        """Do what the session's state, as the web process knows it, asks for."""
        self.state = state
        if state == SessionState.LIVE:
            self.stream.is_recording = True
        if state not in OVER:
            self.phase = Phase.OPEN
        elif self._winding_up is None:
            self.phase = Phase.CLOSING
            self._winding_up = asyncio.create_task(self._wind_up())

    def miss(self) -> None:
        """The web process knows no such session; one that it knew stays as it is."""
        if self.phase is Phase.UNKNOWN:
            self.phase = Phase.MISSING

    async def finish(self) -> None:
        """Before the server stops: what arrived stays on disk."""
        self._stopping.set()
        await self.stream.close()
        if self._winding_up is not None:
            await self._winding_up

    async def _wind_up(self) -> None:
        """Try until it is done: nobody else looks after the recording."""
        pause_s = SOONEST_AGAIN_S
        while not await self._is_wound_up():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause_s)
            if self._stopping.is_set():
                return
            pause_s = min(2 * pause_s, LATEST_AGAIN_S)
        self.phase = Phase.CLOSED

    async def _is_wound_up(self) -> bool:
        try:
            await self.stream.close()
            if self.state == SessionState.ENDED:
                await asyncio.to_thread(self._make_replay)
        except Exception:
            log.exception("replay failed", room=self.name)
            return False
        return True

    def _make_replay(self) -> None:
        if find_replay(self.folder) is None or has_loose_takes(self.folder):
            replay = assemble(self.folder)
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

    async def finish(self) -> None:
        """Before the server stops: no room is left out because of another one."""
        rooms = tuple(self)
        ends = await asyncio.gather(
            *(room.finish() for room in rooms), return_exceptions=True
        )
        for room, end in zip(rooms, ends, strict=True):
            if isinstance(end, BaseException):
                log.error("room not closed", room=room.name, exc_info=end)
