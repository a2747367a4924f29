"""Errand 9: who keeps the books logs in on a phone and decides what waits first."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from playwright.sync_api import expect
from sqlalchemy.orm import Session

from domain.orders.states import PaymentMethod
from services.orders import offline, refunding
from services.orders.drafts import RefundDraft
from tests.e2e.steps import log_in
from tests.support.browser import Visitor
from tests.support.factories import Goods, Person, actor_of, place_order

Arrange = Callable[[], AbstractContextManager[Session]]
PHONE = 390


def test_the_accountant_lands_on_the_refund_and_opens_it(
    new_visitor: Callable[..., Visitor],
    arrange: Arrange,
    goods: Goods,
    alice: Person,
    charlie: Person,
    accountant: Person,
) -> None:
    with arrange():
        keeper = actor_of(alice)
        order = place_order(charlie, goods, method=PaymentMethod.BANK_TRANSFER)
        offline.confirm_transfer(keeper, order.order_id, "bank-1")
        draft = RefundDraft("refund-desk-1", [], 300, "多收了运费")
        refunding.request_refund(actor_of(charlie), order.order_id, draft)

    page = log_in(new_visitor(width=PHONE).page, accountant)
    expect(page).to_have_url("/desk")
    first = page.get_by_role("region", name="等您办的").get_by_role("listitem").first
    expect(first).to_contain_text("要决定的退款")
    expect(first).to_contain_text("多收了运费")
    expect(page.get_by_role("link", name="购物车")).to_have_count(0)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE

    first.get_by_role("link", name="去办这一件").click()
    expect(page.get_by_text("多收了运费").first).to_be_visible()
    page.goto("/desk")
    page.get_by_role("link", name="要决定的退款").click()
    expect(page.get_by_role("table", name="退款")).to_contain_text("多收了运费")
