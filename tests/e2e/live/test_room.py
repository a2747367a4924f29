"""A room that moves: talk, pins, stock and buying, with script and without."""

import re
import time
from datetime import timedelta
from itertools import pairwise

from playwright.sync_api import Locator, expect

from core.clock import now
from services.rates import TALK_PER_SPEAKER
from tests.e2e.live.house import LiveHouse
from tests.e2e.live.rooms import (
    Arrange,
    NewVisitor,
    Room,
    chat_of,
    enter,
    say,
)
from tests.e2e.steps import log_in
from tests.support.factories import Goods, Person, place_order

PATIENCE_MS = 20_000
FLOOD = """(address) => Promise.all(Array.from({ length: 8 }, () => fetch(address, {
  method: 'POST', body: new URLSearchParams({ text: '快快快' }) })))"""
COUNT_HEARTS = """() => {
  window.hearts = 0;
  new MutationObserver((changes) => changes.forEach((change) => {
    change.addedNodes.forEach((node) => { window.hearts += node.matches('.fly'); });
  })).observe(document.querySelector('[data-like]'), { childList: true });
}"""


def wait_for_a_new_count() -> None:
    """What is said is counted from anew every few seconds: begin with a count."""
    window_s = TALK_PER_SPEAKER.window.total_seconds()
    time.sleep(window_s - time.time() % window_s)


def test_without_script_one_reads_and_speaks_by_reloading(
    new_visitor: NewVisitor, room: Room
) -> None:
    guest = new_visitor(scripted=False).page
    guest.goto(f"/live/{room.slug}")
    expect(guest.get_by_text("还没人说话")).to_be_visible()
    guest.get_by_label("怎么称呼您").fill("泰安小赵")
    guest.get_by_label("想说的话").fill("这个薯粉不粉？")

    guest.get_by_role("button", name="发送").last.click()

    expect(chat_of(guest)).to_contain_text(["泰安小赵这个薯粉不粉？"])
    guest.get_by_label("想说的话").fill("加微信 tianbo_8888 更便宜")
    guest.get_by_role("button", name="发送").last.click()
    expect(guest.get_by_role("alert")).to_contain_text("微信号")
    expect(guest.get_by_label("想说的话")).to_have_value("加微信 tianbo_8888 更便宜")
    expect(chat_of(guest)).to_have_count(1)


def test_what_one_says_the_other_hears(new_visitor: NewVisitor, room: Room) -> None:
    first, second = (enter(new_visitor(), room) for _ in range(2))

    say(first, "<b>能寄到</b>聊城不？")

    heard = chat_of(second).filter(has_text="<b>能寄到</b>聊城不？")
    expect(heard).to_have_count(1)
    expect(chat_of(first).filter(has_text="聊城")).to_have_class("own")
    expect(heard).not_to_have_class("own")
    expect(first.get_by_label("问问主播")).to_have_value("")
    expect(second.locator(".chat li")).to_contain_text(["聊城"])


def test_what_is_refused_stays_in_the_form(new_visitor: NewVisitor, room: Room) -> None:
    guest = enter(new_visitor(), room)

    say(guest, "看 www.example.com 吧")

    expect(guest.get_by_role("alert")).to_contain_text("网址")
    expect(guest.get_by_label("问问主播")).to_have_value("看 www.example.com 吧")
    say(guest, "头一句")
    expect(chat_of(guest)).to_have_count(1)
    wait_for_a_new_count()
    guest.evaluate(FLOOD, f"/live/{room.slug}/messages")
    say(guest, "再说一句")
    expect(guest.get_by_role("alert")).to_contain_text("秒再发")
    expect(guest.get_by_label("问问主播")).to_have_value("再说一句")


def test_a_pin_and_its_stock_change_before_everybodys_eyes(
    new_visitor: NewVisitor,
    arrange: Arrange,
    room: Room,
    goods: Goods,
    member: Person,
    charlie: Person,
    alice: Person,
) -> None:
    guest = enter(new_visitor(), room)
    pinned = guest.get_by_role("article")
    expect(pinned.get_by_role("heading")).to_have_text("蜜薯")
    with arrange():
        place_order(alice, goods, quantity=88)
    expect(pinned).to_contain_text("只剩 12 箱")
    with arrange():
        place_order(alice, goods, quantity=12)
    expect(pinned).to_contain_text("卖完了")
    expect(pinned.get_by_role("button")).to_have_count(0)
    host = log_in(new_visitor(width=1440).page, member)
    host.goto(f"/studio/sessions/{room.id}/console")
    host.evaluate("window.stayed = true")

    host.get_by_role("button", name=re.compile("^讲这个.*苗山大姜")).click()

    shown = host.get_by_role("button", name=re.compile("^讲完了.*苗山大姜"))
    expect(shown).to_be_focused()
    expect(pinned.get_by_role("heading")).to_have_text("苗山大姜")
    expect(pinned).to_contain_text("¥32.9")
    marked = guest.get_by_role("listitem").filter(
        has=guest.get_by_text("讲解中").locator("visible=true")
    )
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text("苗山大姜")
    assert host.evaluate("window.stayed")


def test_buying_leaves_the_room_open(
    new_visitor: NewVisitor, arrange: Arrange, room: Room
) -> None:
    guest = enter(new_visitor(), room)
    address = guest.url

    guest.get_by_role("button", name="马上买 蜜薯").click()

    strip = guest.get_by_role("status").filter(has_text="放进小黄车了")
    expect(strip).to_contain_text("蜜薯 放进小黄车了")
    expect(strip).to_contain_text("¥29.90")
    guest.get_by_role("button", name="马上买 蜜薯").click()
    expect(strip).to_contain_text("¥59.80")
    expect(guest.get_by_role("link", name=re.compile("小黄车"))).to_contain_text("2")
    assert guest.url == address
    strip.get_by_role("link", name="去结算").click()
    expect(guest.get_by_role("heading", level=1)).to_have_text("结算")


def test_the_host_takes_words_out_and_quietens(
    new_visitor: NewVisitor, room: Room, member: Person
) -> None:
    guest, other = (enter(new_visitor(), room) for _ in range(2))
    host = log_in(new_visitor(width=1440).page, member)
    host.goto(f"/studio/sessions/{room.id}/console")
    expect(host.locator("[data-viewers]")).not_to_have_text("–")
    say(guest, "头一句")
    say(other, "别人的话")
    row = host.get_by_role("listitem").filter(has_text="头一句")

    row.get_by_role("button", name="撤掉").click()

    expect(row).to_have_count(0)
    expect(chat_of(other).filter(has_text="头一句")).to_have_count(0)
    expect(chat_of(other).filter(has_text="别人的话")).to_have_count(1)
    say(guest, "再来一句")
    host.get_by_role("listitem").filter(has_text="再来一句").get_by_role(
        "button", name="禁言"
    ).click()
    expect(chat_of(other).filter(has_text="再来一句")).to_have_count(0)
    say(guest, "还想说")
    expect(guest.get_by_role("alert")).to_contain_text("先歇一歇")
    host.get_by_label("回观众一句").fill("大家慢慢说，都看得见。")
    host.get_by_role("button", name="发送").click()
    expect(chat_of(other).filter(has_text="大家慢慢说")).to_contain_text("主播")


def test_without_the_media_server_the_page_asks_the_house(
    new_visitor: NewVisitor,
    live_server: LiveHouse,
    arrange: Arrange,
    room: Room,
    goods: Goods,
    charlie: Person,
    alice: Person,
) -> None:
    visitor = new_visitor()
    guest = enter(visitor, room)
    live_server.kill("media")

    with arrange():
        place_order(alice, goods, quantity=90)

    pinned = guest.get_by_role("article")
    expect(pinned).to_contain_text("只剩 10 箱", timeout=3 * PATIENCE_MS)
    live_server.start_media()
    with arrange():
        place_order(alice, goods, quantity=3)
    expect(pinned).to_contain_text("只剩 7 箱", timeout=2 * PATIENCE_MS)
    visitor.faults.clear()  # the browser's own words for a server that is away


def test_the_countdown_goes_by_the_houses_clock(
    new_visitor: NewVisitor,
    planned: Room,
) -> None:
    address = f"/live/{planned.slug}"
    visitor = new_visitor()
    visitor.page.clock.install(time=now() + timedelta(hours=1))
    visitor.page.goto(address)
    line = visitor.page.get_by_text("离开播还有")
    expect(line).to_contain_text(re.compile(r"00:(?:30|29):\d\d"))
    elder = new_visitor()
    elder.choose(size="large")
    elder.page.goto(address)
    expect(elder.page.get_by_text("先看看清单")).to_be_visible()
    expect(elder.page.get_by_text("离开播还有")).to_be_hidden()


def test_waiting_ends_when_the_session_begins(
    new_visitor: NewVisitor,
    member: Person,
    planned: Room,
) -> None:
    guest, elderly = new_visitor().page, new_visitor()
    elderly.choose(size="large")
    elder = elderly.page
    for page in (guest, elder):
        with page.expect_response(re.compile("/events")):
            page.goto(f"/live/{planned.slug}")
    host = log_in(new_visitor().page, member)
    host.goto(f"/studio/sessions/{planned.id}/console")
    rehearsal = host.get_by_text("还没开播，观众看不到")
    expect(rehearsal).to_be_visible()

    host.get_by_role("button", name="开播").click()

    expect(host.get_by_role("button", name="结束直播")).to_be_visible()
    expect(rehearsal).to_have_count(0)
    expect(guest.get_by_label("问问主播")).to_be_visible()
    elder.get_by_role("link", name="开播了，点这里看").click()
    expect(elder.get_by_label("问问主播")).to_be_visible()


def test_in_large_type_nothing_lies_over_the_offer(
    new_visitor: NewVisitor, room: Room
) -> None:
    visitor = new_visitor()
    visitor.choose(size="large")
    visitor.page.set_viewport_size({"width": 360, "height": 640})
    elder = enter(visitor, room)
    say(elder, "薯粉不粉？")
    expect(chat_of(elder)).to_have_count(1)
    expect(elder.get_by_role("button", name="看新消息")).to_be_hidden()
    elder.get_by_role("button", name="马上买 蜜薯").click()
    expect(elder.get_by_text("放进小黄车了")).to_be_visible()

    tools = elder.locator("[data-tools]")
    tools.evaluate("tools => { tools.hidden = false; }")

    places = [tools, *(elder.locator(part) for part in (".pin", ".strip", ".dock"))]
    for above, below in pairwise(edges(place) for place in places):
        assert above[1] <= below[0]
    assert edges(places[-1])[1] <= edges(elder.locator(".stage"))[1]


def edges(part: Locator) -> tuple[float, float]:
    """Where a part of the page begins and ends, from top to bottom."""
    box = part.evaluate("part => part.getBoundingClientRect().toJSON()")
    return box["top"], box["bottom"]


def test_in_large_type_nothing_moves_by_itself(
    new_visitor: NewVisitor, room: Room
) -> None:
    visitor = new_visitor()
    visitor.choose(size="large")
    elder, other = enter(visitor, room), enter(new_visitor(), room)
    for page in (elder, other):
        page.evaluate(COUNT_HEARTS)
    other.get_by_role("button", name="点个赞").click()
    for turn in range(6):
        say(
            other, f"第 {turn} 句，说得长一些，好让聊天记录自己往下走，一行放不下才好。"
        )
        expect(other.get_by_label("问问主播")).to_have_value("")
        other.wait_for_timeout(1800)

    expect(chat_of(elder)).to_have_count(6)
    expect(elder.locator("[data-likes]")).to_have_text("1")
    assert [page.evaluate("window.hearts") for page in (elder, other)] == [0, 1]
    assert elder.evaluate("document.querySelector('[data-log]').scrollTop") == 0
    expect(elder.get_by_role("button", name="看新消息")).to_be_visible()
