from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.sandbox.shop import Shop, order


def test_the_page_says_test_and_shows_the_order(shop: Shop) -> None:
    page = requests.get(shop.session(11_280).url, timeout=5)

    assert page.status_code == 200
    for text in ("测试 TEST MODE", "测试商户", "蜜薯 5 斤", "¥112.80", "取消"):
        assert text in page.text
    for method in ("card", "alipay", "wechat_pay"):
        assert f'value="{method}"' in page.text


def test_the_page_runs_no_code_and_may_return_to_the_shop(shop: Shop) -> None:
    page = requests.get(shop.session().url, timeout=5)

    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'none'" in policy
    assert "form-action 'self' http://shop.test;" in policy
    assert "unsafe" not in policy
    assert "<script" not in page.text
    assert "style=" not in page.text


def test_the_style_sheet_is_served(shop: Shop) -> None:
    sheet = requests.get(f"{shop.sandbox.base_url}/assets/pay.css", timeout=5)

    assert sheet.headers["Content-Type"].startswith("text/css")


def test_html_in_names_stays_text(shop: Shop) -> None:
    lines: Any = order()["line_items"]
    lines[0]["price_data"]["product_data"]["name"] = "<script>alert(1)</script>"

    page = requests.get(shop.session(line_items=lines).url, timeout=5)

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize("method", ["card", "alipay", "wechat_pay"])
def test_paying_leads_back_to_the_shop(shop: Shop, method: str) -> None:
    session = shop.session()

    landed = shop.click(session.url, method=method)

    assert landed == f"http://shop.test/orders/1?session={session.id}"
    assert shop.api.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_failing_leads_back_to_the_page(shop: Shop) -> None:
    session = shop.session()

    landed = shop.click(session.url, outcome="decline")

    page = requests.get(shop.sandbox.base_url + landed, timeout=5)
    assert "付款没有成功" in page.text
    assert shop.api.checkout.sessions.retrieve(session.id).status == "open"
    assert shop.click(session.url).startswith("http://shop.test/orders/1")


def test_a_second_click_charges_nothing(shop: Shop) -> None:
    session = shop.session()

    first, second = shop.click(session.url), shop.click(session.url)

    assert first == second
    assert len(shop.api.balance_transactions.list().data) == 1


def test_failing_after_paying_changes_nothing(shop: Shop) -> None:
    session = shop.session()
    paid = shop.click(session.url)

    assert shop.click(session.url, outcome="decline") == paid
    assert shop.api.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_many_clicks_at_once_charge_once(shop: Shop) -> None:
    session = shop.session()

    with ThreadPoolExecutor(8) as pool:
        landed = set(pool.map(lambda _: shop.click(session.url), range(16)))

    assert landed == {f"http://shop.test/orders/1?session={session.id}"}
    assert len(shop.api.balance_transactions.list().data) == 1


def test_a_paid_page_says_so(shop: Shop) -> None:
    session = shop.session()
    shop.click(session.url)

    page = requests.get(session.url, timeout=5)

    assert "已付款" in page.text
    assert "<form" not in page.text


def test_an_expired_page_says_so_and_takes_no_money(shop: Shop) -> None:
    session = shop.session()
    shop.sandbox.controls.advance_clock(86_400)

    landed = shop.click(session.url)

    page = requests.get(shop.sandbox.base_url + landed, timeout=5)
    assert "已经失效" in page.text
    assert "<form" not in page.text
    assert shop.api.balance_transactions.list().data == []


def test_a_method_that_was_not_offered_is_not_taken(shop: Shop) -> None:
    session = shop.session(payment_method_types=["card"], payment_method_options={})

    shop.click(session.url, method="alipay")

    assert shop.api.checkout.sessions.retrieve(session.id).status == "open"


@pytest.mark.parametrize("path", ["/c/pay/cs_test_none", "/c/authorize/pi_none"])
def test_an_unknown_page_is_missing(shop: Shop, path: str) -> None:
    page = requests.get(shop.sandbox.base_url + path, timeout=5)

    assert page.status_code == 404
    assert "没有这个付款页" in page.text


def test_an_intent_that_asks_nobody_has_no_page(shop: Shop) -> None:
    intent = shop.api.payment_intents.create({"amount": 500, "currency": "cny"})

    page = requests.get(f"{shop.sandbox.base_url}/c/authorize/{intent.id}", timeout=5)

    assert page.status_code == 404
