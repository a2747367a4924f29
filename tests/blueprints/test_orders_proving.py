"""An unusual order asks its guest for a code; nothing typed is lost by it."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from domain.texts import MOST_A_DAY, TextKind
from models.orders import Order
from services.rates import CODE_PER_PHONE_HERE
from tests.support.factories import Goods
from tests.support.shopper import ADDRESS, check_out, how_many, messages, number_in, put

PHONE = ADDRESS["phone"]


def code_in(app: Flask) -> str:
    return str(re.findall(r"验证码 (\d{6})", "".join(messages(app, PHONE)))[-1])


@pytest.mark.parametrize("method", ["bank_transfer", "cash_on_delivery"])
def test_a_guest_types_the_code_and_the_order_is_placed(
    app: Flask, client: FlaskClient, goods: Goods, method: str
) -> None:
    put(client, goods, 6)
    asked = check_out(client, payment_method=method, request_id="request-prove-1")
    assert asked.status_code == 422
    assert 'name="code"' in asked.text
    assert 'value="解放路 112 号"' in asked.text
    assert how_many(app, Order) == 0

    wrong = check_out(client, payment_method=method, code="000000")
    assert (wrong.status_code, "验证码不对" in wrong.text) == (422, True)
    assert 'name="code"' in wrong.text
    number_in(check_out(client, payment_method=method, code=code_in(app)))

    put(client, goods, 6)
    number_in(check_out(client, payment_method=method))


def test_another_phone_or_browser_proves_itself(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    put(client, goods, 6)
    check_out(client)
    number_in(check_out(client, code=code_in(app)))
    put(client, goods, 6)
    assert check_out(client, phone="13805312027").status_code == 422
    other = app.test_client()
    put(other, goods, 6)
    assert check_out(other, code=code_in(app)).status_code == 422


def test_a_code_is_sent_again_and_not_without_end(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    """Also without anything typed: the page stays, with what was typed in it."""
    put(client, goods, 6)
    check_out(client)
    for _again in range(CODE_PER_PHONE_HERE.hits + 2):
        page = check_out(client, resend="1", code="nonsense")
        assert page.status_code == 422
        assert 'value="李敏"' in page.text
    assert "操作太频繁了" in page.text
    assert len(messages(app, PHONE)) == CODE_PER_PHONE_HERE.hits
    assert MOST_A_DAY[TextKind.CODE] >= CODE_PER_PHONE_HERE.hits


@pytest.mark.parametrize("code", ["１２３４５６", "\0", "9" * 13, "<b>"])
def test_no_code_breaks_the_page(client: FlaskClient, goods: Goods, code: str) -> None:
    put(client, goods, 6)
    check_out(client)
    assert check_out(client, code=code).status_code == 422


def test_the_page_says_how_long_boxes_are_kept(
    client: FlaskClient, goods: Goods
) -> None:
    put(client, goods)
    page = client.get("/checkout").text
    for words in ("货留 35 分钟", "48 小时内到账", "36 小时内接单"):
        assert words in page
    number = number_in(check_out(client))
    assert "前没接单，订单自动取消" in client.get(f"/orders/{number}").text


def test_too_much_is_refused_at_the_checkout(client: FlaskClient, goods: Goods) -> None:
    put(client, goods, 31)
    page = check_out(client, payment_method="stripe")
    assert page.status_code == 422
    assert "最多留 30 箱" in page.text
    assert 'value="李敏"' in page.text


def test_who_may_not_open_an_order_learns_the_way_and_nothing_else(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    put(client, goods)
    number = number_in(check_out(client))
    stranger = app.test_client()
    theirs = stranger.get(f"/orders/{number}")
    none = stranger.get("/orders/TB-261124-0003VX")
    assert (theirs.status_code, none.status_code) == (404, 404)
    assert "填短信里的订单号和下单的手机号" in theirs.text
    assert "登录看订单" in theirs.text
    numbers = f"{number}|TB-261124-0003VX"
    assert re.sub(numbers, "", theirs.text) == re.sub(numbers, "", none.text)
