"""A room's stage: at most one publisher, who may drop and come back."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from time import time
from typing import Any

import structlog

from media.stage.parts import Part, Take
from media.stage.pump import SOUND, VIDEO, Outlets, Pump
from media.stage.recorder import Recorder
from media.stage.sources import Source
from media.stage.window import SEGMENT_S, Window

GRACE_S = 30.0
DEAD_S = 8.0
HEALTH_EVERY_S = 2.0

Tell = Callable[..., None]

log = structlog.get_logger("tianbo.media")


class AlreadyPublishing(Exception):
    """Somebody is on this stage, and their packets arrive."""


class Publication:
    """One publisher from first packet to last; its parts become one take.

    key: generation of the stream key it came with.
    stands_in: until somebody else comes; nothing of it is recorded.
    """

    def __init__(
        self, stage: "Stage", source: Source, *, key: int, stands_in: bool
    ) -> None:
        self.key = key
        self._stage = stage
        self._stands_in = stands_in
        self._loop = asyncio.get_running_loop()
        self._takes: dict[str, Take] = {}
        self._name = f"{round(time() * 1000):x}"
        self._recorder = Recorder(stage.folder)
        self.ended = asyncio.Event()
        outlets = Outlets(self._begin, self._add, self._end)
        self.pump = Pump(source, outlets, stage.room)
        self._inits: dict[str, bytes] = {}

    @property
    def holds_the_stage(self) -> bool:
        """Whether its publisher is there, as far as anybody can tell, to stay."""
        has_left = self._stands_in or self.pump.source.is_closed
        return not has_left and self.pump.gauge.silent_s < DEAD_S

    @property
    def has_begun(self) -> bool:
        """Whether something of it came out."""
        return bool(self._takes)

    def _begin(self, kind: str, header: bytes) -> None:
        self._inits[kind] = header

    def _add(self, kind: str, part: Part) -> None:
        """From the pump's thread: a take begins when its first part is whole."""
        if kind not in self._takes:
            began_at = time() - part.duration_s - part.start_s
            take = Take(self._name, began_at, self._inits[kind])
            self._takes[kind] = take
            self._loop.call_soon_threadsafe(self._stage.begin_take, self, kind, take)
        if kind == VIDEO:
            self._record(self._takes[kind], part)
        self._loop.call_soon_threadsafe(self._stage.add_part, self, kind, part)

    def _record(self, take: Take, part: Part) -> None:
        if self._stage.is_recording and not self._stands_in:
            self._recorder.keep(take, part)
        else:
            self._recorder.end()

    def _end(self) -> None:
        self._recorder.end()
        self._loop.call_soon_threadsafe(self._finish)

    def _finish(self) -> None:
        self.ended.set()
        self._stage.publication_ended(self)


class Stage:
    """Video of one room. Used from the event loop.

    is_recording: whether parts are kept on disk; rehearsals are not.
    """

    def __init__(self, room: str, folder: Path, tell: Tell) -> None:
        self.room = room
        self._tell = tell
        first = int(time() / SEGMENT_S)
        self.windows = {VIDEO: Window(first), SOUND: Window(first)}
        self.folder = folder
        self.is_recording = False
        self._current: Publication | None = None
        self._running: set[Publication] = set()
        self._grace: asyncio.TimerHandle | None = None
        self._health: asyncio.TimerHandle | None = None

    @property
    def is_on(self) -> bool:
        """Whether pictures or sound arrive."""
        return self.windows[VIDEO].is_running

    def publish(
        self, source: Source, *, key: int = 0, stands_in: bool = False
    ) -> Publication:
        """Let a publisher on the stage. Raises AlreadyPublishing.

        One whose packets stopped coming makes way: the network has lost them, and
        the newcomer is most likely the same host.
        """
        current = self._current
        if current is not None:
            if current.holds_the_stage or stands_in:
                raise AlreadyPublishing
            current.pump.stop()
        self._current = Publication(self, source, key=key, stands_in=stands_in)
        self._running.add(self._current)
        self._current.pump.start()
        log.info("publisher on", room=self.room, source=source.kind)
        return self._current

    def dismiss_other_keys(self, key: int) -> None:
        """End a publication that came with another key; the stage is free at once."""
        current = self._current
        if current is not None and current.key != key:
            current.pump.stop()
            self._vacate(current)

    async def close(self) -> None:
        """The session is over: end all publications and wait until they are on disk.

        One that was replaced may still have something to hand on.
        """
        self._current = None
        self._give_up()
        running = tuple(self._running)
        for publication in running:
            publication.pump.stop()
        for publication in running:
            await publication.ended.wait()
        self.is_recording = False

    def health(self) -> dict[str, Any]:
        """The stream's health for its host; `on` is False without one."""
        health = self._current and self._current.pump.gauge.health()
        if health:
            return health.as_json()
        return {"on": False, "advice": ["waiting_back"] if self._grace else []}

    def begin_take(self, by: Publication, kind: str, take: Take) -> None:
        """A publication's first part has come."""
        if by is not self._current:
            return
        came_back = bool(self.windows[kind].segments)
        self.windows[kind].begin(take)
        if kind == VIDEO:
            self._stop_timer()
            self._tell("video", {"on": True, "discontinuity": came_back})
            self._tell_health()

    def add_part(self, by: Publication, kind: str, part: Part) -> None:
        """A publication's next part; those of a replaced one are too late."""
        if by is self._current:
            self.windows[kind].add(part)

    def publication_ended(self, by: Publication) -> None:
        """All of it is on disk; the stage is free unless another one came."""
        self._running.discard(by)
        if by is self._current:
            self._vacate(by)

    def _vacate(self, publication: Publication) -> None:
        """Wait some time for the host to come back before saying it is over."""
        log.info("publisher off", room=self.room)
        self._current = None
        if not publication.has_begun:
            return
        for window in self.windows.values():
            window.end()
        self._grace = asyncio.get_running_loop().call_later(GRACE_S, self._give_up)
        self._tell("video", {"on": False, "waiting": True})

    def _give_up(self) -> None:
        self._stop_timer()
        for window in self.windows.values():
            window.clear()
        self._tell("video", {"on": False, "waiting": False})

    def _stop_timer(self) -> None:
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None

    def _tell_health(self) -> None:
        self._tell("health", self.health(), hosts_only=True)
        if self._current is not None:
            loop = asyncio.get_running_loop()
            if self._health is not None:
                self._health.cancel()
            self._health = loop.call_later(HEALTH_EVERY_S, self._tell_health)
