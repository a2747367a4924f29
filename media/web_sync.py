"""What the web process says of the rooms: asked for, because announcements get lost."""

import asyncio
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from time import monotonic
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit

import structlog

from core.config import Settings
from core.room_tokens import Pass
from media.events.announcements import InvalidMessage, RoomReport, parse_report
from media.rooms import Phase, Room, Rooms

EVERY_S = 10.0
SOONEST_S = 2.0
TIMEOUT_S = 3.0
AT_ONCE = 4
FORGET_AFTER_S = 3600.0
LARGEST_REPORT = 1024 * 1024

log = structlog.get_logger("tianbo.media")


class NoSuchRoom(Exception):
    """The web process knows no session of this slug."""


class Unanswered(Exception):
    """The web process is away, or said what nobody understands."""


class WebSync:
    """Keeps the rooms in step with the web process.

    Its answers come by urllib in a few threads of their own: http.client reads
    whatever stands between us (TLS, chunks, a proxy), and one request in ten seconds
    for a room is not worth another library.
    """

    def __init__(self, settings: Settings, rooms: Rooms) -> None:
        self._settings = settings
        self._rooms = rooms
        self._threads = ThreadPoolExecutor(AT_ONCE, "web-state")
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._asked_at: dict[str, float] = {}

    async def enter(self, name: str) -> Room:
        """The room of that name, as the web process lately said it stands, if it did.

        Raises NoSuchRoom; not when the web process is away, for the caller holds a
        pass that was signed there.
        """
        room = self._rooms.enter(name)
        is_new = room.phase in (Phase.UNKNOWN, Phase.MISSING)
        if (is_new and name in self._asking) or self._is_due(room):
            await asyncio.shield(self._begin(room))
        if room.phase is Phase.MISSING:
            raise NoSuchRoom
        return room

    async def enter_with(self, granted: Pass) -> Room:
        """The room that a pass is for. Raises NoSuchRoom.

        A key or a runner that we do not know may be new: then we ask again.
        """
        room = await self.enter(granted.room)
        if not room.admits(granted):
            await self.look_again(granted.room)
        return room

    async def look_again(self, name: str) -> None:
        """Ask how a room stands, however new the last answer is."""
        await asyncio.shield(self._begin(self._rooms.enter(name)))

    def ask_again(self) -> None:
        """Ask for every room that is used or unclear and whose answer is some time old.

        One that is missing and empty is not asked for: such are the rooms of takes
        that nobody knows any more.
        """
        for room in self._rooms:
            is_unclear = room.phase is Phase.UNKNOWN
            if (room.is_used or is_unclear) and self._is_due(room):
                self._begin(room)

    def forget_empty(self) -> None:
        """Forget rooms in which nothing was left to do when we asked, long ago."""
        for room in self._rooms:
            asked_at = self._asked_at.get(room.name, 0.0)
            if room.is_empty and monotonic() - asked_at > FORGET_AFTER_S:
                self._rooms.forget(room.name)
                self._asked_at.pop(room.name, None)

    def forget_answers(self) -> None:
        """Announcements may have been missed: no answer is new enough."""
        self._asked_at.clear()

    def close(self) -> None:
        """Ask no more, and wait for nobody."""
        for task in tuple(self._asking.values()):
            task.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _is_due(self, room: Room) -> bool:
        """Whether the last answer is old, or the last question had none."""
        every_s = SOONEST_S if room.phase is Phase.UNKNOWN else EVERY_S
        return monotonic() - self._asked_at.get(room.name, -every_s) >= every_s

    def _begin(self, room: Room) -> asyncio.Task[None]:
        if room.name not in self._asking:
            self._asked_at[room.name] = monotonic()
            task = asyncio.create_task(self._ask(room))
            self._asking[room.name] = task
            task.add_done_callback(lambda _task: self._asking.pop(room.name))
        return self._asking[room.name]

    async def _ask(self, room: Room) -> None:
        """Tell the room how it stands; one that was known once stays as it is."""
        asked_at = monotonic()
        loop = asyncio.get_running_loop()
        try:
            report = await loop.run_in_executor(self._threads, self._fetch, room.name)
        except Unanswered as error:
            log.warning("web does not answer", room=room.name, why=str(error))
        except NoSuchRoom:
            room.miss()
        else:
            room.reconcile(report, asked_at)

    def _fetch(self, name: str) -> RoomReport:
        address = f"{self._settings.web_internal_url}/live/{quote(name, safe='')}/state"
        headers = {"Host": urlsplit(self._settings.public_url).netloc}
        request = urllib.request.Request(address, headers=headers)  # noqa: S310 - ours
        try:
            with OPENER.open(request, timeout=TIMEOUT_S) as answer:
                return parse_report(answer.read(LARGEST_REPORT))
        except HTTPError as error:
            error.close()
            if error.code == 404:
                raise NoSuchRoom from None
            raise Unanswered(f"{error.code}") from None
        except (OSError, HTTPException, InvalidMessage) as error:
            raise Unanswered(f"{type(error).__name__}: {error}") from None


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Proxies of the environment lead out of the house; the web process is in it."""
