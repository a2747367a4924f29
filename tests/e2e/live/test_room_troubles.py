"""A room in hard times: lines that break, answers that come late, phones that sleep."""

import re
import time
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, Route, expect

from core.access import Actor
from core.clock import now
from models.live import LiveSession
from services.live import chat, planning, running
from tests.e2e.live.rooms import (
    Arrange,
    NewVisitor,
    Room,
    chat_of,
    enter,
    say,
)
from tests.e2e.steps import log_in
from tests.support.factories import Goods, Person, actor_of
from tests.support.studio import session_draft

PATIENCE_MS = 20_000
KEEP_LINES = """window.lines = [];
window.EventSource = class extends EventSource {
  constructor(address) { super(address); window.lines.push(this); }
};
window.openLines = () => window.lines.filter((line) => line.readyState !== 2).length;"""
EXPECT_LIBRARY = """() => {
  const script = document.querySelector('script[src*="hls.light"]');
  window.hasLoaded = new Promise((done) => {
    script.addEventListener('load', () => window.setTimeout(done));
  });
}"""
SLEEP = """() => {
  const real = performance.now.bind(performance);
  performance.now = () => real() - 600_000;
}"""


def test_who_enters_twice_at_once_listens_once(
    new_visitor: NewVisitor, room: Room
) -> None:
    guest = new_visitor().page
    guest.add_init_script(KEEP_LINES)
    held = hold(guest, "**/ticket")
    with guest.expect_request("**/ticket"):
        guest.goto(f"/live/{room.slug}")

    with guest.expect_request("**/ticket"):
        tell(guest, "expired", {})
    for ticket in held:
        with guest.expect_response("**/ticket"):
            ticket.continue_()

    expect(guest.locator("[data-viewers]").first).to_be_visible()
    assert guest.evaluate("openLines()") == 1
    guest.evaluate("window.dispatchEvent(new Event('pagehide'))")
    assert guest.evaluate("openLines()") == 0


def test_what_was_hidden_goes_from_a_page_that_only_asks(
    new_visitor: NewVisitor, arrange: Arrange, room: Room, member: Person
) -> None:
    guest = new_visitor().page
    guest.route("**/ticket", lambda route: route.fulfill(json={}))
    with arrange() as session:
        seqs = [speak(room, words) for words in ("头一句", "第二句", "第三句")]
    guest.goto(f"/live/{room.slug}")
    expect(chat_of(guest)).to_have_text([re.compile(n) for n in "头二三"])

    with arrange() as session:
        held = session.get_one(LiveSession, room.id)
        for seq in (seqs[0], seqs[2]):
            chat.hide(actor_of(member), held.id, seq)

    expect(chat_of(guest)).to_have_text([re.compile("二")], timeout=2 * PATIENCE_MS)
    expect(guest.locator(".chat li")).to_have_count(1)


def test_ones_own_line_outlives_an_older_answer(
    new_visitor: NewVisitor, room: Room
) -> None:
    guest = enter(new_visitor(), room)
    say(guest, "头一句")
    expect(guest.get_by_label("问问主播")).to_have_value("")
    expect(chat_of(guest)).to_have_count(1)
    said_at_ms = round(time.time() * 1000)

    tell(guest, "history", {"chat": [], "at_ms": said_at_ms})
    expect(chat_of(guest)).to_have_count(1)
    tell(guest, "history", {"chat": [], "at_ms": said_at_ms + 60_000})
    expect(chat_of(guest)).to_have_count(0)


def test_what_was_missed_takes_its_place(new_visitor: NewVisitor, room: Room) -> None:
    guest = enter(new_visitor(), room)

    for seq in (103, 101, 102):
        line = {"name": "小麦", "text": f"第 {seq} 句", "author": "a1", "at_ms": 1}
        tell(guest, "chat", {"seq": seq, **line})

    places = chat_of(guest).evaluate_all("all => all.map(one => one.dataset.seq)")
    assert places == ["101", "102", "103"]


def test_stop_is_obeyed_while_the_player_still_loads(
    new_visitor: NewVisitor, room: Room
) -> None:
    guest = enter(new_visitor(), room)
    held = hold(guest, "**/hls.light*")
    playlists = hold(guest, "**/live.m3u8*")
    tell(guest, "video", {"on": True})
    play = guest.get_by_role("button", name="点开看直播")
    for _ in range(2):
        play.click()
        guest.locator("[data-rest]").click()
    guest.evaluate(EXPECT_LIBRARY)

    for script in held:
        script.continue_()

    guest.evaluate("window.hasLoaded")
    assert not playlists
    assert guest.locator("[data-screen]").evaluate("screen => screen.paused")
    expect(play).to_be_visible()


def test_a_console_that_cannot_look_again_tries_once_more(
    new_visitor: NewVisitor,
    arrange: Arrange,
    room: Room,
    ginger: Goods,
    member: Person,
) -> None:
    hosting = new_visitor(width=1440)
    host = log_in(hosting.page, member)
    host.goto(f"/studio/sessions/{room.id}/console")
    expect(host.locator("[data-viewers]")).not_to_have_text("–")
    host.route("**/console", lambda route: route.abort())

    with host.expect_event("requestfailed"), arrange() as session:
        held = session.get_one(LiveSession, room.id)
        running.pin(actor_of(member), held.id, ginger.id)
    host.unroute("**/console")

    shown = host.get_by_role("button", name=re.compile("^讲完了.*苗山大姜"))
    expect(shown).to_be_visible(timeout=PATIENCE_MS)
    assert not [fault for fault in hosting.faults if fault.startswith("script")]
    hosting.faults.clear()  # the browser's own words for a network that is away


def test_the_countdown_follows_a_session_that_is_moved(
    new_visitor: NewVisitor,
    arrange: Arrange,
    member: Person,
    goods: Goods,
    planned: Room,
) -> None:
    guest = new_visitor().page
    guest.goto(f"/live/{planned.slug}")
    line = guest.get_by_text("离开播还有")
    expect(line).to_contain_text(re.compile(r"00:(?:30|29):\d\d"))

    with arrange() as session:
        later = session_draft(member, goods, starts_at=now() + timedelta(hours=2))
        held = session.get_one(LiveSession, planned.id)
        planning.change_session(actor_of(member), held.id, later)

    expect(line).to_contain_text(
        re.compile(r"(?:02:00|01:59):\d\d"), timeout=PATIENCE_MS
    )


def test_the_countdown_is_right_after_the_phone_slept(
    new_visitor: NewVisitor,
    planned: Room,
) -> None:
    guest = new_visitor().page
    with guest.expect_response(re.compile("/events")):
        guest.goto(f"/live/{planned.slug}")
    line = guest.get_by_text("离开播还有")
    expect(line).to_contain_text(re.compile(r"00:(?:30|29):\d\d"))

    guest.evaluate(SLEEP)
    expect(line).to_contain_text(re.compile(r"00:(?:40|39):\d\d"))
    guest.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(line).to_contain_text(re.compile(r"00:(?:30|29|28):\d\d"))


def tell(page: Page, kind: str, detail: dict[str, Any]) -> None:
    """Have the page hear a piece of news."""
    page.evaluate(
        """([kind, detail]) => document.dispatchEvent(
          new CustomEvent('room:' + kind, { detail }))""",
        [kind, detail],
    )


def hold(page: Page, addresses: str) -> list[Route]:
    """What the page asks for from now on; it waits until somebody lets it go on."""
    held: list[Route] = []
    page.route(addresses, lambda route: held.append(route))  # noqa: PLW0108
    return held


def speak(room: Room, words: str) -> int:
    """Say something as a guest does; the line's number."""
    return chat.say(Actor(visitor_id=7), room.id, words).seq
