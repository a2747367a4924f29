"""The parts of an audience, one by one: board, ring, crowd, tally."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from core.room_tokens import Pass, Purpose
from media.events import crowd
from media.events.announcements import NotNews, parse_news
from media.events.audience import Audience
from media.events.board import Board
from media.events.crowd import Crowd, Reader
from media.events.frames import LAST_CHUNK, chunk, frame
from media.events.ring import HEAVIEST, LONGEST, Ring
from media.events.shelf import Shelf
from media.events.talk import TAIL, Talk
from media.events.tally import NODE, Tally
from media.events.web_view import WebView, read_view
from tests.support.loops import run_apart

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
STATES = st.sampled_from(["planned", "live", "ended", "cancelled"])


class Paper(asyncio.Transport):
    """A connection that is a sheet of paper, with so much of it unread."""

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


def reader(
    paper: Paper, purpose: Purpose = Purpose.WATCH, subject: str = "ann"
) -> Reader:
    """Somebody who came long ago."""
    granted = Pass("honey", purpose, NOON, subject)
    return Reader(granted, paper, joined_at=monotonic() - 60)


def line(seq: int) -> dict[str, Any]:
    """A line of chat."""
    return {"seq": seq, "name": "小麦", "text": "好", "at_ms": 1, "author": "a"}


def view(at_ms: int, line_up: Sequence[int] = ()) -> WebView:
    """What the web process says of a room with these products."""
    offers = [{"product_id": one, "listed": True, "boxes": []} for one in line_up]
    said = {"at_ms": at_ms, "state": "live", "starts_at_ms": 1, "key": 1}
    return read_view(said | {"pin": None, "offers": offers, "chat": []})


@given(st.lists(STATES, min_size=1))
def test_a_session_never_goes_back(states: list[str]) -> None:
    board = Board()
    order = ["planned", "live", "ended", "cancelled"]
    seen = [state for state in states if board.take("state", {"state": state})]

    assert seen == sorted(seen, key=order.index)
    assert board.state == seen[-1]


@given(st.permutations(range(1, 8)))
def test_the_highest_pin_wins_in_any_order(seqs: list[int]) -> None:
    board = Board()
    for seq in seqs:
        board.take("pin", {"seq": seq, "product_id": seq * 10})

    assert board.snapshot()["pin"] == {"seq": 7, "product_id": 70}


@given(st.permutations(range(1, 8)))
def test_the_newest_stock_wins_in_any_order(moments: list[int]) -> None:
    shelf = Shelf()
    shelf.arrange({1: [11]})
    shelf.price(11, 100, 1)
    for at_us in moments:
        shelf.stock(11, stock=at_us * 10, listed=at_us % 2 == 1, at_us=at_us)

    [offer] = shelf.offers()
    assert offer["listed"]
    assert offer["boxes"] == [{"variant_id": 11, "price_fen": 100, "stock": 70}]


def test_what_has_not_changed_is_no_news_but_newer() -> None:
    shelf = Shelf()
    assert shelf.price(11, 100, at_us=1)
    assert not shelf.price(11, 100, at_us=5)
    assert not shelf.price(11, 90, at_us=3)
    assert shelf.price(11, 90, at_us=6)


def test_an_order_of_products_is_part_of_the_line_up() -> None:
    shelf = Shelf()
    assert shelf.arrange({1: [11], 2: [21]})
    assert not shelf.arrange({1: [11], 2: [21]})
    assert shelf.arrange({2: [21], 1: [11]})


@given(st.lists(st.integers(min_value=1, max_value=90)))
def test_talk_holds_the_last_lines_in_order_once(seqs: list[int]) -> None:
    talk = Talk()
    news = [seq for seq in seqs if talk.add(line(seq))]
    tail = [each["seq"] for each in talk.tail]

    assert tail == sorted(set(news))[-TAIL:]
    assert len(news) == len(set(news))


def test_a_hidden_line_stays_away() -> None:
    talk = Talk()
    assert talk.add(line(1))
    assert talk.hide(1)
    assert not talk.hide(1)
    assert not talk.add(line(1))
    talk.fill([line(1)])
    assert talk.tail == []


def test_a_line_from_before_all_others_is_kept_and_not_told() -> None:
    talk = Talk()
    talk.add(line(5))

    assert not talk.add(line(3))
    assert talk.add(line(7))
    assert talk.add(line(6))
    talk.fill([line(3)])
    assert [each["seq"] for each in talk.tail] == [3, 5, 6, 7]


def test_a_line_heard_a_moment_ago_is_not_taken_for_hidden() -> None:
    talk = Talk()
    talk.add(line(1))

    assert talk.gone_from([], heard_before=monotonic() - 5) == []
    assert talk.gone_from([], heard_before=monotonic() + 1) == [1]
    assert talk.gone_from([line(1)], heard_before=monotonic() + 1) == []


def test_lines_from_before_the_databases_last_are_not_taken_for_hidden() -> None:
    talk = Talk()
    talk.fill([line(1), line(200)])
    last = [line(seq) for seq in range(100, 100 + TAIL)]

    assert talk.gone_from(last, heard_before=monotonic() + 1) == [200]


def test_a_pin_heard_a_moment_ago_is_not_taken_away() -> None:
    board = Board()
    board.take("pin", {"seq": 1, "product_id": 1})

    assert not board.unpin(heard_before=monotonic() - 5)
    assert board.unpin(heard_before=monotonic() + 1)
    assert not board.unpin(heard_before=monotonic() + 1)


@given(st.integers(min_value=1, max_value=30), st.integers(min_value=0, max_value=40))
def test_a_ring_gives_exactly_what_was_missed(kept: int, known: int) -> None:
    ring = Ring()
    start = ring.last
    ids, chunks = [start], []
    for number in range(kept):
        ids.append(ring.next)
        chunks.append(b"%d;" % number)
        ring.keep(chunks[-1])

    known = min(known, kept)
    assert ring.since(ids[known]) == b"".join(chunks[known:])


def test_a_ring_is_bounded_in_number_and_weight() -> None:
    light, heavy = Ring(), Ring()
    first = light.last, heavy.last
    for _time in range(LONGEST + 1):
        light.keep(b"x")
        heavy.keep(b"x" * (HEAVIEST // 10))

    assert light.since(first[0]) is None
    assert len(light.since(light.last.replace(f"-{LONGEST + 1}", "-1")) or b"") == 500
    assert (
        heavy.since(heavy.last.replace(f"-{LONGEST + 1}", f"-{LONGEST - 20}")) is None
    )


def test_what_was_forgotten_cannot_be_resumed() -> None:
    ring = Ring()
    before = ring.last
    ring.keep(b"secret")
    ring.forget()

    assert ring.since(before) is None
    assert ring.since(ring.last) == b""


@given(st.text())
def test_whatever_is_sent_as_an_id_is_answered(text: str) -> None:
    ring = Ring()
    ring.keep(b"x")

    assert ring.since(text) is None or text == ring.last


@given(st.text())
def test_whatever_is_posted_is_news_or_refused(text: str) -> None:
    try:
        parse_news(text)
    except NotNews:
        return
    assert text.strip() == "[]"


@given(st.recursive(st.none() | st.booleans() | st.text(), st.lists))
def test_an_event_is_one_line_of_data(data: Any) -> None:
    lines = frame("chat", data, "a-1").decode().split("\n")

    assert lines[0] == "id: a-1"
    assert lines[1] == "event: chat"
    assert lines[2].startswith("data: ")
    assert lines[3:] == ["", ""]


def test_a_chunk_says_how_many_bytes_it_has() -> None:
    assert chunk("蜜".encode() * 6) == b"12\r\n" + "蜜".encode() * 6 + b"\r\n"


def test_who_holds_more_than_was_said_lately_is_cut_off() -> None:
    audience, slow, quick = Crowd(), Paper(unread=50), Paper(unread=0)
    for paper in (slow, quick):
        audience.add(reader(paper))
    audience.write(b"x" * 60)
    audience.tend()
    assert len(audience) == 2

    for _second in range(crowd.PATIENCE_S + 1):
        audience.tend()
    assert slow.end == "aborted"
    assert not quick.end
    assert len(audience) == 1


def test_who_holds_very_much_is_cut_off_at_once() -> None:
    audience, slow = Crowd(), Paper(unread=crowd.MOST_UNREAD + 1)
    audience.add(reader(slow))
    audience.write(b"x" * 2 * crowd.MOST_UNREAD)
    audience.tend()

    assert slow.end == "aborted"


def test_a_newcomer_may_take_its_time_for_the_snapshot() -> None:
    audience, paper = Crowd(), Paper(unread=90_000)
    audience.add(Reader(Pass("honey", Purpose.WATCH, NOON), paper))
    audience.tend()

    assert not paper.end


def test_a_quiet_room_says_that_it_is_there() -> None:
    audience, paper = Crowd(), Paper()
    audience.add(reader(paper))
    audience._spoke_at -= crowd.HEARTBEAT_S
    audience.tend()
    audience.tend()

    assert paper.written == chunk(b": here\n\n")


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
    audience, paper = Crowd(), Paper()
    audience.add(reader(paper, purpose))
    with clock.at(NOON + timedelta(minutes=minutes)):
        audience.tend()

    assert paper.end == end
    assert paper.written.endswith(LAST_CHUNK) == bool(end)
    assert (b"event: bye" in paper.written) == bool(end)


def test_what_is_held_back_is_not_in_a_snapshot_and_is_told_after_it() -> None:
    async def flood() -> bytes:
        audience, late = Audience("honey"), Paper()
        audience.learn(view(at_ms=1), monotonic())
        for seq in range(1, 41):
            audience.tell("chat", line(seq))
        audience.join(reader(late))
        await asyncio.sleep(0.2)
        return late.written

    written = run_apart(flood()).decode()
    for seq in range(1, 41):
        assert written.count(f'"seq":{seq},') == 1


def test_an_answer_from_before_the_last_one_changes_nothing() -> None:
    audience, ann = Audience("honey"), Paper()
    audience.crowd.add(reader(ann))
    audience.learn(view(at_ms=2, line_up=[2]), monotonic())
    audience.learn(view(at_ms=1, line_up=[1]), monotonic())

    assert ann.written.count(b"event: snapshot") == 1
    assert b'"product_id":2' in ann.written
    assert b'"product_id":1' not in ann.written


def test_a_clock_that_was_set_back_silences_nobody() -> None:
    audience, ann = Audience("honey"), Paper()
    audience.crowd.add(reader(ann))
    audience.learn(view(at_ms=600_002, line_up=[2]), monotonic())
    audience.learn(view(at_ms=1, line_up=[1]), monotonic())

    assert ann.written.count(b"event: snapshot") == 2
    assert b'"product_id":1' in ann.written


def test_only_hosts_hear_of_health() -> None:
    audience, ann, host = Audience("honey"), Paper(), Paper()
    audience.crowd.add(reader(ann))
    audience.crowd.add(reader(host, Purpose.RUN))
    audience.tell("health", {"on": True}, hosts_only=True)

    assert ann.written == b""
    assert b"event: health" in host.written
    assert b"id:" not in host.written


def test_who_has_hung_up_is_not_written_to() -> None:
    audience, gone = Crowd(), Paper()
    audience.add(reader(gone))
    gone.close()
    audience.write(b"x")
    audience.tend()

    assert gone.written == b""


def test_people_without_a_name_are_counted_one_by_one() -> None:
    audience = Crowd()
    readers = [reader(Paper(), subject="") for _time in range(3)]
    for one in readers:
        audience.add(one)
    assert audience.viewers == 3

    assert audience.remove(readers[0])
    assert not audience.remove(readers[0])
    assert audience.viewers == 2


def test_servers_agree_on_likes_whatever_order_they_talk_in() -> None:
    ours = Tally()
    ours.like()
    said = {"node": "b", "viewers": 3, "likes": {"b": 5, "c": 2}}
    for news in (said | {"likes": {"b": 4}}, said, said | {"likes": {"b": 3}}):
        ours.hear(news)

    assert ours.likes == 8
    assert ours.viewers_elsewhere == 3
    assert ours.tell(0) == {
        "node": NODE,
        "viewers": 0,
        "likes": {NODE: 1, "b": 5, "c": 2},
    }
    assert ours.tell(0) is None


def test_who_knows_less_than_we_do_is_told() -> None:
    ours = Tally()
    ours.hear({"node": "b", "viewers": 0, "likes": {"b": 5}})
    assert ours.tell(0) is None

    ours.hear({"node": "c", "viewers": 0, "likes": {}})
    assert ours.tell(0) == {"node": NODE, "viewers": 0, "likes": {"b": 5}}


def test_our_own_words_are_not_anothers() -> None:
    ours = Tally()
    ours.like()
    ours.hear({"node": NODE, "viewers": 9, "likes": {NODE: 1}})

    assert ours.viewers_elsewhere == 0


def test_a_server_that_fell_silent_has_no_viewers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = Tally()
    ours.hear({"node": "b", "viewers": 3, "likes": {}})
    monkeypatch.setattr("media.events.tally.STALE_S", -1.0)

    assert ours.viewers_elsewhere == 0
