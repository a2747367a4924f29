"""Announcements on their way to the media server: off the requests' way, on one thread.

What is told is only ever a faster way to what the database says: media asks the shop
every few seconds, so what is dropped here shows up a little later.
"""

import atexit
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from functools import cached_property
from typing import Any

import structlog
from flask import Flask, current_app

from core.config import current_settings
from integrations.media_server import Announcement, MediaDown, MediaServer, media_server

MOST_WAITING = 1_000
MOST_SUBJECTS = 500
MOST_AT_ONCE = 100
GAP_S = 0.05
"""Between two batches: a sale of a thousand boxes a second is told twenty times."""
AFTER_FAILURE_S = 1.0
LINGER_S = 10.0
LAST_WORDS_S = 3.0

Reader = Callable[[Collection[Any]], Sequence[Announcement]]

log = structlog.get_logger("tianbo.announcer")


class Announcer:
    """A bounded queue and the thread that empties it, which ends when idle.

    read: turns the subjects that were looked at into announcements of what the
    database says of them now; called on the thread, inside an app context.
    """

    def __init__(self, app: Flask, read: Reader, *, linger_s: float = LINGER_S) -> None:
        self._app = app
        self._read = read
        self._linger_s = linger_s
        self._changed = threading.Condition()
        self._waiting: list[Announcement] = []
        self._subjects: dict[Hashable, None] = {}
        self._dropped = 0
        self._thread: threading.Thread | None = None
        self._ending = False

    def finish(self, patience_s: float) -> None:
        """Tell what waits and end the thread, before its database is let go of."""
        with self._changed:
            self._ending = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join(patience_s)

    def tell(self, announcement: Announcement) -> None:
        """Pass it on as it is; what came first is told first."""
        with self._changed:
            if len(self._waiting) < MOST_WAITING:
                self._waiting.append(announcement)
            else:
                self._dropped += 1
            self._wake()

    def look(self, subjects: Iterable[Hashable]) -> None:
        """Read these subjects soon and tell what is so; many changes are one look."""
        with self._changed:
            for subject in subjects:
                if subject in self._subjects or len(self._subjects) < MOST_SUBJECTS:
                    self._subjects[subject] = None
                else:
                    self._dropped += 1
            self._wake()

    @cached_property
    def _media(self) -> MediaServer:
        """Made on the thread: no request waits for its library to load."""
        return media_server(self._app.config["TIANBO"])

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to tell, and no thread that waits for more."""
        return self._thread is None

    def _wake(self) -> None:
        """Under the lock. A thread of before a fork is not alive in the child."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(
                target=self._run, name="announcer", daemon=True
            )
            self._thread.start()
        self._changed.notify()

    def _run(self) -> None:
        while self._wait():
            told, subjects, dropped = self._take()
            if dropped:
                log.warning("announcements dropped", count=dropped, why="too many wait")
            is_told = self._tell_all([*told, *self._look_at(subjects)])
            self._pause(GAP_S if is_told else AFTER_FAILURE_S)

    def _wait(self) -> bool:
        """Whether there is something to tell; the thread ends when it is False."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._waiting or self._subjects or self._ending, self._linger_s
            )
            has_work = bool(self._waiting or self._subjects)
            if not has_work:
                self._thread = None
            return has_work

    def _pause(self, seconds: float) -> None:
        """Let announcements gather; a process that ends does not wait for them."""
        with self._changed:
            self._changed.wait_for(lambda: self._ending, seconds)

    def _take(self) -> tuple[list[Announcement], list[Hashable], int]:
        with self._changed:
            taken = self._waiting, list(self._subjects), self._dropped
            self._waiting, self._subjects, self._dropped = [], {}, 0
            return taken

    def _look_at(self, subjects: Collection[Hashable]) -> Sequence[Announcement]:
        if not subjects:
            return ()
        try:
            with self._app.app_context():
                return self._read(subjects)
        except Exception:
            log.exception("announcements dropped", count=len(subjects))
            return ()

    def _tell_all(self, announcements: Sequence[Announcement]) -> bool:
        """Tell each room its own; False when nobody hears them, which drops them."""
        rooms: dict[str, list[Announcement]] = defaultdict(list)
        for each in announcements:
            rooms[each.room].append(each)
        try:
            while rooms:
                room = next(iter(rooms))
                self._media.announce(room, rooms[room][:MOST_AT_ONCE])
                rooms[room] = rooms[room][MOST_AT_ONCE:]
                if not rooms[room]:
                    del rooms[room]
        except MediaDown as error:
            left = sum(map(len, rooms.values()))
            log.warning("announcements dropped", count=left, why=f"media: {error}")
        return not rooms


def find_announcer(read: Reader) -> Announcer | None:
    """The announcer of this app and process; None in a house without media server."""
    if current_settings().media_url is None:
        return None
    extensions = current_app.extensions
    if "announcer" not in extensions:
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        made = extensions.setdefault("announcer", Announcer(app, read))
        # A command's process ends with its work: `flask user disable` must be heard.
        atexit.register(made.finish, LAST_WORDS_S)
    announcer: Announcer = extensions["announcer"]
    return announcer
