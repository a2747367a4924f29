"""Errand 7: a phone is proven, its password forgotten and replaced by a code."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.steps import read_messages, until
from tests.support.browser import Visitor

PHONE = "13805317701"
OLD, NEW = "sweet potatoes", "ginger and yams"


def test_who_proves_a_phone_gets_in_and_comes_back_without_a_password(
    new_visitor: Callable[..., Visitor],
) -> None:
    at_home = new_visitor().page
    register(at_home)
    at_home.get_by_role("button", name="退出登录").click()
    log_in(at_home, OLD)

    elsewhere = new_visitor(width=1440).page
    set_new_password(elsewhere)
    expect(elsewhere.get_by_text("密码改好了，其他设备都已退出")).to_be_visible()

    at_home.goto("/account/")
    expect(at_home.get_by_role("heading", level=1)).to_have_text("登录")
    log_in(at_home, NEW)


def register(page: Page) -> None:
    """The phone first; name and password are asked for with the code."""
    page.goto("/account/register")
    expect(page.get_by_label("密码")).to_have_count(0)
    page.get_by_label("手机号").fill(PHONE)
    page.get_by_role("button", name="发验证码").click()
    expect(page.get_by_label("手机号")).to_have_value(PHONE)
    page.get_by_label("验证码").fill(texted(page, 1))
    page.get_by_label("怎么称呼您").fill("李敏")
    page.get_by_label("密码").fill(OLD)
    page.get_by_label("密码").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("李敏")


def log_in(page: Page, password: str) -> None:
    """With the phone and this password."""
    page.goto("/account/login")
    page.get_by_label("手机号").fill(PHONE)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("李敏")


def set_new_password(page: Page) -> None:
    """From the login page on, as somebody who has forgotten theirs."""
    page.goto("/account/login")
    page.get_by_role("link", name="忘了密码").click()
    page.get_by_label("手机号").fill(PHONE)
    page.get_by_label("手机号").press("Enter")
    expect(page.get_by_role("button", name="重新发验证码")).to_be_visible()
    page.get_by_label("验证码").fill(texted(page, 2))
    page.get_by_label("验证码").press("Enter")
    expect(page.get_by_label("现在的密码")).to_have_count(0)
    page.get_by_label(re.compile("^新密码")).fill(NEW)
    page.get_by_label("再输一次新密码").fill(NEW)
    page.get_by_role("button", name="改密码").click()


def texted(page: Page, count: int) -> str:
    """The code of the newest of `count` texts, read beside the page."""
    inbox = page.context.new_page()
    read_messages(inbox, PHONE)
    codes = inbox.get_by_text(re.compile(r"验证码 \d{6}"))
    until(inbox, codes.nth(count - 1))
    found = re.search(r"\d{6}", codes.first.inner_text())
    assert found
    inbox.close()
    return found[0]
