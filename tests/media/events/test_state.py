"""How a room stands: what is new, whatever is late, doubled, shuffled or rubbish."""

from time import monotonic
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from media.events.announcements import InvalidMessage, parse_announcements
from media.events.chat import LISTED, ChatHistory
from media.events.state import LiveState, Offers

STATES = st.sampled_from(["planned", "live", "ended", "cancelled"])


def line(seq: int) -> dict[str, Any]:
    """A line of chat."""
    return {"seq": seq, "name": "小麦", "text": "好", "at_ms": 1, "author": "a"}


@given(st.lists(STATES, min_size=1))
def test_a_session_never_goes_back(states: list[str]) -> None:
    state = LiveState()
    order = ["planned", "live", "ended", "cancelled"]
    seen = [each for each in states if state.apply("state", {"state": each})]

    assert seen == sorted(seen, key=order.index)
    assert state.state == seen[-1]


@given(st.permutations(range(1, 8)))
def test_the_highest_pin_wins_in_any_order(seqs: list[int]) -> None:
    state = LiveState()
    for seq in seqs:
        state.apply("pin", {"seq": seq, "product_id": seq * 10})

    assert state.snapshot()["pin"] == {"seq": 7, "product_id": 70}


@given(st.permutations(range(1, 8)))
def test_the_newest_stock_wins_in_any_order(moments: list[int]) -> None:
    offers = Offers()
    offers.arrange({1: [11]})
    offers.set_price(11, 100, 1)
    for at_us in moments:
        offers.set_stock(11, stock=at_us * 10, listed=at_us % 2 == 1, at_us=at_us)

    [offer] = offers.as_json()
    assert offer["listed"]
    assert offer["boxes"] == [{"variant_id": 11, "price_fen": 100, "stock": 70}]


def test_what_has_not_changed_is_no_news_but_newer() -> None:
    offers = Offers()
    assert offers.set_price(11, 100, at_us=1)
    assert not offers.set_price(11, 100, at_us=5)
    assert not offers.set_price(11, 90, at_us=3)
    assert offers.set_price(11, 90, at_us=6)


def test_what_a_clock_set_back_says_is_news() -> None:
    """Not late by a day: for so long nobody would hear of what is sold out."""
    day_us = 24 * 3600 * 1_000_000
    offers = Offers()
    offers.arrange({1: [11]})
    offers.set_price(11, 100, at_us=2 * day_us)
    offers.set_stock(11, stock=5, listed=True, at_us=2 * day_us)

    assert offers.set_stock(11, stock=0, listed=True, at_us=day_us)
    assert offers.as_json()[0]["boxes"][0]["stock"] == 0


def test_an_order_of_products_is_part_of_the_line_up() -> None:
    offers = Offers()
    assert offers.arrange({1: [11], 2: [21]})
    assert not offers.arrange({1: [11], 2: [21]})
    assert offers.arrange({2: [21], 1: [11]})


@given(st.lists(st.integers(min_value=1, max_value=90)))
def test_history_holds_the_last_lines_in_order_once(seqs: list[int]) -> None:
    history = ChatHistory()
    news = [seq for seq in seqs if history.add(line(seq))]
    tail = [each["seq"] for each in history.tail]

    assert tail == sorted(set(news))[-LISTED:]
    assert len(news) == len(set(news))


def test_a_hidden_line_stays_away() -> None:
    history = ChatHistory()
    assert history.add(line(1))
    assert history.hide(1)
    assert not history.hide(1)
    assert not history.add(line(1))
    history.fill([line(1)])
    assert history.tail == []


def test_a_line_from_before_all_others_is_kept_and_not_told() -> None:
    history = ChatHistory()
    history.add(line(5))

    assert not history.add(line(3))
    assert history.add(line(7))
    assert history.add(line(6))
    history.fill([line(3)])
    assert [each["seq"] for each in history.tail] == [3, 5, 6, 7]


def test_a_line_heard_a_moment_ago_is_not_taken_for_hidden() -> None:
    history = ChatHistory()
    history.add(line(1))

    assert history.gone_from([], heard_before=monotonic() - 5) == []
    assert history.gone_from([], heard_before=monotonic() + 1) == [1]
    assert history.gone_from([line(1)], heard_before=monotonic() + 1) == []


def test_lines_from_before_the_databases_last_are_not_taken_for_hidden() -> None:
    history = ChatHistory()
    history.fill([line(1), line(200)])
    last = [line(seq) for seq in range(100, 100 + LISTED)]

    assert history.gone_from(last, heard_before=monotonic() + 1) == [200]


def test_a_pin_heard_a_moment_ago_is_not_taken_away() -> None:
    state = LiveState()
    state.apply("pin", {"seq": 1, "product_id": 1})

    assert not state.unpin(heard_before=monotonic() - 5)
    assert state.unpin(heard_before=monotonic() + 1)
    assert not state.unpin(heard_before=monotonic() + 1)


@given(st.text())
def test_whatever_is_posted_is_news_or_refused(text: str) -> None:
    try:
        parse_announcements(text)
    except InvalidMessage:
        return
    assert text.strip() == "[]"
