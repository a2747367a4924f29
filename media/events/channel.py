"""A room's channel: what its subscribers are told, and have been told already."""

from typing import Any

from media.events.announcements import Announcement, RoomReport
from media.events.chat import ChatBatcher, ChatLine
from media.events.counters import ClusterCounts
from media.events.fan_out import FanOut, Subscription
from media.events.rate_limits import Throttle
from media.events.sse import EPHEMERAL, EventKind, RingBuffer, chunk, event
from media.events.state import LiveState

VIEWERS_EVERY_S = 2.0
LIKES_EVERY_S = 0.5
OLDEST_REPORT_S = 5.0
"""How old a report may be by which something is gone: caches keep one for a second."""
SET_BACK_MS = 60_000
"""A report so much older comes from no cache: the web process's clock was set back."""


class Channel:
    """The events of one room. Used from the event loop only."""

    def __init__(self) -> None:
        self.fan_out = FanOut()
        self._counts = ClusterCounts()
        self._state = LiveState()
        self._buffer = RingBuffer()
        self._batcher = ChatBatcher(self._send_chat)
        self._told = {EventKind.VIEWERS: 0, EventKind.LIKES: 0}
        self._viewers = Throttle(VIEWERS_EVERY_S, self._tell_viewers)
        self._likes = Throttle(LIKES_EVERY_S, self._tell_likes)
        self._reported_at_ms = -1

    @property
    def state(self) -> str | None:
        """The session's state; None until the web process has said it."""
        return self._state.state

    def tell(
        self, kind: str, data: dict[str, Any], *, hosts_only: bool = False
    ) -> None:
        """Tell everyone, unless it is not new: late, doubled, or as it was."""
        if not self._state.apply(kind, data):
            return
        if kind == EventKind.CHAT:
            self._batcher.add(data)
            return
        if kind == EventKind.HIDE:
            self._batcher.drop(data["seq"])
            self._buffer.clear()
        self._send(kind, data, hosts_only=hosts_only)

    def subscribe(self, one: Subscription, last_event_id: str = "") -> None:
        """Let it hear everything from now on, and first what it has missed.

        Whoever missed too much gets a snapshot. While the web process has not said
        how the room stands there is none; then everyone gets it as soon as it has.
        """
        missed = self._buffer.since(last_event_id)
        self.fan_out.add(one)
        if missed is not None:
            one.write(missed + self._counts_now())
        elif self.state is not None:
            one.write(self._snapshot(self._buffer.last_id))
        self._viewers.soon()

    def unsubscribe(self, one: Subscription) -> None:
        self.fan_out.remove(one)
        self._viewers.soon()

    def like(self) -> None:
        """Somebody likes it; the count is told in a moment."""
        self._counts.like()
        self._likes.soon()

    def merge_counts(self, said: Any) -> None:
        """Another node tells its counts. Raises InvalidMessage for anything else."""
        self._counts.merge(said)
        self._viewers.soon()
        self._likes.soon()

    def gossip(self) -> dict[str, Any] | None:
        """What other nodes need to hear of our counts, if anything."""
        return self._counts.gossip(self.fan_out.viewers)

    def reconcile(self, report: RoomReport, asked_at: float) -> None:
        """Compare with what the web process says; what differs is told.

        asked_at: when it was asked (monotonic, s). What no event can say is told as a
        snapshot.
        """
        if 0 <= self._reported_at_ms - report.at_ms < SET_BACK_MS:
            return
        self._reported_at_ms = report.at_ms
        state, settled = self._state, asked_at - OLDEST_REPORT_S
        for seq in state.chat.gone_from(report.chat, settled):
            self.tell(EventKind.HIDE, {"seq": seq})
        needs_snapshot = state.state is None
        needs_snapshot |= state.arrange(report.starts_at_ms, report.line_up)
        needs_snapshot |= report.is_unpinned and state.unpin(settled)
        lines = [Announcement(EventKind.CHAT, line) for line in report.chat]
        for kind, data in [*report.announcements, *lines]:
            if needs_snapshot:
                state.apply(kind, data)
            else:
                self.tell(kind, data)
        state.chat.fill(report.chat)
        if needs_snapshot:
            self._keep_and_write(self._snapshot(self._buffer.next_id))

    def tend(self) -> None:
        self.fan_out.tend()
        self._viewers.soon()

    def _send(self, kind: str, data: Any, *, hosts_only: bool = False) -> None:
        if kind in EPHEMERAL:
            self.fan_out.write(chunk(event(kind, data)), hosts_only=hosts_only)
        else:
            self._keep_and_write(chunk(event(kind, data, self._buffer.next_id)))

    def _send_chat(self, lines: list[ChatLine]) -> None:
        if len(lines) == 1:
            self._send(EventKind.CHAT, lines[0])
        else:
            self._send(EventKind.CHATS, lines)

    def _tell_viewers(self) -> None:
        self._tell_count(EventKind.VIEWERS, self._all_viewers)

    def _tell_likes(self) -> None:
        self._tell_count(EventKind.LIKES, self._counts.likes)

    def _tell_count(self, kind: EventKind, count: int) -> None:
        if self._told[kind] != count:
            self._told[kind] = count
            self._send(kind, {"count": count})

    def _keep_and_write(self, data: bytes) -> None:
        self._buffer.append(data)
        self.fan_out.write(data)

    def _snapshot(self, event_id: str) -> bytes:
        """Without the chat that is queued: whoever is in the room will hear it."""
        told = self._state.snapshot(unsent=self._batcher.queued)
        told |= {"viewers": self._all_viewers, "likes": self._counts.likes}
        return chunk(event(EventKind.SNAPSHOT, told, event_id))

    def _counts_now(self) -> bytes:
        """What nobody keeps for those who come back."""
        viewers = event(EventKind.VIEWERS, {"count": self._all_viewers})
        likes = event(EventKind.LIKES, {"count": self._counts.likes})
        return chunk(viewers, likes)

    @property
    def _all_viewers(self) -> int:
        return self.fan_out.viewers + self._counts.viewers_elsewhere
