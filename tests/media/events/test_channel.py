"""A room's channel: who is written to, what they are told, and who is cut off."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import pytest

from core import clock
from core.room_tokens import Pass, Purpose
from media.events import counters, fan_out
from media.events.announcements import RoomReport, parse_report
from media.events.channel import Channel
from media.events.counters import NODE, ClusterCounts
from media.events.fan_out import FanOut, Subscription
from media.events.sse import LAST_CHUNK, chunk
from tests.support.loops import run_apart

PATIENCE_S = 5.0
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class Written(asyncio.Transport):
    """A connection that keeps what is written, with so much of it unread."""

    def __init__(self, unread: int = 0) -> None:
        super().__init__()
        self.written = b""
        self.unread = unread
        self.end = ""

    def write(self, data: Any) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return bool(self.end)

    def close(self) -> None:
        self.end = "closed"

    def abort(self) -> None:
        self.end = "aborted"

    def get_write_buffer_size(self) -> int:
        return self.unread

    async def after(self, text: bytes) -> bytes:
        """All that was written, as soon as `text` is in it."""
        deadline = monotonic() + PATIENCE_S
        while text not in self.written:
            assert monotonic() < deadline, self.written
            await asyncio.sleep(0.01)
        return self.written


def subscription(
    transport: Written, purpose: Purpose = Purpose.WATCH, subject: str = "ann"
) -> Subscription:
    """Somebody who came long ago."""
    granted = Pass("honey", purpose, NOON, subject)
    return Subscription(granted, transport, began_at=monotonic() - 60)


def line(seq: int) -> dict[str, Any]:
    """A line of chat."""
    return {"seq": seq, "name": "小麦", "text": "好", "at_ms": 1, "author": "a"}


def report(at_ms: int, line_up: Sequence[int] = ()) -> RoomReport:
    """What the web process says of a room with these products."""
    offers = [{"product_id": one, "listed": True, "boxes": []} for one in line_up]
    said = {"at_ms": at_ms, "state": "live", "starts_at_ms": 1, "key": 1}
    said |= {"pin": None, "offers": offers, "chat": [], "runners": []}
    return parse_report(json.dumps(said))


def test_who_holds_more_than_was_said_lately_is_cut_off() -> None:
    everyone, slow, quick = FanOut(), Written(unread=50), Written(unread=0)
    for transport in (slow, quick):
        everyone.add(subscription(transport))
    everyone.write(b"x" * 60)
    everyone.tend()
    assert len(everyone) == 2

    for _second in range(fan_out.PATIENCE_S + 1):
        everyone.tend()
    assert slow.end == "aborted"
    assert not quick.end
    assert len(everyone) == 1


def test_who_holds_very_much_is_cut_off_at_once() -> None:
    everyone, slow = FanOut(), Written(unread=fan_out.MOST_UNREAD + 1)
    everyone.add(subscription(slow))
    everyone.write(b"x" * 2 * fan_out.MOST_UNREAD)
    everyone.tend()

    assert slow.end == "aborted"


def test_a_newcomer_may_take_its_time_for_the_snapshot() -> None:
    everyone, transport = FanOut(), Written(unread=90_000)
    everyone.add(Subscription(Pass("honey", Purpose.WATCH, NOON), transport))
    everyone.tend()

    assert not transport.end


def test_a_quiet_room_says_that_it_is_there() -> None:
    everyone, transport = FanOut(), Written()
    everyone.add(subscription(transport))
    everyone._wrote_at -= fan_out.HEARTBEAT_S
    everyone.tend()
    everyone.tend()

    assert transport.written == chunk(b": here\n\n")


@pytest.mark.parametrize(
    ("purpose", "minutes", "end"),
    [
        (Purpose.RUN, 0, ""),
        (Purpose.RUN, 2, "closed"),
        (Purpose.WATCH, 600, ""),
    ],
)
def test_a_hosts_stream_ends_with_the_pass_and_a_viewers_does_not(
    purpose: Purpose, minutes: int, end: str
) -> None:
    everyone, transport = FanOut(), Written()
    everyone.add(subscription(transport, purpose))
    with clock.at(NOON + timedelta(minutes=minutes)):
        everyone.tend()

    assert transport.end == end
    assert transport.written.endswith(LAST_CHUNK) == bool(end)
    assert (b"event: bye" in transport.written) == bool(end)


def test_what_is_held_back_is_not_in_a_snapshot_and_is_told_after_it() -> None:
    async def flood() -> bytes:
        channel, late = Channel(), Written()
        channel.reconcile(report(at_ms=1), monotonic())
        for seq in range(1, 41):
            channel.tell("chat", line(seq))
        channel.subscribe(subscription(late))
        return await late.after(b'"seq":40,')

    written = run_apart(flood()).decode()
    for seq in range(1, 41):
        assert written.count(f'"seq":{seq},') == 1


def test_a_line_that_is_hidden_while_it_is_held_back_is_not_told() -> None:
    async def flood() -> bytes:
        channel, ann = Channel(), Written()
        channel.reconcile(report(at_ms=1), monotonic())
        channel.subscribe(subscription(ann))
        for seq in range(1, 41):
            channel.tell("chat", line(seq))
        channel.tell("hide", {"seq": 40})
        return await ann.after(b'"seq":39,')

    assert b'"seq":40,' not in run_apart(flood())


def test_an_answer_from_before_the_last_one_changes_nothing() -> None:
    channel, ann = Channel(), Written()
    channel.fan_out.add(subscription(ann))
    channel.reconcile(report(at_ms=2, line_up=[2]), monotonic())
    channel.reconcile(report(at_ms=1, line_up=[1]), monotonic())

    assert ann.written.count(b"event: snapshot") == 1
    assert b'"product_id":2' in ann.written
    assert b'"product_id":1' not in ann.written


def test_a_clock_that_was_set_back_silences_nobody() -> None:
    channel, ann = Channel(), Written()
    channel.fan_out.add(subscription(ann))
    channel.reconcile(report(at_ms=600_002, line_up=[2]), monotonic())
    channel.reconcile(report(at_ms=1, line_up=[1]), monotonic())

    assert ann.written.count(b"event: snapshot") == 2
    assert b'"product_id":1' in ann.written


def test_only_hosts_hear_of_health() -> None:
    channel, ann, host = Channel(), Written(), Written()
    channel.fan_out.add(subscription(ann))
    channel.fan_out.add(subscription(host, Purpose.RUN))
    channel.tell("health", {"on": True}, hosts_only=True)

    assert ann.written == b""
    assert b"event: health" in host.written
    assert b"id:" not in host.written


def test_who_has_hung_up_is_not_written_to() -> None:
    everyone, gone = FanOut(), Written()
    everyone.add(subscription(gone))
    gone.close()
    everyone.write(b"x")
    everyone.tend()

    assert gone.written == b""


def test_people_without_a_name_are_counted_one_by_one() -> None:
    everyone = FanOut()
    readers = [subscription(Written(), subject="") for _time in range(3)]
    for one in readers:
        everyone.add(one)
    assert everyone.viewers == 3

    for _time in range(2):
        everyone.remove(readers[0])
    assert everyone.viewers == 2


def test_servers_agree_on_likes_whatever_order_they_talk_in() -> None:
    ours = ClusterCounts()
    ours.like()
    said = {"node": "b", "viewers": 3, "likes": {"b": 5, "c": 2}}
    for news in (said | {"likes": {"b": 4}}, said, said | {"likes": {"b": 3}}):
        ours.merge(news)

    assert ours.likes == 8
    assert ours.viewers_elsewhere == 3
    assert ours.gossip(0) == {
        "node": NODE,
        "viewers": 0,
        "likes": {NODE: 1, "b": 5, "c": 2},
    }
    assert ours.gossip(0) is None


def test_who_knows_less_than_we_do_is_told() -> None:
    ours = ClusterCounts()
    ours.merge({"node": "b", "viewers": 0, "likes": {"b": 5}})
    assert ours.gossip(0) is None

    ours.merge({"node": "c", "viewers": 0, "likes": {}})
    assert ours.gossip(0) == {"node": NODE, "viewers": 0, "likes": {"b": 5}}


def test_our_own_words_are_not_anothers() -> None:
    ours = ClusterCounts()
    ours.like()
    ours.merge({"node": NODE, "viewers": 9, "likes": {NODE: 1}})

    assert ours.viewers_elsewhere == 0


def test_a_server_that_fell_silent_has_no_viewers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = ClusterCounts()
    ours.merge({"node": "b", "viewers": 3, "likes": {}})
    monkeypatch.setattr(counters, "STALE_S", -1.0)

    assert ours.viewers_elsewhere == 0
