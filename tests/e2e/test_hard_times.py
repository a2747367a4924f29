"""Double taps, going back, closed browsers, dead processes: nothing lost or doubled."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.clock import now
from models.accounts import AccountSession
from models.catalogue import Variant
from models.orders import Order
from tests.e2e.steps import (
    choose,
    fill_address,
    log_in,
    number_of,
    order_says,
    pay,
    place_order,
    submit_button,
    until,
)
from tests.support.browser import Visitor
from tests.support.factories import PASSWORD, Goods, Person, Place, make_goods
from tests.support.house import House

Arrange = Callable[[], AbstractContextManager[Session]]
OPENING = "/v1/checkout/sessions"


@pytest.fixture
def house(live_server: House) -> Iterator[House]:
    """The house, put right again afterwards whatever a test did to it."""
    yield live_server
    live_server.sandbox.controls.clear_faults()
    live_server.sandbox.controls.release_webhooks()
    if "web" not in live_server.children:
        live_server.start_web()
    if "worker" not in live_server.children:
        live_server.start_worker()


def sessions_at_stripe(house: House) -> dict[str, str]:
    """Every payment page ever opened, and what became of it."""
    return {
        session_id: session["payment_status"]
        for account in house.sandbox.world.accounts.values()
        for session_id, session in account.objects["checkout.session"].items()
    }


def how_many_orders(arrange: Arrange) -> int:
    """Orders in the house."""
    with arrange() as session:
        return session.scalars(select(func.count()).select_from(Order)).one()


def boxes_left(arrange: Arrange, goods: Goods) -> int:
    """Boxes on the shelf."""
    with arrange() as session:
        query = select(Variant.stock).where(Variant.id == goods.variant_id)
        return session.scalars(query).one()


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no-script"])
def test_a_double_tap_makes_one_order_and_one_payment(
    new_visitor: Callable[..., Visitor],
    house: House,
    arrange: Arrange,
    goods: Goods,
    scripted: bool,
) -> None:
    orders, pages = how_many_orders(arrange), len(sessions_at_stripe(house))
    guest = new_visitor(scripted=scripted).page
    choose(guest, goods, 3)
    fill_address(guest, scripted=scripted)

    submit_button(guest).dblclick()

    expect(guest.get_by_text("测试 TEST MODE")).to_be_visible()
    assert how_many_orders(arrange) == orders + 1
    guest.get_by_role("link", name=re.compile("^取消")).click()
    order_says(guest, "等您付款")
    guest.get_by_role("button", name=re.compile("^去付款")).dblclick()
    expect(guest.get_by_text("测试 TEST MODE")).to_be_visible()
    guest.get_by_role("button", name=re.compile("^付款")).dblclick()
    order_says(guest, "钱收到了，这就备货")
    paid = list(sessions_at_stripe(house).values())[pages:]
    assert paid == ["paid"]
    assert boxes_left(arrange, goods) == 97


def test_back_after_paying_shows_that_it_is_done(
    new_visitor: Callable[..., Visitor], arrange: Arrange, goods: Goods
) -> None:
    guest = new_visitor().page
    choose(guest, goods)
    place_order(guest)
    pay(guest)
    number, orders = number_of(guest), how_many_orders(arrange)

    guest.go_back()
    expect(guest.get_by_text("已付款，不用再付。")).to_be_visible()
    guest.go_back()
    expect(guest.get_by_role("heading", level=1)).to_have_text("这单已经提交过")
    guest.get_by_role("link", name=number).click()

    order_says(guest, "钱收到了，这就备货")
    assert how_many_orders(arrange) == orders


def test_with_stripe_down_the_order_is_kept_and_paid_later(
    new_visitor: Callable[..., Visitor], house: House, goods: Goods
) -> None:
    house.sandbox.controls.add_fault(kind="drop", count=9, method="POST", path=OPENING)
    guest = new_visitor().page
    choose(guest, goods)
    place_order(guest)

    order_says(guest, "等您付款")
    expect(guest.get_by_role("status")).to_contain_text("一会儿就能付")
    expect(guest.get_by_text(re.compile("货给您留到"))).to_be_visible()

    house.sandbox.controls.clear_faults()
    guest.get_by_role("button", name="去付款 ¥35.90").click()
    pay(guest)


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no-script"])
def test_when_stripe_answers_again_the_page_goes_on_to_pay(
    new_visitor: Callable[..., Visitor], house: House, goods: Goods, scripted: bool
) -> None:
    house.sandbox.controls.add_fault(kind="drop", method="POST", path=OPENING)
    guest = new_visitor(scripted=scripted).page
    choose(guest, goods)
    place_order(guest, scripted=scripted)
    order_says(guest, "等您付款")

    pay(guest)


def test_when_stripes_answer_is_lost_one_payment_page_is_opened(
    new_visitor: Callable[..., Visitor], house: House, goods: Goods
) -> None:
    known = set(sessions_at_stripe(house))
    house.sandbox.controls.add_fault(
        kind="drop", when="after", count=1, method="POST", path=OPENING
    )
    guest = new_visitor().page
    choose(guest, goods)
    place_order(guest)

    pay(guest)

    assert len(set(sessions_at_stripe(house)) - known) == 1


def test_a_payment_is_heard_of_though_the_buyer_never_came_back(
    new_visitor: Callable[..., Visitor], house: House, goods: Goods
) -> None:
    guest = new_visitor().page
    choose(guest, goods)
    place_order(guest)
    session_id = guest.url.rsplit("/", 1)[1]
    guest.get_by_role("link", name=re.compile("^取消")).click()
    order_says(guest, "等您付款")

    house.kill("worker")
    house.sandbox.controls.pay_session(session_id, method="wechat_pay")
    assert house.sandbox.drain()
    guest.reload()
    order_says(guest, "等您付款")

    house.start_worker()
    until(guest, guest.locator("h1", has_text="钱收到了"))


def test_the_web_server_dies_while_the_buyer_pays(
    new_visitor: Callable[..., Visitor], house: House, goods: Goods
) -> None:
    visitor = new_visitor()
    guest = visitor.page
    choose(guest, goods)
    place_order(guest)
    expect(guest.get_by_text("测试 TEST MODE")).to_be_visible()

    house.kill("web")
    with guest.expect_event("requestfailed") as failed:
        guest.get_by_role("button", name=re.compile("^付款")).click()
    house.start_web()
    visitor.faults.clear()  # the browser's own page for an unreachable site
    guest.goto(failed.value.url)

    order_says(guest, "钱收到了，这就备货")


def test_the_last_box_goes_to_one_of_two(
    new_visitor: Callable[..., Visitor], arrange: Arrange, place: Place, alice: Person
) -> None:
    with arrange():
        last = make_goods(place, alice, name="最后一箱大葱", stock=1)
    first, second = new_visitor().page, new_visitor().page
    for guest in (first, second):
        choose(guest, last)
        fill_address(guest)

    submit_button(first).click()
    pay(first)
    submit_button(second).click()

    expect(second.get_by_role("heading", level=1)).to_have_text("卖完了")
    expect(second.locator("input[name=street]")).to_have_value("解放路 112 号")
    expect(submit_button(second)).to_have_count(0)
    assert boxes_left(arrange, last) == 0


def test_an_expired_login_leads_back_to_the_page(
    new_visitor: Callable[..., Visitor], arrange: Arrange, member: Person
) -> None:
    page = log_in(new_visitor().page, member)
    with arrange() as session:
        session.execute(
            update(AccountSession)
            .where(AccountSession.account_id == member.id)
            .values(expires_at=now())
        )

    page.goto("/studio/listings?state=draft")

    expect(page.get_by_role("status")).to_contain_text("请先登录")
    log_in_here(page, member)
    expect(page).to_have_url(re.compile(r"/studio/listings\?state=draft$"))


def test_a_form_sent_after_logging_out_elsewhere_is_not_lost(
    new_visitor: Callable[..., Visitor], member: Person
) -> None:
    visitor = new_visitor()
    page = log_in(visitor.page, member)
    page.goto("/studio/listings/new")
    page.get_by_label("商品名").fill("写了半天的介绍")
    page.get_by_label("介绍").fill("从挖到装箱，一句一句写的。")
    other = visitor.open_page()
    other.goto("/account/")
    other.get_by_role("button", name="退出登录").click()
    other.wait_for_url("**/")
    other.close()

    page.get_by_role("button", name="存草稿").click()

    expect(page.get_by_role("status").first).to_contain_text("刚才那一步还没办")
    log_in_here(page, member)
    expect(page.get_by_role("heading", level=1)).to_have_text("写一件商品")
    page.go_back()
    page.go_back()
    expect(page.get_by_label("商品名")).to_have_value("写了半天的介绍")
    expect(page.get_by_label("介绍")).to_have_value("从挖到装箱，一句一句写的。")


def log_in_here(page: Page, person: Person) -> None:
    """Log in on the page that asks for it."""
    page.get_by_label("手机号").fill(person.phone)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda url: "/account/login" not in url)
