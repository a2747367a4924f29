"""Errand 3: a guest buys, pays, follows the parcel and takes it in."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.live import LiveEvent
from models.orders import Order, OrderLine
from tests.e2e.live.rooms import Room, open_room
from tests.e2e.steps import (
    choose,
    fill_address,
    log_in,
    number_of,
    order_says,
    pay,
    place_order,
    read_messages,
    submit_button,
    until,
)
from tests.support.browser import Visitor
from tests.support.factories import Goods, Person, Place

Arrange = Callable[[], AbstractContextManager[Session]]
PHONE = "13805312026"


@pytest.fixture
def room(arrange: Arrange, place: Place, member: Person, goods: Goods) -> Room:
    """The member is live and shows the sweet potatoes."""
    with arrange():
        return open_room(place, member, goods)


def packet(page: Page, queue: str, number: str) -> Page:
    """The shipping desk's card of an order; `page` for what stands around it."""
    page.goto("/studio/shipping")
    page.get_by_role("link", name=re.compile(f"^{queue}")).click()
    expect(page.get_by_role("listitem", name=number)).to_be_visible()
    return page


def press(page: Page, number: str, button: str) -> None:
    """Tap a button on an order's card, which leaves the queue."""
    card = page.get_by_role("listitem", name=number)
    card.get_by_role("button", name=button).click()
    expect(card).to_have_count(0)


def test_a_guest_buys_in_the_room_and_takes_the_parcel_in(
    new_visitor: Callable[..., Visitor],
    arrange: Arrange,
    room: Room,
    member: Person,
) -> None:
    guest = new_visitor().page
    guest.goto(f"/live/{room.slug}")
    guest.get_by_role("button", name="马上买 蜜薯").click()
    guest.get_by_role("status").get_by_role("link", name="去结算").click()
    the_checkout_explains_the_freight(guest)
    place_order(guest)
    pay(guest, "支付宝")
    number = number_of(guest)
    expect(guest.get_by_text(f"在《{room.title}》直播间买的")).to_be_visible()
    the_line_remembers(arrange, number, room)

    seller = log_in(new_visitor().page, member)
    press(packet(seller, "待打包", number), number, "打包好了")
    card = packet(seller, "待发货", number).get_by_role("listitem", name=number)
    card.get_by_label("快递公司").select_option("顺丰速运")
    card.get_by_label("快递单号").fill("SF 1420 0088 6661")
    press(seller, number, "发出去了")

    later = new_visitor().page
    read_messages(later, PHONE)
    until(later, later.get_by_text("已发货：顺丰速运 SF142000886661"))
    later.get_by_role("link", name=re.compile(number)).last.click()
    order_says(later, "在路上了")
    assert "token" not in later.url
    expect(later.get_by_text("SF142000886661")).to_be_visible()
    expect(later.get_by_text("李敏 · 13805312026")).to_be_visible()
    later.get_by_role("button", name="收到货了").click()
    order_says(later, "已经送到")


def the_checkout_explains_the_freight(page: Page) -> None:
    """Freight is said in words before, and in yuan after the province is chosen."""
    page.get_by_text("运费怎么算").click()
    expect(page.get_by_text("首 6 斤 ¥6.00，每多 2 斤 加 ¥1.00")).to_be_visible()
    expect(page.get_by_text("选省份后算出")).to_be_visible()
    fill_address(page)
    expect(submit_button(page)).to_have_text("提交订单 ¥35.90")
    page.get_by_label("省份").select_option("台湾省")
    expect(page.get_by_role("alert")).to_contain_text("台湾省")
    expect(page.get_by_label("详细地址")).to_have_value("解放路 112 号")


def the_line_remembers(arrange: Arrange, number: str, room: Room) -> None:
    """Session and pin stand in the order's line."""
    with arrange() as session:
        line = session.scalars(
            select(OrderLine).join(Order).where(Order.number == number)
        ).one()
        assert line.session_id == room.id
        assert line.pin_event_id is not None
        pin = session.get_one(LiveEvent, line.pin_event_id)
        assert (pin.session_id, pin.kind) == (room.id, "pin")


def test_a_card_is_declined_once_and_then_pays(
    new_visitor: Callable[..., Visitor], goods: Goods
) -> None:
    guest = new_visitor().page
    choose(guest, goods, 2)
    place_order(guest)
    guest.get_by_role("radio", name=re.compile("银行卡")).check()
    guest.get_by_role("button", name=re.compile("^让付款失败")).click()
    expect(guest.get_by_role("alert")).to_contain_text("没有扣钱")

    pay(guest, "银行卡")

    total = guest.get_by_role("region", name="买了什么")
    expect(total).to_contain_text("实付")
    expect(total).to_contain_text("67.8")


def test_who_turns_back_from_paying_finds_the_order_kept(
    new_visitor: Callable[..., Visitor], goods: Goods
) -> None:
    guest = new_visitor().page
    choose(guest, goods)
    place_order(guest)
    guest.get_by_role("link", name=re.compile("^取消")).click()

    order_says(guest, "等您付款")
    guest.get_by_role("button", name="去付款 ¥35.90").click()
    pay(guest, "微信支付")


def test_a_bank_transfer_is_confirmed_by_the_accountant(
    new_visitor: Callable[..., Visitor],
    goods: Goods,
    accountant: Person,
) -> None:
    guest = new_visitor().page
    choose(guest, goods)
    place_order(guest, "银行转账")
    order_says(guest, "等您转账")
    number = number_of(guest)
    way = guest.get_by_role("region", name="怎么转账")
    expect(way).to_contain_text("9000 0317")
    expect(way).to_contain_text(number)

    desk = log_in(new_visitor(width=1440).page, accountant)
    desk.goto("/coop/orders")
    desk.get_by_role("link", name="等转账到账").click()
    desk.get_by_role("link", name=number).click()
    arrived = desk.get_by_role("region", name="转账到账了吗")
    arrived.get_by_label("银行流水号").fill("2026112400317")
    desk.get_by_role("button", name="确认到账").click()
    expect(desk.get_by_text("已收到", exact=True)).to_be_visible()

    guest.reload()
    order_says(guest, "钱收到了，这就备货")


def test_cash_on_delivery_goes_from_the_door_to_the_bank(
    new_visitor: Callable[..., Visitor],
    goods: Goods,
    member: Person,
    accountant: Person,
) -> None:
    guest = new_visitor().page
    choose(guest, goods)
    place_order(guest, "货到付款")
    order_says(guest, "等合作社接单")
    number = number_of(guest)

    seller = log_in(new_visitor().page, member)
    press(packet(seller, "待接单", number), number, "接单")
    press(packet(seller, "待打包", number), number, "打包好了")
    card = packet(seller, "待发货", number).get_by_role("listitem", name=number)
    card.get_by_label("快递单号").fill("9860 1234 5678")
    press(seller, number, "发出去了")
    press(packet(seller, "在路上", number), number, "送到了")
    guest.reload()
    order_says(guest, "已经送到")

    desk = log_in(new_visitor(width=1440).page, accountant)
    desk.goto(f"/coop/orders/{number}")
    desk.get_by_label("流水号").fill("COD-1124")
    desk.get_by_label("手续费").fill("1.80")
    desk.get_by_role("button", name="记下交款").click()
    expect(desk.get_by_role("region", name="收款")).to_contain_text("COD-1124")
