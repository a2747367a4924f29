"""The checkout page: freight explained, totals honest, one submit one order."""

import html
import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from models.catalogue import Variant
from models.cooperative import FreightPolicy
from models.orders import CartItem, Order
from models.payments import Payment
from sandbox.server import SandboxServer
from services.rates import CHECKOUT_PER_ADDRESS
from tests.support.factories import Goods, Person, Place, make_goods
from tests.support.people import sign_in, writing
from tests.support.queries import count_queries
from tests.support.shopper import (
    ADDRESS,
    buy,
    check_out,
    hidden,
    how_many,
    messages,
    number_in,
    order_by,
    put,
)


def test_an_empty_cart_is_told_so(client: FlaskClient) -> None:
    page = client.get("/checkout")

    assert page.status_code == 200
    assert "车里还空着" in page.text
    assert check_out(client).status_code == 422


def test_freight_is_explained_before_a_province_is_chosen(
    client: FlaskClient, goods: Goods
) -> None:
    put(client, goods)

    page = client.get("/checkout").text

    for words in ("首 6 斤 ¥6.00", "每多 2 斤 加 ¥1.00", "台湾省", "算运费，看合计"):
        assert words in page
    assert 'name="shown_total"' not in page
    assert "no-store" in client.get("/checkout").headers["Cache-Control"]


def test_a_quote_shows_the_sum_and_keeps_what_was_typed(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    put(client, goods, 2)

    answer = check_out(client, quote="1", street="", phone="12", recipient="<b>李</b>")

    assert answer.status_code == 200
    for words in ("首 6 斤 ¥6.00", "提交订单 ¥67.80", 'value="12"', "&lt;b&gt;李"):
        assert words in answer.text
    assert hidden(answer.text, "shown_total") == "6780"
    assert "必须" not in answer.text
    assert how_many(app, Order) == 0


def test_a_quote_without_a_province_asks_for_it(
    client: FlaskClient, goods: Goods
) -> None:
    put(client, goods)

    typed = {"recipient": "李敏", "province": "", "quote": "1"}
    answer = client.post("/checkout", data=typed)

    assert answer.status_code == 422
    assert "请选省份，好算运费。" in answer.text
    assert "请填城市" not in answer.text


def test_cash_on_delivery_leads_to_the_order_and_sends_its_link(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    number = buy(client, goods, 2)

    page = client.get(f"/orders/{number}")

    assert page.status_code == 200
    for words in ("等合作社接单", "李敏", "13805312026", "解放路 112 号", "67"):
        assert words in page.text
    assert how_many(app, CartItem) == 0
    [message] = messages(app, "13805312026")
    assert f"/orders/{number}?token=" in message


def test_a_transfer_shows_the_account_and_what_to_write(
    client: FlaskClient, goods: Goods
) -> None:
    number = buy(client, goods, payment_method="bank_transfer")

    page = client.get(f"/orders/{number}").text

    for words in ("等您转账", "莱芜农商行", "9000 0317", "附言", number):
        assert words in page


def test_paying_online_leads_to_stripe_and_back_to_a_paid_order(
    app: Flask, client: FlaskClient, goods: Goods, stripe_sandbox: SandboxServer
) -> None:
    put(client, goods)
    answer = check_out(client, payment_method="stripe")
    assert answer.status_code == 303
    assert answer.location.startswith(stripe_sandbox.base_url)
    stripe_sandbox.controls.pay_session(answer.location.rsplit("/", 1)[1])
    with writing(app) as session:
        number = session.scalars(select(Order.number)).one()

    back = client.get(f"/payments/return/{number}")

    assert back.location == f"/orders/{number}"
    page = client.get(back.location).text
    assert "钱收到了" in page
    assert "去付款" not in page
    again = client.get("/checkout").text
    assert "这单已经提交过" in again
    assert number in again


def test_stripe_down_keeps_the_order_and_says_until_when(
    app: Flask, client: FlaskClient, goods: Goods, stripe_sandbox: SandboxServer
) -> None:
    stripe_sandbox.controls.add_fault(kind="unavailable", count=9)
    put(client, goods)

    number = number_in(check_out(client, payment_method="stripe"))

    page = client.get(f"/orders/{number}").text
    assert "货给您留到" in page
    assert "去付款 ¥35.90" in page
    assert order_by(app, number).state == "placed"
    stripe_sandbox.controls.reset()
    paid = client.post(f"/payments/orders/{number}/pay")
    assert urlsplit(paid.location).path.startswith("/c/pay/")


def test_the_same_submit_twice_orders_once_and_answers_the_same(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    put(client, goods)
    first = check_out(client, request_id="submitted-twice", payment_method="stripe")
    again = check_out(client, request_id="submitted-twice", payment_method="stripe")

    assert first.status_code == again.status_code == 303
    assert first.location == again.location
    assert how_many(app, Order) == 1
    assert how_many(app, Payment) == 1


def test_a_request_id_of_someone_else_orders_nothing(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    put(client, goods)
    check_out(client, request_id="of-someone-else")
    stranger = app.test_client()
    put(stranger, goods)

    assert check_out(stranger, request_id="of-someone-else").status_code == 409
    assert how_many(app, Order) == 1


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("recipient", ""),
        ("recipient", "李" * 41),
        ("recipient", "李\0敏"),
        ("phone", "12345"),
        ("phone", "³3805312026"),
        ("province", ""),
        ("province", "山东"),
        ("province", "<script>"),
        ("city", ""),
        ("district", ""),
        ("street", ""),
        ("street", "解" * 121),
        ("payment_method", "gold"),
        ("request_id", "<b>"),
        ("request_id", ""),
    ],
)
def test_a_wrong_field_is_named_and_nothing_typed_is_lost(
    app: Flask, client: FlaskClient, goods: Goods, field: str, typed: str
) -> None:
    put(client, goods)

    answer = check_out(client, **{field: typed})

    assert answer.status_code == 422
    assert 'id="errors"' in answer.text
    for name in set(ADDRESS) - {field, "province", "payment_method"}:
        assert f'value="{ADDRESS[name]}"' in answer.text
    assert how_many(app, Order) == 0
    assert how_many(app, CartItem) == 1


def test_a_browser_may_go_back_to_what_was_refused(
    client: FlaskClient, goods: Goods
) -> None:
    put(client, goods)
    refused = check_out(client, phone="1")
    assert refused.status_code == 422
    assert "no-store" not in refused.headers["Cache-Control"]
    assert "private" in refused.headers["Cache-Control"]
    assert "no-store" in client.get("/checkout").headers["Cache-Control"]


def test_html_in_every_text_is_shown_as_text(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    texts = ("recipient", "city", "district", "street")
    number = buy(client, goods, **dict.fromkeys(texts, "<img src=x>"))

    page = client.get(f"/orders/{number}").text

    assert "<img src=x>" not in page
    assert "&lt;img src=x&gt;" in page


def test_where_nothing_is_delivered_it_says_so_and_keeps_the_rest(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    put(client, goods)

    answer = check_out(client, province="台湾省")

    assert answer.status_code == 422
    assert "暂时送不到台湾省" in answer.text
    assert 'value="解放路 112 号"' in answer.text
    assert how_many(app, Order) == 0


def test_a_price_that_changed_meanwhile_is_shown_before_anything_is_ordered(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    put(client, goods)
    shown = hidden(check_out(client, quote="1").text, "shown_total")
    with writing(app) as session:
        session.execute(update(Variant).values(price_fen=3_990))

    answer = check_out(client, shown_total=shown)

    assert answer.status_code == 409
    assert "变了" in answer.text
    assert hidden(answer.text, "shown_total") == "4590"
    assert how_many(app, Order) == 0
    assert check_out(client, shown_total="4590").status_code == 303


def test_freight_that_changed_meanwhile_is_shown_too(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    put(client, goods)
    shown = hidden(check_out(client, quote="1").text, "shown_total")
    with writing(app) as session:
        policy = session.scalars(select(FreightPolicy)).one()
        zone = {**policy.table["default_zone"], "first_fen": 900}
        policy.table = {**policy.table, "default_zone": zone}

    assert check_out(client, shown_total=shown).status_code == 409


@pytest.mark.parametrize("strange", ["", "³", "-1", "x", "9" * 40])
def test_a_strange_shown_total_counts_as_none(
    client: FlaskClient, goods: Goods, strange: str
) -> None:
    put(client, goods)

    assert check_out(client, shown_total=strange).status_code == 303


def test_the_last_box_goes_to_the_first_and_the_second_is_told(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    with writing(app) as session:
        session.execute(update(Variant).values(stock=1))
    second = app.test_client()
    put(client, goods)
    put(second, goods)

    assert check_out(client).status_code == 303
    answer = check_out(second)

    assert answer.status_code == 409
    assert "卖完了" in answer.text
    assert 'value="解放路 112 号"' in answer.text
    assert how_many(app, Order) == 1


def test_who_comes_too_late_is_told_at_little_cost_and_may_try_again(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    put(client, goods)
    with writing(app) as session:
        session.execute(update(Variant).values(stock=0))

    with app.app_context(), count_queries() as statements:
        late = check_out(client, street="<b>路</b> 1 号", shown_total="3590")
    assert late.status_code == 409
    assert "卖完了" in late.text
    assert "蜜薯 5 斤装" in late.text
    asked = [line for line in statements if not line.startswith("BEGIN")]
    assert len(asked) == 2
    assert all(line.startswith("SELECT") for line in asked)

    with writing(app) as session:
        session.execute(update(Variant).values(stock=1))
    fields = re.findall(r'name="([a-z_]+)" value="([^"]*)"', late.text)
    again = {name: html.unescape(value) for name, value in fields}
    assert again["street"] == "<b>路</b> 1 号"
    assert client.post("/checkout", data=again).status_code == 303


def test_an_order_is_answered_again_when_all_is_sold_out(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    put(client, goods)
    first = check_out(client, request_id="before-the-end")
    put(client, goods)
    with writing(app) as session:
        session.execute(update(Variant).values(stock=0))

    assert check_out(client, request_id="before-the-end").location == first.location
    assert check_out(client).status_code == 409


def test_what_can_still_be_had_is_shown_beside_what_is_gone(
    app: Flask, client: FlaskClient, goods: Goods, place: Place, alice: Person
) -> None:
    with writing(app):
        gone = make_goods(place, alice, name="大姜", price_fen=3_290)
    put(client, goods)
    put(client, gone)
    with writing(app) as session:
        mine = Variant.id == gone.variant_id
        session.execute(update(Variant).where(mine).values(stock=0))

    answer = check_out(client)

    assert answer.status_code == 409
    assert "大姜 5 斤装卖完了，请从购物车里移走" in answer.text
    assert "要买的" in answer.text


@pytest.mark.parametrize("request_id", ["", "\0" * 9, "<b>", "9" * 90])
def test_a_strange_request_id_is_no_trouble_when_all_is_sold_out(
    app: Flask, client: FlaskClient, goods: Goods, request_id: str
) -> None:
    put(client, goods)
    with writing(app) as session:
        session.execute(update(Variant).values(stock=0))

    assert check_out(client, request_id=request_id).status_code == 422


def test_two_cooperatives_make_two_orders_that_know_of_each_other(
    app: Flask,
    client: FlaskClient,
    goods: Goods,
    other_place: Place,
    bob: Person,
) -> None:
    with writing(app):
        theirs = make_goods(other_place, bob, name="小米", price_fen=4_560)
    put(client, goods)
    put(client, theirs)
    page = check_out(client, quote="1").text
    assert "分成 2 单" in page
    assert "提交订单 ¥87.50" in page

    number = number_in(check_out(client))

    with writing(app) as session:
        numbers = set(session.scalars(select(Order.number)))
    [other] = numbers - {number}
    assert other in client.get(f"/orders/{number}").text
    assert client.get(f"/orders/{other}").status_code == 200


def test_a_buyer_who_comes_back_finds_the_address_in_the_fields(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    buy(client, goods)
    put(client, goods)

    page = client.get("/checkout").text

    assert 'value="解放路 112 号"' in page
    assert "提交订单 ¥35.90" in page
    stranger = app.test_client()
    put(stranger, goods)
    assert "解放路" not in stranger.get("/checkout").text


def test_a_link_from_a_friend_does_not_lend_their_address(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    number = buy(client, goods)
    token = messages(app, "13805312026")[0].rpartition("=")[2]
    friend = app.test_client()
    friend.get(f"/orders/{number}?token={token}")
    put(friend, goods)

    assert "解放路" not in friend.get("/checkout").text


def test_an_account_orders_without_a_token(
    app: Flask, client: FlaskClient, goods: Goods, charlie: Person
) -> None:
    number = buy(sign_in(client, charlie), goods)

    assert order_by(app, number).account_id == charlie.id
    assert "token" not in messages(app, "13805312026")[0]
    assert number in client.get("/account/orders").text


def test_ordering_too_often_is_slowed_down(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient, goods: Goods
) -> None:
    few = replace(CHECKOUT_PER_ADDRESS, hits=2)
    monkeypatch.setattr("services.rates.CHECKOUT_PER_ADDRESS", few)
    for _turn in range(2):
        buy(client, goods)
    put(client, goods)

    answer = check_out(client)

    assert answer.status_code == 429
    assert "Retry-After" in answer.headers


def test_a_form_of_another_site_is_refused(client: FlaskClient, goods: Goods) -> None:
    put(client, goods)
    foreign = {"Sec-Fetch-Site": "cross-site"}

    answer = client.post("/checkout", data=ADDRESS, headers=foreign)

    assert answer.status_code == 403


def test_the_page_asks_browsers_to_fill_in_what_they_know(
    client: FlaskClient, goods: Goods
) -> None:
    put(client, goods)

    page = client.get("/checkout").text

    for token in ("name", "tel", "address-level1", "address-level2", "street-address"):
        assert f'autocomplete="{token}"' in page
    assert page.count("btn buy") == 1
