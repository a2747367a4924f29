"""Errand 2: a member plans live sessions, and runs one in our own room."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

from playwright.sync_api import Locator, Page, expect
from sqlalchemy.orm import Session

from core.clock import today
from tests.e2e.people import make_member
from tests.e2e.steps import log_in
from tests.support.browser import Visitor
from tests.support.factories import Goods, Person, Place, make_goods, place_order

Arrange = Callable[[], AbstractContextManager[Session]]
DOUYIN = "https://live.douyin.com/812345"


def plan(page: Page, title: str, place: str, *goods: str) -> None:
    """Fill in the plan of a session for tomorrow at seven in the evening."""
    page.goto("/studio/sessions")
    page.get_by_role("link", name="排一场直播").first.click()
    page.get_by_label("标题").fill(title)
    page.get_by_label("日期").fill((today() + timedelta(days=1)).isoformat())
    page.get_by_label("时间").fill("19:00")
    for name in goods:
        page.get_by_role("checkbox", name=name).check()
    page.get_by_label("直播平台").select_option(place)


def save(page: Page) -> None:
    """Tap the button under the form."""
    page.get_by_role("button", name="保存", exact=True).click()


def pin_button(page: Page, words: str, product: str) -> Locator:
    """The button beside a product on the host's console."""
    return page.get_by_role("button", name=re.compile(f"^{words}.*{product}"))


def test_a_session_on_douyin_is_announced_with_link_and_code(
    new_visitor: Callable[..., Visitor], member: Person, goods: Goods
) -> None:
    host = log_in(new_visitor().page, member)
    plan(host, "蜜薯今晚见", "抖音", "蜜薯")
    host.get_by_label("直播间链接").fill("https://example.com/812345")

    save(host)

    expect(host.get_by_role("alert")).to_contain_text("douyin.com")
    expect(host.get_by_label("标题")).to_have_value("蜜薯今晚见")
    expect(host.get_by_role("checkbox", name="蜜薯")).to_be_checked()
    host.get_by_label("直播间链接").fill(DOUYIN)
    save(host)
    expect(host.get_by_role("heading", level=1)).to_have_text("蜜薯今晚见")

    guest = new_visitor().page
    guest.goto("/live")
    guest.get_by_role("link", name="蜜薯今晚见").click()
    way = guest.get_by_role("link", name="去抖音看")
    expect(way).to_have_attribute("href", DOUYIN)
    expect(way).to_have_attribute("rel", re.compile("noopener"))
    expect(guest.get_by_role("figure", name="扫码进直播间")).to_be_visible()
    expect(guest.get_by_text("19:00").first).to_be_visible()


def test_without_a_certificate_one_is_told_what_is_missing(
    new_visitor: Callable[..., Visitor], arrange: Arrange, place: Place, goods: Goods
) -> None:
    with arrange():
        novice = make_member(place, "王小田", certified=False)
    host = log_in(new_visitor().page, novice)
    plan(host, "头一回开播", "本站直播间", "蜜薯")

    save(host)

    expect(host.get_by_role("alert")).to_contain_text("还没有主播证")
    expect(host.get_by_role("alert")).to_contain_text("由组织员登记")
    expect(host.get_by_label("标题")).to_have_value("头一回开播")


def test_the_room_shows_what_is_pinned_and_the_true_stock(
    new_visitor: Callable[..., Visitor],
    arrange: Arrange,
    place: Place,
    alice: Person,
    goods: Goods,
    member: Person,
    charlie: Person,
) -> None:
    with arrange():
        make_goods(place, alice, name="苗山大姜", price_fen=3_290, stock=46)
    host = log_in(new_visitor().page, member)
    plan(host, "苗山的地里有宝", "本站直播间", "蜜薯", "苗山大姜")
    save(host)
    host.get_by_role("button", name="开播").click()
    pin_button(host, "讲这个", "蜜薯").click()
    expect(pin_button(host, "讲完了", "蜜薯")).to_be_visible()
    expect(host.get_by_text("直播安排好了")).to_have_count(0)

    for guest in (new_visitor().page, new_visitor(scripted=False).page):
        the_room_offers(guest, "蜜薯", "余 100 箱", "¥29.9")

    with arrange():
        place_order(alice, goods, quantity=88)
    the_room_offers(guest, "蜜薯", "只剩 12 箱", "¥29.9")
    guest.get_by_role("button", name="马上买 蜜薯").click()
    expect(guest.get_by_role("heading", level=1)).to_have_text("结算")

    pin_button(host, "讲完了", "蜜薯").click()
    expect(pin_button(host, "讲这个", "蜜薯")).to_be_visible()
    the_room_offers_nothing(guest)
    pin_button(host, "讲这个", "苗山大姜").click()
    expect(pin_button(host, "讲完了", "苗山大姜")).to_be_visible()
    the_room_offers(guest, "苗山大姜", "余 46 箱", "¥32.9")
    the_timeline_tells(guest, "讲解 苗山大姜", "讲完 蜜薯", "讲解 蜜薯", "开播")

    host.get_by_role("button", name="结束直播").click()
    host.get_by_role("button", name="确定结束").click()
    expect(host.get_by_role("status").first).to_contain_text("直播结束了")
    guest.reload()
    expect(guest.get_by_text("这场播完了")).to_be_visible()
    the_room_has_closed(guest)


def enter_the_room(page: Page) -> None:
    """Come from the list of sessions, as anyone would."""
    page.goto("/live")
    page.get_by_role("link", name="苗山的地里有宝").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("苗山的地里有宝")


def the_room_offers(page: Page, product: str, stock: str, price: str) -> None:
    """The pinned product stands above the line-up, with what the shop has of it."""
    enter_the_room(page)
    pinned = page.get_by_role("article")
    expect(pinned.get_by_role("heading")).to_have_text(product)
    expect(pinned).to_contain_text("正在讲解")
    expect(pinned).to_contain_text(stock)
    expect(pinned).to_contain_text(price)
    listed = page.get_by_role("region", name="本场清单").get_by_role("listitem")
    expect(listed).to_have_count(2)
    expect(listed.filter(has_text=product)).to_contain_text(stock)


def the_room_offers_nothing(page: Page) -> None:
    """Nothing is pinned, and everything of the line-up can be bought."""
    enter_the_room(page)
    expect(page.get_by_role("article")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("^买"))).to_have_count(2)


def the_room_has_closed(page: Page) -> None:
    """After the end nothing is pinned any more, the line-up is still there."""
    expect(page.get_by_role("article")).to_have_count(0)
    expect(page.get_by_role("button", name="买 苗山大姜")).to_be_visible()


def the_timeline_tells(page: Page, *moments: str) -> None:
    """The room's events, the latest first, folded away under the talk."""
    page.get_by_text("这场直播").click()
    told = page.get_by_role("list", name="时间线").get_by_role("listitem")
    expect(told).to_contain_text(list(moments))
