"""Live sessions: the timeline adds up, and links lead where they say."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from domain.live import (
    SESSION,
    Event,
    EventKind,
    NotInLineUp,
    Platform,
    RoomLinkNotNeeded,
    RoomLinkWrong,
    RoomView,
    SessionMoved,
    SessionOver,
    SessionState,
    check_pin,
    check_room_link,
    check_transition,
    fold,
)

NOON = datetime(2026, 3, 11, 4, tzinfo=UTC)


def timeline(*lines: tuple[EventKind, int | None]) -> list[Event]:
    return [
        Event(seq, kind, product_id)
        for seq, (kind, product_id) in enumerate(lines, start=1)
    ]


def test_an_empty_timeline_is_a_planned_session() -> None:
    assert fold([]) == RoomView()


def test_the_last_pin_counts_until_it_is_taken_off() -> None:
    events = timeline(
        (EventKind.GO_LIVE, None),
        (EventKind.PIN, 8),
        (EventKind.PIN, 9),
        (EventKind.MESSAGE, None),
    )
    assert fold(events).pinned_product_id == 9
    assert fold(events).pin_seq == 3
    unpinned = fold([*events, Event(5, EventKind.UNPIN)])
    assert (unpinned.pinned_product_id, unpinned.pin_seq) == (None, None)


def test_the_end_takes_the_pin_off_and_nothing_comes_after_it() -> None:
    view = fold(
        timeline(
            (EventKind.GO_LIVE, None),
            (EventKind.PIN, 8),
            (EventKind.END, None),
            (EventKind.PIN, 9),
            (EventKind.GO_LIVE, None),
        )
    )
    assert view == RoomView(SessionState.ENDED)


def test_a_pin_may_wait_for_the_session_to_start() -> None:
    view = fold(timeline((EventKind.PIN, 8), (EventKind.GO_LIVE, None)))
    assert (view.state, view.pinned_product_id) == (SessionState.LIVE, 8)


def test_only_a_planned_session_is_cancelled() -> None:
    assert fold(timeline((EventKind.CANCEL, None))).state is SessionState.CANCELLED
    running = timeline((EventKind.GO_LIVE, None), (EventKind.CANCEL, None))
    assert fold(running).state is SessionState.LIVE


events_in_any_order = st.lists(
    st.tuples(st.sampled_from(EventKind), st.none() | st.integers(1, 9)), max_size=20
).map(lambda lines: timeline(*lines))


@given(events_in_any_order, st.randoms())
def test_the_order_of_arrival_does_not_matter(events: list[Event], chance) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(events)
    chance.shuffle(shuffled)
    assert fold(shuffled) == fold(events)


@given(events_in_any_order)
def test_a_room_is_always_in_one_piece(events: list[Event]) -> None:
    view = fold(events)
    assert (view.pin_seq is None) == (view.pinned_product_id is None)
    assert view.pin_seq is None or not view.is_over


def test_only_the_line_up_is_pinned_and_not_after_the_end() -> None:
    check_pin("live", 8, {8, 9})
    check_pin("planned", 8, {8, 9})
    with pytest.raises(NotInLineUp):
        check_pin("live", 7, {8, 9})
    for state in ("ended", "cancelled"):
        with pytest.raises(SessionOver):
            check_pin(state, 8, {8, 9})


def test_a_session_moves_forward_only() -> None:
    check_transition("planned", "live")
    check_transition("live", "ended")
    assert set(SESSION.moves) == set(SessionState)
    for current, wanted in [("ended", "live"), ("live", "cancelled")]:
        with pytest.raises(SessionMoved):
            check_transition(current, wanted)


@pytest.mark.parametrize(
    ("place", "link"),
    [
        (Platform.DOUYIN, "https://v.douyin.com/iABC12/"),
        (Platform.DOUYIN, "https://live.douyin.com/123456"),
        (Platform.KUAISHOU, "https://live.kuaishou.com/u/abc?x=1#top"),
        (Platform.TAOBAO, "https://m.tb.cn/h.abc"),
        (Platform.WECHAT_CHANNELS, "https://channels.weixin.qq.com/abc"),
        (Platform.WECHAT_CHANNELS, "https://WEIXIN.qq.com/sph/A1"),
        (Platform.ROOM, ""),
    ],
)
def test_links_to_the_platform_are_taken(place: Platform, link: str) -> None:
    check_room_link(place, link)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "http://v.douyin.com/x",
        "javascript:alert(1)",
        "//v.douyin.com/x",
        "https://douyin.com.evil.example/x",
        "https://evildouyin.com/x",
        "https://v.douyin.com@evil.example/x",
        "https://evil.example/?https://v.douyin.com",
        "https://evil.example\\@v.douyin.com/",
        "https://v.douyin.com:8443/x",
        "https://v.douyin.com/x y",
        "https://v.douyin.com/\x00",
        "https://v.douyin.com/\n",
        "https://ｄouyin.com/x",
        "https://live.kuaishou.com/u/abc",
        "https://v.douyin.com/" + "x" * 500,
    ],
)
def test_links_that_lead_elsewhere_are_refused(link: str) -> None:
    with pytest.raises(RoomLinkWrong) as refused:
        check_room_link(Platform.DOUYIN, link)
    assert "douyin.com" in refused.value.text


def test_our_own_room_needs_no_link() -> None:
    with pytest.raises(RoomLinkNotNeeded):
        check_room_link(Platform.ROOM, "https://v.douyin.com/x")


@given(st.sampled_from(Platform), st.text())
def test_any_link_is_taken_or_refused(place: Platform, link: str) -> None:
    with suppress(Invalid):
        check_room_link(place, link)
