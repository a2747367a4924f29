"""Errand 6: a trainer writes down what a member learnt; a certificate lets one host."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy.orm import Session

from core.clock import today
from tests.e2e.people import make_member
from tests.e2e.steps import log_in
from tests.support.browser import Visitor
from tests.support.factories import Goods, Person, Place

Arrange = Callable[[], AbstractContextManager[Session]]
RECORDS = (
    ("帮带", "跟着周晓雯播三场", "创新创业"),
    ("业务培训", "直播间里怎么说话", "理论"),
    ("一线锻炼", "在五色崖村分拣姜", "服务群众"),
)


@pytest.fixture
def novice(arrange: Arrange, place: Place) -> Person:
    """A member who has learnt nothing yet, on paper."""
    with arrange():
        return make_member(place, "王小田", certified=False)


def test_a_certificate_unlocks_hosting(
    new_visitor: Callable[..., Visitor],
    novice: Person,
    member: Person,
    trainer: Person,
    goods: Goods,
) -> None:
    learner = log_in(new_visitor().page, novice)
    learner.goto("/training")
    expect(learner.get_by_text("这里还没有记录")).to_be_visible()
    expect(learner.get_by_text("还没有证书")).to_be_visible()
    try_to_plan(learner)
    expect(learner.get_by_role("alert")).to_contain_text("还没有主播证")

    teacher = log_in(new_visitor(width=1440).page, trainer)
    for kind, what, ability in RECORDS:
        enter(teacher, novice, kind, what, ability, mentor=member)
    give_certificate(teacher, novice)

    learner.goto("/training")
    for kind, what, _ability in RECORDS:
        record = learner.get_by_role("listitem").filter(has_text=what)
        expect(record).to_contain_text(kind)
    expect(learner.get_by_text("周晓雯 带")).to_be_visible()
    proof = learner.get_by_role("region", name="证书")
    expect(proof).to_contain_text("主播证")
    expect(proof).to_contain_text("有效，还有 365 天")
    anyone_may_verify(new_visitor().page, proof.get_by_role("link"))

    try_to_plan(learner)
    expect(learner.get_by_role("status").first).to_contain_text("直播安排好了")
    learner.get_by_role("button", name="开播").click()
    expect(learner.get_by_role("button", name="结束直播")).to_be_visible()


def test_a_mistake_in_the_record_loses_nothing(
    new_visitor: Callable[..., Visitor], novice: Person, trainer: Person
) -> None:
    teacher = log_in(new_visitor(width=1440).page, trainer)
    teacher.goto("/training/records/new")
    teacher.get_by_label("给谁登记").select_option(label=novice_choice(teacher, novice))
    teacher.get_by_role("radio", name=re.compile("^帮带")).check()
    teacher.get_by_label("内容").fill("跟着学播")
    teacher.get_by_label("开始日期").fill(today().isoformat())
    teacher.get_by_label("课时").fill("６")
    teacher.get_by_role("checkbox", name="理论").check()

    teacher.get_by_role("button", name="登记", exact=True).click()

    expect(teacher.get_by_role("alert")).to_contain_text("帮带要写明谁来带")
    expect(teacher.get_by_label("内容")).to_have_value("跟着学播")
    expect(teacher.get_by_label("课时")).to_have_value("６")
    expect(teacher.get_by_role("checkbox", name="理论")).to_be_checked()
    expect(teacher.get_by_role("radio", name=re.compile("^帮带"))).to_be_checked()


def enter(
    page: Page, who: Person, kind: str, what: str, ability: str, *, mentor: Person
) -> None:
    """One record, from the trainer's list."""
    page.goto("/training/records")
    page.get_by_role("link", name="登记培训").first.click()
    page.get_by_label("给谁登记").select_option(label=novice_choice(page, who))
    page.get_by_role("radio", name=re.compile(f"^{kind}")).check()
    page.get_by_label("内容").fill(what)
    page.get_by_label("开始日期").fill((today() - timedelta(days=9)).isoformat())
    page.get_by_label("课时").fill("6")
    page.get_by_role("checkbox", name=ability).check()
    if kind == "帮带":
        page.get_by_label("谁来带", exact=True).select_option(label=mentor.name)
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(what)


def novice_choice(page: Page, who: Person) -> str:
    """How the list of members names a person."""
    choice = page.get_by_label("给谁登记").locator("option", has_text=who.name)
    return choice.text_content() or ""


def give_certificate(page: Page, who: Person) -> None:
    """The host's certificate, valid from today."""
    page.goto("/training/records")
    page.get_by_role("link", name="登记证书").first.click()
    page.get_by_label("发给谁").select_option(
        label=page.get_by_label("发给谁")
        .locator("option", has_text=who.name)
        .text_content()
    )
    page.get_by_role("radio", name=re.compile("^主播证")).check()
    page.get_by_label("证书编号").fill("lw-2026-0912")
    page.get_by_label("发证单位").fill("区人社局")
    page.get_by_label("从哪天起有效").fill(today().isoformat())
    last = today() + timedelta(days=365)
    page.get_by_label("到哪天为止").fill(last.isoformat())
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text("LW-2026-0912").first).to_be_visible()


def try_to_plan(page: Page) -> None:
    """Plan a session in our own room, to be hosted by oneself, today."""
    page.goto("/studio/sessions/new")
    page.get_by_label("标题").fill("头一回开播")
    page.get_by_label("日期").fill(today().isoformat())
    page.get_by_label("时间").fill("23:59")
    page.get_by_role("checkbox", name="蜜薯").check()
    page.get_by_role("button", name="保存", exact=True).click()


def anyone_may_verify(page: Page, link: Locator) -> None:
    """Who scans the certificate sees that it is valid, and not the whole name."""
    page.goto(str(link.get_attribute("href")))
    expect(page.get_by_role("heading", level=1)).to_have_text("证书核验")
    expect(page.get_by_text("有效，还有 365 天")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^王[＊*]{2}$"))).to_be_visible()
