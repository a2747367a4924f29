"""Errand 4: what an order's money became, entry by entry, on the accountant's page."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tests.e2e.steps import (
    choose,
    log_in,
    number_of,
    order_says,
    pay,
    place_order,
    until,
)
from tests.support.browser import Visitor
from tests.support.factories import Person, Place
from tests.support.golden import FEE_FEN, make_golden
from tests.support.house import House

Arrange = Callable[[], AbstractContextManager[Session]]
Entries = list[tuple[str, dict[str, str]]]

SOLD: Entries = [
    ("买家付款", {"支付平台待结款": "112.80", "订单待送达款": "−112.80"}),
    ("支付手续费", {"支付手续费": "6.19", "支付平台待结款": "−6.19"}),
    ("手续费由谁承担", {"应付平台": "6.19", "手续费已由各方承担": "−6.19"}),
    ("款项可以提取", {"支付平台可提款": "106.61", "支付平台待结款": "−106.61"}),
    (
        "送达分账",
        {
            "订单待送达款": "112.80",
            "应付联盟": "−8.06",
            "应付平台": "−2.02",
            "应付村集体": "−5.04",
            "合作社公积": "−5.04",
            "应付农户 刘家": "−32.26",
            "应付农户 陈家": "−28.22",
            "应付农户 孙家": "−20.16",
            "应付运费": "−12.00",
        },
    ),
]
REFUNDED: Entries = [
    (
        "退款",
        {
            "应付联盟": "2.02",
            "应付平台": "0.51",
            "应付村集体": "1.26",
            "合作社公积": "1.26",
            "应付农户 刘家": "8.06",
            "应付农户 陈家": "7.05",
            "应付农户 孙家": "5.04",
            "退款待付": "−25.20",
        },
    ),
]
SETTLED: Entries = [
    ("退款到账", {"退款待付": "25.20", "支付平台可提款": "−25.20"}),
]


def test_the_golden_order_is_split_and_one_box_refunded_to_the_fen(
    new_visitor: Callable[..., Visitor],
    live_server: House,
    arrange: Arrange,
    place: Place,
    alice: Person,
    member: Person,
    accountant: Person,
) -> None:
    live_server.sandbox.controls.set(
        fee_rate_bp=0, fee_fixed=FEE_FEN, available_delay_s=0, refund_delay_s=3600
    )
    with arrange():
        golden = make_golden(place, alice)
    buyer = new_visitor().page
    choose(buyer, golden.goods, 4)
    place_order(buyer)
    pay(buyer, "支付宝")
    number = number_of(buyer)
    send_the_parcel(log_in(new_visitor().page, member))
    buyer.reload()
    buyer.get_by_role("button", name="收到货了").click()
    order_says(buyer, "已经送到")
    the_buyer_sees_what_the_village_gets(buyer)

    desk = log_in(new_visitor(width=1440).page, accountant)
    desk.goto(f"/coop/orders/{number}")
    until(desk, desk.get_by_text("款项可以提取"))
    assert books_on(desk) == in_any_order(SOLD)

    ask_for_one_box_back(buyer)
    approve(desk)
    buyer.reload()
    refunds = buyer.get_by_role("region", name="退款", exact=True)
    until(buyer, refunds.get_by_text("银行正在退回"))
    desk.goto(f"/coop/orders/{number}")
    assert books_on(desk) == in_any_order(SOLD + REFUNDED)

    settle_refunds(live_server)
    until(buyer, refunds.get_by_text("钱已经退回"))
    expect(buyer.get_by_role("region", name="买了什么")).to_contain_text("−¥25.20")
    desk.goto(f"/coop/orders/{number}")
    assert books_on(desk) == in_any_order(SOLD + REFUNDED + SETTLED)


def send_the_parcel(page: Page) -> None:
    """Pack and ship the only order there is."""
    page.goto("/studio/shipping")
    page.get_by_role("link", name=re.compile("^待打包")).click()
    page.get_by_role("button", name="打包好了", exact=True).click()
    page.get_by_role("link", name=re.compile("^待发货")).click()
    page.get_by_label("快递单号").fill("YT 1124 0001")
    page.get_by_role("button", name="发出去了").click()
    expect(page.get_by_text("这一步都做完了")).to_be_visible()


def the_buyer_sees_what_the_village_gets(page: Page) -> None:
    """The order page says what families and village earned by it."""
    gains = page.get_by_role("region", name="这一单帮到")
    expect(gains).to_contain_text("农户 ¥80.64")
    expect(gains).to_contain_text("村集体 ¥5.04")


def ask_for_one_box_back(page: Page) -> None:
    """The buyer asks on the order's page."""
    page.get_by_text("申请退款", exact=True).click()
    page.get_by_label("退几箱").fill("1")
    page.get_by_label("哪里不好").fill("有一箱压坏了")
    page.get_by_role("button", name="提交退款申请").click()
    expect(page.get_by_role("region", name="退款", exact=True)).to_contain_text(
        "等合作社处理"
    )


def approve(page: Page) -> None:
    """The accountant reads what the buyer says, and agrees."""
    page.goto("/coop/refunds?tab=open")
    page.get_by_role("table", name="退款").get_by_role("link").click()
    expect(page.get_by_role("region", name="买家说")).to_contain_text("有一箱压坏了")
    page.get_by_role("radio", name=re.compile("^各方按份")).check()
    page.get_by_role("button", name="同意，退 ¥25.20").click()
    expect(page.get_by_role("status").first).to_contain_text("同意了")


def settle_refunds(house: House) -> None:
    """The wallet's provider has sent the money back."""
    for account in house.sandbox.world.accounts.values():
        for refund_id in list(account.objects["refund"]):
            house.sandbox.controls.settle_refund(refund_id)


def books_on(page: Page) -> Entries:
    """Kind, and yuan by account, of every entry on the page; credits are negative."""
    panel = page.get_by_role("region", name="账上怎么记的")
    expect(panel).to_be_visible()
    found: Entries = []
    for entry in panel.locator("details").all():
        sums = {
            account: debit or f"−{credit}"
            for account, _goods, debit, credit in entry.locator(
                "tbody tr"
            ).evaluate_all(ROWS)
        }
        kind = entry.locator("summary b").text_content() or ""
        found.append((kind, sums))
    return in_any_order(found)


def in_any_order(entries: Entries) -> Entries:
    """Entries compare by what they say, whichever was posted first."""
    return sorted(entries, key=str)


ROWS = "rows => rows.map(row => [...row.cells].map(cell => cell.textContent.trim()))"
