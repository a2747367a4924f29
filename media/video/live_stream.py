"""A room's live stream: at most one publisher, who may drop and come back."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from time import time
from typing import Any, Protocol

import structlog

from core.room_tokens import STAND_IN, Pass
from media.video.mp4 import Part, Take
from media.video.packager import Packager, Rendition
from media.video.recorder import Recorder
from media.video.segments import SEGMENT_S, SegmentWindow
from media.video.sources import Source

GRACE_S = 30.0
DEAD_S = 8.0
HEALTH_EVERY_S = 2.0

log = structlog.get_logger("tianbo.media")


class Tell(Protocol):
    """Tells those who watch the room of an event."""

    def __call__(
        self, kind: str, data: dict[str, Any], *, hosts_only: bool = False
    ) -> None: ...


class AlreadyPublishing(Exception):
    """Somebody is publishing, and their packets arrive."""


class Publication:
    """One publisher from first packet to last; its parts become one take.

    granted: the pass it came with. One that stands in does so until somebody else
    comes, and nothing of it is recorded.
    """

    def __init__(self, stream: "LiveStream", source: Source, granted: Pass) -> None:
        self.granted = granted
        self.has_begun = False
        self.ended = asyncio.Event()
        self._stream = stream
        self._stands_in = granted.subject == STAND_IN
        self._loop = asyncio.get_running_loop()
        self.recorder = Recorder(stream.folder)
        self.packager = Packager(source, stream.room, self._take_in, self._end)

    @property
    def is_held(self) -> bool:
        """Whether its publisher is there, as far as anybody can tell, to stay."""
        has_left = self._stands_in or self.packager.source.is_closed
        return not has_left and self.packager.health.silent_s < DEAD_S

    def _take_in(self, rendition: Rendition, take: Take, part: Part) -> None:
        """On the packager's thread, which may wait for the disk."""
        if rendition is Rendition.VIDEO:
            if self._stream.is_recording and not self._stands_in:
                self.recorder.keep(take, part)
            else:
                self.recorder.end()
        add = self._stream.add_part
        self._loop.call_soon_threadsafe(add, self, rendition, take, part)

    def _end(self) -> None:
        self.recorder.end()
        self._loop.call_soon_threadsafe(self._stream.publication_ended, self)


class LiveStream:
    """Video of one room. Used from the event loop.

    is_recording: whether parts are kept on disk; rehearsals are not.
    """

    def __init__(self, room: str, folder: Path, tell: Tell) -> None:
        self.room = room
        self.folder = folder
        self.is_recording = False
        # A server that is started anew must begin above the numbers players hold.
        first = int(time() / SEGMENT_S)
        self.windows = {each: SegmentWindow(first) for each in Rendition}
        self._tell = tell
        self._current: Publication | None = None
        self._running: set[Publication] = set()
        self._grace: asyncio.TimerHandle | None = None
        self._health: asyncio.TimerHandle | None = None

    @property
    def is_on(self) -> bool:
        return self.windows[Rendition.VIDEO].is_running

    def publish(self, source: Source, granted: Pass) -> Publication:
        """Let a publisher begin. Raises AlreadyPublishing.

        One whose packets stopped coming makes way: the network has lost them, and
        the newcomer is most likely the same host.
        """
        current = self._current
        if current is not None:
            if current.is_held or granted.subject == STAND_IN:
                raise AlreadyPublishing
            current.packager.stop()
        self._current = Publication(self, source, granted)
        self._running.add(self._current)
        self._current.packager.start()
        log.info("publisher on", room=self.room, source=source.kind)
        return self._current

    def dismiss_unless(self, admits: Callable[[Pass], bool]) -> None:
        """End a publication whose pass holds no more; its place is free at once."""
        current = self._current
        if current is not None and not admits(current.granted):
            current.packager.stop()
            self._vacate(current)

    async def close(self) -> None:
        """The session is over: end all publications and wait until they are on disk.

        One that was replaced may still have something to hand on.
        """
        self._current = None
        self._give_up()
        running = tuple(self._running)
        for publication in running:
            publication.packager.stop()
        for publication in running:
            await publication.ended.wait()
        self.is_recording = False

    def health(self) -> dict[str, Any]:
        """The stream's health for its host; `on` is False without one."""
        current = self._current
        report = current and current.packager.health.report()
        if not current or not report:
            waiting = ["waiting_back"] if self._grace else []
            return {"on": False, "advice": waiting}
        signs = {
            "unrecorded": self.is_recording and current.recorder.has_failed,
            "clock_moved": current.recorder.clock_moved,
        }
        report["advice"] += [sign for sign, holds in signs.items() if holds]
        return report

    def add_part(
        self, by: Publication, rendition: Rendition, take: Take, part: Part
    ) -> None:
        """A publication's next part; those of a replaced one are too late."""
        if by is not self._current:
            return
        by.has_begun = True
        window = self.windows[rendition]
        is_first, came_back = window.take is not take, bool(window.segments)
        window.add(take, part)
        if is_first and rendition is Rendition.VIDEO:
            self._stop_waiting()
            self._tell("video", {"on": True, "discontinuity": came_back})
            self._tell_health()

    def publication_ended(self, by: Publication) -> None:
        """All of it is on disk; its place is free unless another one took it."""
        by.ended.set()
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
        self._stop_waiting()
        for window in self.windows.values():
            window.clear()
        self._tell("video", {"on": False, "waiting": False})

    def _stop_waiting(self) -> None:
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None

    def _tell_health(self) -> None:
        """Now and every few seconds, as long as somebody publishes."""
        if self._health is not None:
            self._health.cancel()
        self._tell("health", self.health(), hosts_only=True)
        if self._current is not None:
            loop = asyncio.get_running_loop()
            self._health = loop.call_later(HEALTH_EVERY_S, self._tell_health)
