"""A buyer's order: who may open it, what it says, what the buyer may do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core import clock
from domain.orders.states import PaymentMethod
from models.cooperative import Farmer
from models.orders import Order, OrderAccess
from models.payments import Refund
from sandbox.server import SandboxServer
from services.orders import fulfilling, offline
from services.rates import LINK_PER_PHONE
from tests.support.factories import Goods, Person, actor_of
from tests.support.people import sign_in, writing
from tests.support.queries import count_queries
from tests.support.shopper import (
    buy,
    how_many,
    line_of,
    link_in,
    messages,
    order_by,
    sold,
)

PHONE = "13805312026"
STRANGE_NUMBERS = ["TB-261124-00000", "x", "³", "%00", "1" * 300, "<b>", "TB-1'--"]
TRANSFER = PaymentMethod.BANK_TRANSFER


def send(app: Flask, order_id: int, by: Person) -> None:
    """Packed and on its way."""
    with writing(app):
        fulfilling.pack(actor_of(by), order_id)
        fulfilling.ship(
            actor_of(by), order_id, carrier="中国邮政", tracking_number="98765"
        )


def paid_order(
    app: Flask, buyer: Person, goods: Goods, by: Person, boxes: int = 2
) -> Order:
    order = sold(app, buyer, goods, boxes, TRANSFER)
    with writing(app):
        offline.confirm_transfer(actor_of(by), order.id, "bank-1")
    return order


def test_the_link_opens_the_order_once_and_leaves_no_token_behind(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    number = buy(client, goods)
    other_phone = app.test_client()
    link = link_in(messages(app, PHONE)[0])

    answer = other_phone.get(link)

    assert (answer.status_code, answer.location) == (303, f"/orders/{number}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = other_phone.get(f"/orders/{number}")
    assert page.status_code == 200
    assert "token=" not in page.text
    assert PHONE in page.text
    assert other_phone.get(link).status_code == 303
    assert how_many(app, OrderAccess) == 2


@pytest.mark.parametrize("token", ["", "wrong", "³", "x" * 500, "%00", "<b>"])
def test_a_wrong_token_opens_nothing_and_leaves_no_cookie(
    app: Flask, client: FlaskClient, goods: Goods, token: str
) -> None:
    number = buy(client, goods)

    answer = app.test_client().get(f"/orders/{number}?token={token}")

    assert answer.status_code == 404
    assert "visitor=" not in answer.headers.get("Set-Cookie", "")
    assert "李敏" not in answer.text
    assert "把链接发到手机" in answer.text


def test_another_browser_and_another_account_find_nothing(
    app: Flask, client: FlaskClient, goods: Goods, bob: Person
) -> None:
    number = buy(client, goods)
    stranger = app.test_client()
    buy(stranger, goods, phone="13700009999")

    for browser in (app.test_client(), stranger, sign_in(app.test_client(), bob)):
        answer = browser.get(f"/orders/{number}")
        assert answer.status_code == 404
        assert "李敏" not in answer.text
        assert "把链接发到手机" in answer.text
        for act in ("cancel", "received", "refunds"):
            assert browser.post(f"/orders/{number}/{act}").status_code == 404
    assert order_by(app, number).state == "placed"


@pytest.mark.parametrize("number", STRANGE_NUMBERS)
def test_a_strange_number_is_not_found(client: FlaskClient, number: str) -> None:
    assert client.get(f"/orders/{number}").status_code == 404
    assert client.get(f"/orders/{number}?token=x").status_code == 404
    for act in ("cancel", "received", "refunds"):
        assert client.post(f"/orders/{number}/{act}").status_code == 404


def test_a_number_in_small_letters_is_understood(
    client: FlaskClient, goods: Goods
) -> None:
    number = buy(client, goods)

    assert client.get(f"/orders/{number.lower()}").status_code == 200


def test_programs_get_json_when_they_ask_for_it(client: FlaskClient) -> None:
    answer = client.get("/orders/x", headers={"Accept": "application/json"})

    assert answer.status_code == 404
    assert answer.json is not None


def test_the_page_names_the_village_the_families_and_the_batch(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    with writing(app) as session:
        first = session.scalars(select(Farmer).order_by(Farmer.id)).first()
        assert first is not None
        first.shown_publicly = True
    number = buy(client, goods)

    page = client.get(f"/orders/{number}").text

    for words in ("这一单帮到", "苗山村", "刘家等 2 户", "农户 ¥23.92", "/batches/PC-"):
        assert words in page
    assert "陈家" not in page


def test_a_buyer_cancels_before_packing_and_the_boxes_go_back(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    number = buy(client, goods)

    answer = client.post(f"/orders/{number}/cancel", data={"reason": "<b>买多了</b>"})

    assert answer.location == f"/orders/{number}"
    page = client.get(f"/orders/{number}").text
    assert "订单取消了" in page
    assert "&lt;b&gt;买多了" in page
    assert order_by(app, number).state == "cancelled"
    assert client.post(f"/orders/{number}/cancel").status_code == 303


def test_a_paid_order_that_is_cancelled_opens_a_refund(
    app: Flask, client: FlaskClient, goods: Goods, charlie: Person, alice: Person
) -> None:
    order = paid_order(app, charlie, goods, alice)
    browser = sign_in(client, charlie)

    browser.post(f"/orders/{order.number}/cancel")

    page = browser.get(f"/orders/{order.number}").text
    assert "合作社正在转账" in page
    assert "原路退回" in page


def test_a_packed_order_can_no_longer_be_cancelled(
    app: Flask, client: FlaskClient, goods: Goods, charlie: Person, alice: Person
) -> None:
    order = paid_order(app, charlie, goods, alice)
    with writing(app):
        fulfilling.pack(actor_of(alice), order.id)
    browser = sign_in(client, charlie)

    assert "取消这张订单" not in browser.get(f"/orders/{order.number}").text
    answer = browser.post(f"/orders/{order.number}/cancel")
    assert answer.status_code == 409
    assert "已经装箱" in answer.text


def test_the_buyer_sees_the_parcel_and_confirms_its_arrival(
    app: Flask, client: FlaskClient, goods: Goods, charlie: Person, alice: Person
) -> None:
    order = paid_order(app, charlie, goods, alice)
    browser = sign_in(client, charlie)
    early = browser.post(f"/orders/{order.number}/received")
    assert early.status_code == 409
    send(app, order.id, alice)
    page = browser.get(f"/orders/{order.number}").text
    for words in ("在路上了", "中国邮政", "98765", "收到货了"):
        assert words in page

    answer = browser.post(f"/orders/{order.number}/received")

    assert answer.status_code == 303
    assert order_by(app, order.number).state == "delivered"
    assert "已经送到" in browser.get(f"/orders/{order.number}").text
    assert browser.post(f"/orders/{order.number}/received").status_code == 409


def refund_fields(app: Flask, order_id: int, **typed: str) -> dict[str, str]:
    line = line_of(app, order_id)
    fields = {"request_id": "refund-request-1", "reason": "有一箱压烂了"}
    return {**fields, **{f"{name}_{line}": text for name, text in typed.items()}}


def test_a_refund_is_asked_for_once_and_its_state_is_shown(
    app: Flask, client: FlaskClient, goods: Goods, charlie: Person, alice: Person
) -> None:
    order = paid_order(app, charlie, goods, alice)
    browser = sign_in(client, charlie)
    form = refund_fields(app, order.id, quantity="１")

    for _turn in range(2):
        answer = browser.post(f"/orders/{order.number}/refunds", data=form)
        assert answer.location == f"/orders/{order.number}#refunds"

    with writing(app) as session:
        refund = session.scalars(select(Refund)).one()
        assert (refund.state, refund.goods_fen, refund.freight_fen) == (
            "requested",
            2_990,
            0,
        )
    page = browser.get(f"/orders/{order.number}").text
    for words in (
        "¥29.90",
        "有一箱压烂了",
        "等合作社处理",
        "退款（连同等处理的）¥29.90",
    ):
        assert words in page


def test_a_part_of_the_money_and_freight_can_be_asked_for(
    app: Flask, client: FlaskClient, goods: Goods, charlie: Person, alice: Person
) -> None:
    order = paid_order(app, charlie, goods, alice)
    form = refund_fields(app, order.id, amount="5.5") | {"with_freight": "y"}

    sign_in(client, charlie).post(f"/orders/{order.number}/refunds", data=form)

    with writing(app) as session:
        refund = session.scalars(select(Refund)).one()
        assert (refund.goods_fen, refund.freight_fen) == (550, order.freight_fen)


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"quantity": "0"},
        {"quantity": "3"},
        {"quantity": "-1"},
        {"quantity": "³"},
        {"quantity": "9" * 30},
        {"amount": "59.81"},
        {"amount": "-1"},
        {"amount": "=1+1"},
        {"amount": "9" * 30},
    ],
    ids=str,
)
def test_a_wrong_refund_is_refused_and_keeps_what_was_typed(
    app: Flask,
    client: FlaskClient,
    goods: Goods,
    charlie: Person,
    alice: Person,
    typed: dict[str, str],
) -> None:
    order = paid_order(app, charlie, goods, alice)
    form = refund_fields(app, order.id, **typed)

    answer = sign_in(client, charlie).post(f"/orders/{order.number}/refunds", data=form)

    assert answer.status_code == 422
    assert 'id="errors"' in answer.text
    assert 'value="有一箱压烂了"' in answer.text
    assert how_many(app, Refund) == 0


@pytest.mark.parametrize("request_id", ["late:12345", "cancel:TB-260311-0003VX"])
def test_a_form_cannot_carry_a_request_id_of_the_house(
    app: Flask,
    client: FlaskClient,
    goods: Goods,
    charlie: Person,
    alice: Person,
    request_id: str,
) -> None:
    order = paid_order(app, charlie, goods, alice)
    form = refund_fields(app, order.id, quantity="1") | {"request_id": request_id}

    answer = sign_in(client, charlie).post(f"/orders/{order.number}/refunds", data=form)

    assert answer.status_code == 422
    assert how_many(app, Refund) == 0


def test_nothing_paid_means_nothing_to_refund(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    number = buy(client, goods)
    form = refund_fields(app, order_by(app, number).id, quantity="1")

    assert client.post(f"/orders/{number}/refunds", data=form).status_code == 422
    assert "申请退款" not in client.get(f"/orders/{number}").text


def test_a_lost_link_is_sent_again_to_the_phone_that_ordered(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    number = buy(client, goods)
    browser = app.test_client()
    form = {"number": number.lower().replace("-", " "), "phone": "138 0531 2026"}

    answer = browser.post("/orders/find", data=form)

    assert answer.status_code == 303
    assert browser.get(link_in(messages(app, PHONE)[-1])).status_code == 303
    assert browser.get(f"/orders/{number}").status_code == 200


def test_the_answer_does_not_tell_whether_number_and_phone_belong_together(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    number = buy(client, goods)
    right = client.post("/orders/find", data={"number": number, "phone": PHONE})
    wrong_phone = {"number": number, "phone": "13700000009"}
    wrong = client.post("/orders/find", data=wrong_phone)

    assert (right.status_code, right.location) == (wrong.status_code, wrong.location)
    assert messages(app, "13700000009") == []


@pytest.mark.parametrize("field", ["number", "phone"])
@pytest.mark.parametrize("typed", ["", "x", "³", "\0", "<b>", "9" * 60])
def test_a_strange_search_is_refused_in_plain_words(
    client: FlaskClient, field: str, typed: str
) -> None:
    form = {"number": "TB-261124-0003VX", "phone": PHONE, field: typed}

    answer = client.post("/orders/find", data=form)

    assert answer.status_code == 422
    assert "<b>" not in answer.text.replace("<b>田播</b>", "")


def test_links_are_not_sent_without_end(
    monkeypatch: pytest.MonkeyPatch, app: Flask, client: FlaskClient, goods: Goods
) -> None:
    few = replace(LINK_PER_PHONE, hits=1)
    monkeypatch.setattr("blueprints.orders.shop.LINK_PER_PHONE", few)
    form = {"number": buy(client, goods), "phone": PHONE}

    assert client.post("/orders/find", data=form).status_code == 303
    assert client.post("/orders/find", data=form).status_code == 429


def test_own_orders_are_listed_newest_first_and_only_own(
    app: Flask,
    client: FlaskClient,
    goods: Goods,
    charlie: Person,
    bob: Person,
) -> None:
    first = sold(app, charlie, goods)
    second = sold(app, charlie, goods)
    foreign = sold(app, bob, goods)

    page = sign_in(client, charlie).get("/account/orders").text

    assert page.index(second.number) < page.index(first.number)
    assert foreign.number not in page
    assert "待接单" in page


def test_the_list_of_orders_costs_the_same_queries_however_long_it_is(
    app: Flask, client: FlaskClient, goods: Goods, charlie: Person
) -> None:
    browser = sign_in(client, charlie)
    sold(app, charlie, goods)
    few = cost_of(app, browser, "/account/orders")
    for _turn in range(24):
        sold(app, charlie, goods)

    assert cost_of(app, browser, "/account/orders") == few
    assert "page=2" in browser.get("/account/orders").text
    for page in ("0", "-1", "³", "9" * 30):
        assert browser.get(f"/account/orders?page={page}").status_code == 200


def cost_of(app: Flask, browser: FlaskClient, path: str) -> int:
    with app.app_context(), count_queries() as statements:
        assert browser.get(path).status_code == 200
    return len([one for one in statements if one.startswith("SELECT")])


def test_the_list_needs_a_login(client: FlaskClient) -> None:
    answer = client.get("/account/orders")

    assert answer.status_code == 303
    assert answer.location == "/account/login?next=/account/orders"


def test_other_methods_are_refused(client: FlaskClient) -> None:
    assert client.post("/orders/TB-261124-0003VX").status_code == 405
    for act in ("cancel", "received", "refunds"):
        assert client.get(f"/orders/TB-261124-0003VX/{act}").status_code == 405


def test_a_payment_that_came_too_late_is_told_honestly(
    app: Flask, client: FlaskClient, goods: Goods, alice: Person
) -> None:
    number = buy(client, goods, payment_method="bank_transfer")
    client.post(f"/orders/{number}/cancel")
    order_id = order_by(app, number).id
    with writing(app):
        offline.confirm_transfer(actor_of(alice), order_id, "bank-9")

    page = client.get(f"/orders/{number}").text

    assert "付款到得晚了" in page
    assert "合作社正在转账" in page


def test_an_order_whose_time_is_over_no_longer_promises_its_boxes(
    app: Flask, client: FlaskClient, goods: Goods, stripe_sandbox: SandboxServer
) -> None:
    stripe_sandbox.controls.add_fault(kind="unavailable", count=9)
    number = buy(client, goods, payment_method="stripe")
    with clock.at(clock.now() + timedelta(hours=1)):
        page = client.get(f"/orders/{number}").text

    assert "留货的时间到了" in page
    assert "货给您留到" not in page
