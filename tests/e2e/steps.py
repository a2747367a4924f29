"""What people do again and again, in the words that stand on the pages."""

import re
import time

from playwright.sync_api import Locator, Page, expect

from tests.support.factories import PASSWORD, Goods, Person

WORKER_PATIENCE_S = 30
ADDRESS = {
    "收货人": "李敏",
    "手机号": "138 0531 2026",
    "城市": "济南市",
    "区县": "历下区",
    "详细地址": "解放路 112 号",
}


def log_in(page: Page, person: Person) -> Page:
    """Log in with phone and password."""
    page.goto("/account/login")
    page.get_by_label("手机号").fill(person.phone)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", name=person.name)).to_be_visible()
    return page


def is_drawn(image: Locator) -> bool:
    """Whether the browser got the picture and could read it."""
    return bool(image.evaluate("img => img.decode().then(() => true, () => false)"))


def choose(page: Page, goods: Goods, quantity: int = 1) -> None:
    """Put boxes into the cart from the product's page, and go to the checkout."""
    page.goto(f"/products/{goods.slug}")
    page.get_by_role("textbox", name="数量").fill(str(quantity))
    page.get_by_role("button", name="立即购买").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("结算")


def fill_address(page: Page, *, scripted: bool = True) -> None:
    """Say where to send it; the sum with freight appears by itself, or by a button."""
    for label, text in ADDRESS.items():
        page.get_by_label(label).fill(text)
    page.get_by_label("省份").select_option("山东省")
    if not scripted:
        page.get_by_role("button", name="算运费，看合计").click()
    expect(submit_button(page)).to_be_visible()


def submit_button(page: Page) -> Locator:
    """The one orange button, with the sum on it."""
    return page.get_by_role("button", name=re.compile("^提交订单"))


def place_order(page: Page, method: str = "网上付款", *, scripted: bool = True) -> None:
    """Fill in the one page of the checkout and send it."""
    fill_address(page, scripted=scripted)
    page.get_by_role("radio", name=re.compile(f"^{method}")).check()
    submit_button(page).click()


def pay(page: Page, method: str = "支付宝") -> None:
    """Pay on the provider's own page, and come back to the order."""
    expect(page.get_by_text("测试 TEST MODE")).to_be_visible()
    page.get_by_role("radio", name=re.compile(method)).check()
    page.get_by_role("button", name=re.compile("^付款")).click()
    order_says(page, "钱收到了，这就备货")


def order_says(page: Page, words: str) -> None:
    """The order's page is open, and says first where the order stands."""
    page.wait_for_url(re.compile(r"/orders/TB-"))
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def number_of(page: Page) -> str:
    """The number of the order whose page is open."""
    found = re.search(r"/orders/(TB-[0-9A-Z-]+)$", page.url)
    assert found, page.url
    return found[1]


def until(page: Page, wanted: Locator) -> Locator:
    """Look again until the page has `wanted`: workers need a moment."""
    deadline = time.monotonic() + WORKER_PATIENCE_S
    while not wanted.count() and time.monotonic() < deadline:
        page.wait_for_timeout(200)
        page.reload()
    expect(wanted.first).to_be_visible()
    return wanted.first


def read_messages(page: Page, phone: str) -> None:
    """Open the demo's inbox of one phone."""
    page.goto("/demo/messages")
    page.get_by_label("只看这个手机号").fill(phone)
    page.get_by_role("button", name="查看").click()


def demo_log_in(page: Page, role: str) -> Page:
    """Tap a demo person on the login page."""
    page.goto("/account/login")
    page.get_by_role("button", name=re.compile(f"^{re.escape(role)} ")).click()
    page.wait_for_url(lambda url: "/account/login" not in url)
    return page
