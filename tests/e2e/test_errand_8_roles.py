"""Errand 8: a lead invites a member by phone, who accepts, works, and has to go."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tests.e2e.people import make_lead
from tests.e2e.steps import log_in, read_messages, until
from tests.support.browser import Visitor
from tests.support.factories import Person, Place, make_person

Arrange = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def leader(arrange: Arrange, place: Place) -> Person:
    with arrange():
        return make_lead(place, "郑秀英")


@pytest.fixture
def newcomer(arrange: Arrange) -> Person:
    with arrange():
        return make_person("王小田")


def test_an_invitation_is_accepted_and_a_role_ends(
    new_visitor: Callable[..., Visitor], leader: Person, newcomer: Person
) -> None:
    lead = log_in(new_visitor(width=1440).page, leader)
    invite(lead, newcomer)

    member = log_in(new_visitor().page, newcomer)
    read_messages(member, newcomer.phone)
    link = member.get_by_role("link", name="/register/mine")
    until(member, link)
    link.first.click()
    expect(member.get_by_role("heading", level=2)).to_contain_text("联盟成员（主播）")
    member.get_by_role("button", name="接受，上岗").click()
    member.goto("/studio/listings")
    expect(member.get_by_role("heading", level=1)).to_have_text("商品")

    end_role(lead, newcomer)
    member.goto("/studio/listings")
    expect(member.get_by_role("heading", level=1)).to_have_text("登录")


def invite(page: Page, person: Person) -> None:
    page.goto("/register/roles")
    page.get_by_role("link", name="邀请人担任岗位").click()
    page.get_by_label("姓名").fill(person.name)
    page.get_by_label("手机号").fill(person.phone)
    page.get_by_label("岗位").select_option("联盟成员（主播）")
    page.get_by_label("在哪里").select_option(index=0)
    page.get_by_role("button", name="发邀请").click()
    expect(page.get_by_text("等对方答复")).to_be_visible()


def end_role(page: Page, person: Person) -> None:
    page.goto("/register/roles")
    row = page.get_by_role("row").filter(has_text=person.name)
    row.get_by_role("link", name="结束").click()
    page.get_by_label("原因").fill("回县里上班了")
    page.get_by_role("button", name="结束这个岗位").click()
    expect(page.get_by_text("岗位结束了")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=person.name)).to_have_count(0)
