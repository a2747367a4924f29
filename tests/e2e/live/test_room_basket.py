"""Buying in a room: every tap is answered where it was made, and honestly."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.live.rooms import Arrange, NewVisitor, Room, open_room
from tests.support.browser import Visitor
from tests.support.factories import Goods, Person, Place, make_goods, place_order
from tests.support.house import House


@pytest.fixture(scope="module")
def house_kind() -> type[House]:
    """Nothing of a room moves in these tests."""
    return House


@pytest.fixture
def room(
    arrange: Arrange, place: Place, alice: Person, member: Person, goods: Goods
) -> Room:
    """A running session of six products that shows the sweet potatoes."""
    with arrange():
        others = [
            make_goods(place, alice, name=f"苗山大姜 {turn} 号", stock=46)
            for turn in range(5)
        ]
        return open_room(place, member, goods, *others)


def enter(visitor: Visitor, room: Room) -> Page:
    """Open the room's page; no news can arrive."""
    visitor.page.goto(f"/live/{room.slug}")
    return visitor.page


def strip_of(page: Page) -> Locator:
    """What the cart holds, or why it does not."""
    return page.locator("[data-strip]")


def buy(page: Page, product: str) -> Locator:
    """Tap the button beside a product of the line-up."""
    button = page.get_by_role("region", name="本场清单").get_by_role(
        "button", name=f"买 {product}"
    )
    button.click()
    return button


def test_a_tap_in_the_line_up_is_answered_on_the_screen(
    new_visitor: NewVisitor, room: Room
) -> None:
    guest = enter(new_visitor(), room)

    button = buy(guest, "苗山大姜 4 号")

    expect(button).to_contain_text("已放 1 箱")
    expect(strip_of(guest)).to_be_in_viewport(ratio=1)
    expect(strip_of(guest)).to_contain_text("苗山大姜 4 号 放进小黄车了")
    button.click()
    expect(button).to_contain_text("已放 2 箱")
    expect(button).to_have_text(re.compile(r"^\s*买\s+苗山大姜 4 号\s*$"))
    guest.evaluate("window.scrollTo(0, 0)")
    expect(strip_of(guest)).to_be_in_viewport(ratio=1)
    expect(guest.locator("html")).not_to_have_class(re.compile("afloat"))
    it_stands_above_the_dock(guest)


def it_stands_above_the_dock(page: Page) -> None:
    """The strip is part of the picture again, and covers nothing of it."""
    strip, dock = strip_of(page).bounding_box(), page.locator(".dock").bounding_box()
    assert strip is not None
    assert dock is not None
    assert strip["y"] + strip["height"] <= dock["y"]


def test_the_strip_at_the_foot_covers_no_button(
    new_visitor: NewVisitor, room: Room
) -> None:
    guest = enter(new_visitor(), room)
    buy(guest, "苗山大姜 4 号")
    expect(guest.locator("html")).to_have_class(re.compile("afloat"))

    guest.get_by_role("button", name="发送").last.click(trial=True)
    guest.evaluate("window.scrollTo(0, document.body.scrollHeight)")

    guest.get_by_text("这场直播", exact=True).click(trial=True)
    strip_of(guest).get_by_role("link", name="去结算").click()
    expect(guest.get_by_role("heading", level=1)).to_have_text("结算")


def test_in_large_type_the_strip_comes_into_sight(
    new_visitor: NewVisitor, room: Room
) -> None:
    visitor = new_visitor()
    visitor.choose(size="large")
    visitor.page.set_viewport_size({"width": 320, "height": 640})
    elder = enter(visitor, room)

    elder.get_by_role("button", name="马上买 蜜薯").click()

    expect(strip_of(elder)).to_contain_text("放进小黄车了")
    expect(strip_of(elder)).to_be_in_viewport(ratio=1)
    it_stands_above_the_dock(elder)


def test_a_refusal_looks_like_one_until_the_next_success(
    new_visitor: NewVisitor, arrange: Arrange, room: Room, goods: Goods, alice: Person
) -> None:
    guest = enter(new_visitor(), room)
    buy(guest, "苗山大姜 0 号")
    expect(strip_of(guest).get_by_role("link", name="去结算")).to_be_visible()
    with arrange():
        place_order(alice, goods, quantity=100)

    button = buy(guest, "蜜薯")

    expect(strip_of(guest)).to_have_class(re.compile("refused"))
    expect(strip_of(guest)).not_to_contain_text("¥")
    expect(strip_of(guest).get_by_role("link")).to_have_count(0)
    expect(button).not_to_contain_text("已放")
    buy(guest, "苗山大姜 0 号")
    expect(strip_of(guest)).not_to_have_class(re.compile("refused"))
    expect(strip_of(guest)).to_contain_text("¥")
    expect(strip_of(guest).get_by_role("link", name="去结算")).to_be_visible()


def test_without_a_line_nothing_is_said_to_be_in_the_cart(
    new_visitor: NewVisitor, room: Room
) -> None:
    visitor = new_visitor()
    guest = enter(visitor, room)
    visitor.context.set_offline(True)

    buy(guest, "苗山大姜 0 号")

    expect(strip_of(guest)).to_have_class(re.compile("refused"))
    expect(strip_of(guest)).to_contain_text("没放进去")
    visitor.faults.clear()  # the browser's own words for a line that is down


def test_buying_clears_what_the_chat_complained_of(
    new_visitor: NewVisitor, room: Room
) -> None:
    guest = enter(new_visitor(), room)
    guest.get_by_label("问问主播").fill("看 www.example.com 吧")
    guest.get_by_role("button", name="发送").first.click()
    expect(guest.get_by_role("alert")).to_contain_text("网址")

    guest.get_by_role("button", name="马上买 蜜薯").click()

    expect(strip_of(guest)).to_contain_text("放进小黄车了")
    expect(guest.get_by_role("alert")).to_have_count(0)
