"""A room's audience: what it is told, and what it has been told already."""

from typing import Any

from media.events.announcements import News
from media.events.board import Board
from media.events.crowd import Crowd, Reader
from media.events.frames import FLEETING, Kind, chunk, frame
from media.events.pace import Floodgate, Pace
from media.events.ring import Ring
from media.events.talk import Line
from media.events.tally import Tally
from media.events.web_view import WebView

VIEWERS_EVERY_S = 2.0
LIKES_EVERY_S = 0.5
OLDEST_VIEW_S = 5.0
"""How old an answer may be by which something is gone: caches keep one for a second."""
SET_BACK_MS = 60_000
"""An answer so much older comes from no cache: the web process's clock was set back."""


class Audience:
    """Everyone who listens to one room. Used from the event loop only."""

    def __init__(self, room: str) -> None:
        self.room = room
        self.crowd = Crowd()
        self._board = Board()
        self._ring = Ring()
        self._floodgate = Floodgate(self._say_chat)
        self._viewers = Pace(VIEWERS_EVERY_S, self._say_viewers)
        self._likes = Pace(LIKES_EVERY_S, self._say_likes)
        self._tally = Tally()
        self._said_viewers = 0
        self._said_likes = 0
        self._learned_at_ms = -1

    @property
    def state(self) -> str | None:
        """The session's state; None until the web process has said it."""
        return self._board.state

    def tell(
        self, kind: str, data: dict[str, Any], *, hosts_only: bool = False
    ) -> None:
        """Tell everyone, unless it is no news: late, doubled, or as it was."""
        if not self._board.take(kind, data):
            return
        if kind == Kind.CHAT:
            self._floodgate.add(data)
            return
        if kind == Kind.HIDE:
            self._floodgate.drop(data["seq"])
            self._ring.forget()
        self._say(kind, data, hosts_only=hosts_only)

    def join(self, reader: Reader, last_event_id: str = "") -> None:
        """Let `reader` hear everything from now on, and first what it has missed.

        Whoever missed too much gets a snapshot. While the web process has not said
        how the room stands there is none; then everyone gets it as soon as it has.
        """
        missed = self._ring.since(last_event_id)
        self.crowd.add(reader)
        if missed is not None:
            self.crowd.write_to(reader, missed + self._counts())
        elif self.state is not None:
            self.crowd.write_to(reader, self._snapshot(self._ring.last))
        self._viewers.soon()

    def leave(self, reader: Reader) -> None:
        """`reader` has hung up."""
        self.crowd.remove(reader)
        self._viewers.soon()

    def like(self) -> None:
        """Somebody likes it; the count is told in a moment."""
        self._tally.like()
        self._likes.soon()

    def hear_tally(self, said: Any) -> None:
        """Another server tells its counts. Raises NotNews for anything else."""
        self._tally.hear(said)
        self._viewers.soon()
        self._likes.soon()

    def tell_tally(self) -> dict[str, Any] | None:
        """What other servers need to hear of our counts, if anything."""
        return self._tally.tell(self.crowd.viewers)

    def learn(self, view: WebView, asked_at: float) -> None:
        """Compare with what the web process says; what differs becomes news.

        asked_at: when it was asked (monotonic, s). What no news can say is told as a
        snapshot.
        """
        if 0 <= self._learned_at_ms - view.at_ms < SET_BACK_MS:
            return
        self._learned_at_ms = view.at_ms
        board, settled = self._board, asked_at - OLDEST_VIEW_S
        for seq in board.talk.gone_from(view.chat, settled):
            self.tell(Kind.HIDE, {"seq": seq})
        is_new = board.state is None
        is_new |= board.arrange(view.starts_at_ms, view.line_up)
        is_new |= view.is_unpinned and board.unpin(settled)
        news = [*view.news, *(News(Kind.CHAT, line) for line in view.chat)]
        for kind, data in news:
            if is_new:
                board.take(kind, data)
            else:
                self.tell(kind, data)
        board.talk.fill(view.chat)
        if is_new:
            self._keep_and_write(self._snapshot(self._ring.next))

    def tend(self) -> None:
        """Once a second."""
        self.crowd.tend()
        self._viewers.soon()

    def _say(self, kind: str, data: Any, *, hosts_only: bool = False) -> None:
        if kind in FLEETING:
            self.crowd.write(chunk(frame(kind, data)), hosts_only=hosts_only)
        else:
            self._keep_and_write(chunk(frame(kind, data, self._ring.next)))

    def _say_chat(self, lines: list[Line]) -> None:
        if len(lines) == 1:
            self._say(Kind.CHAT, lines[0])
        else:
            self._say(Kind.CHATS, lines)

    def _say_viewers(self) -> None:
        if self._said_viewers != self._all_viewers:
            self._said_viewers = self._all_viewers
            self._say(Kind.VIEWERS, {"count": self._said_viewers})

    def _say_likes(self) -> None:
        if self._said_likes != self._tally.likes:
            self._said_likes = self._tally.likes
            self._say(Kind.LIKES, {"count": self._said_likes})

    def _keep_and_write(self, data: bytes) -> None:
        self._ring.keep(data)
        self.crowd.write(data)

    def _snapshot(self, number: str) -> bytes:
        """Without the chat that is held back: whoever is in the room will hear it."""
        told = self._board.snapshot(untold=self._floodgate.held)
        told |= {"viewers": self._all_viewers, "likes": self._tally.likes}
        return chunk(frame(Kind.SNAPSHOT, told, number))

    def _counts(self) -> bytes:
        """What nobody keeps for those who come back."""
        counts = {Kind.VIEWERS: self._all_viewers, Kind.LIKES: self._tally.likes}
        told = [frame(kind, {"count": count}) for kind, count in counts.items()]
        return chunk(b"".join(told))

    @property
    def _all_viewers(self) -> int:
        return self.crowd.viewers + self._tally.viewers_elsewhere
