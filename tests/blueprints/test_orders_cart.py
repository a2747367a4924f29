"""The cart's pages: put in, change, take out; whatever is typed."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from models.accounts import Visitor
from models.catalogue import Product, Variant
from models.orders import Cart, CartItem
from tests.support.factories import Goods, Person, Place, make_goods
from tests.support.people import sign_in, writing
from tests.support.queries import count_queries
from tests.support.shopper import how_many, put
from tests.support.studio import make_room

STRANGE = ["", "0", "-1", "³", "1.5", "10" * 30, "\0", "<b>1</b>", "=1+1", "1000"]


def item_of(page: str) -> str:
    found = re.search(r'id="line-(\d+)"', page)
    assert found
    return found[1]


def quantity_in_cart(app: Flask) -> int | None:
    with writing(app) as session:
        return session.scalar(select(CartItem.quantity))


def test_a_guest_puts_boxes_into_the_cart_and_finds_them_there(
    client: FlaskClient, goods: Goods
) -> None:
    answer = put(client, goods, 2)

    assert (answer.status_code, answer.location) == (303, "/cart")
    page = client.get("/cart").text
    for words in ("蜜薯", "5 斤装", "苗山村", "59", "去结算", "运费怎么算"):
        assert words in page


def test_who_came_from_a_live_room_finds_the_way_back(
    app: Flask, client: FlaskClient, place: Place, alice: Person, goods: Goods
) -> None:
    other = client.application.test_client()
    put(other, goods)
    with writing(app):
        slug = make_room(place, alice, goods).slug
    put(client, goods, session=slug)

    for page in ("/cart", "/checkout"):
        assert f'href="/live/{slug}"' in client.get(page).text
        assert "回直播间" not in other.get(page).text


def test_buy_now_goes_straight_to_checkout(client: FlaskClient, goods: Goods) -> None:
    assert put(client, goods, now="1").location == "/checkout"


def test_full_width_digits_count(app: Flask, client: FlaskClient, goods: Goods) -> None:
    assert put(client, goods, "３").status_code == 303
    assert quantity_in_cart(app) == 3


def test_adding_again_adds_up(app: Flask, client: FlaskClient, goods: Goods) -> None:
    put(client, goods, 2)
    put(client, goods, 3)

    assert quantity_in_cart(app) == 5


@pytest.mark.parametrize("typed", STRANGE)
def test_a_strange_quantity_is_refused_in_plain_words(
    app: Flask, client: FlaskClient, goods: Goods, typed: str
) -> None:
    answer = put(client, goods, typed)

    assert answer.status_code == 422
    assert "填" in answer.text
    assert "<b>1</b>" not in answer.text
    assert how_many(app, CartItem) == 0


@pytest.mark.parametrize("typed", ["", "0", "-1", "³", "x", "9" * 30])
def test_a_strange_variant_is_refused(client: FlaskClient, typed: str) -> None:
    form = {"variant_id": typed, "quantity": "1"}

    assert client.post("/cart/items", data=form).status_code == 422


def test_nothing_at_all_is_refused(client: FlaskClient) -> None:
    assert client.post("/cart/items").status_code == 422


def test_an_unknown_variant_is_not_found(client: FlaskClient) -> None:
    form = {"variant_id": 2**63 - 1, "quantity": "1"}

    assert client.post("/cart/items", data=form).status_code == 404


def test_more_than_there_is_says_how_many_are_left(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    answer = put(client, goods, 101)

    assert answer.status_code == 409
    assert "只剩 100 份" in answer.text
    assert how_many(app, Visitor) == 0


def test_what_was_taken_off_sale_cannot_be_put_in(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    with writing(app) as session:
        session.execute(update(Product).values(state="withdrawn"))

    answer = put(client, goods)

    assert answer.status_code == 409
    assert "下架" in answer.text


@pytest.mark.parametrize("strange", ["", "no-such-room", "\0", "x" * 500, "<b>"])
def test_a_strange_room_is_forgotten_or_refused_but_never_an_error(
    client: FlaskClient, goods: Goods, strange: str
) -> None:
    answer = put(client, goods, session=strange, pin="³" + strange)

    assert answer.status_code in (303, 422)


def test_a_quantity_is_changed_and_0_takes_the_line_out(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    put(client, goods)
    item = item_of(client.get("/cart").text)

    assert client.post(f"/cart/items/{item}", data={"quantity": 4}).status_code == 303
    assert quantity_in_cart(app) == 4
    client.post(f"/cart/items/{item}", data={"quantity": "０"})
    assert how_many(app, CartItem) == 0
    assert "车里还空着" in client.get("/cart").text


def test_the_remove_button_works_whatever_the_quantity_says(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    put(client, goods)
    item = item_of(client.get("/cart").text)

    form = {"quantity": "abc", "remove": "1"}
    assert client.post(f"/cart/items/{item}", data=form).status_code == 303
    assert how_many(app, CartItem) == 0
    assert client.post(f"/cart/items/{item}", data=form).status_code == 303


@pytest.mark.parametrize(("typed", "status"), [("abc", 422), ("-1", 422), ("101", 409)])
def test_a_wrong_change_keeps_what_was_typed(
    app: Flask, client: FlaskClient, goods: Goods, typed: str, status: int
) -> None:
    put(client, goods)
    item = item_of(client.get("/cart").text)

    answer = client.post(f"/cart/items/{item}", data={"quantity": typed})

    assert answer.status_code == status
    assert f'value="{typed}"' in answer.text
    assert quantity_in_cart(app) == 1


def test_another_browser_cannot_change_the_line(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    put(client, goods)
    item = item_of(client.get("/cart").text)
    stranger = app.test_client()
    assert stranger.post(f"/cart/items/{item}", data={"quantity": 9}).status_code == 404
    put(stranger, goods)

    assert stranger.post(f"/cart/items/{item}", data={"quantity": 9}).status_code == 404
    assert stranger.post("/cart/items/0", data={"quantity": 9}).status_code == 404
    with writing(app) as session:
        assert session.get_one(CartItem, int(item)).quantity == 1


def test_a_line_that_ran_short_is_marked_and_stops_the_checkout(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    put(client, goods, 5)
    with writing(app) as session:
        session.execute(update(Variant).values(stock=2))

    page = client.get("/cart").text

    assert "只剩 2 箱" in page
    assert 'href="/checkout"' not in page


def test_the_cookie_is_out_of_reach_of_scripts_and_lasts_half_a_year(
    client: FlaskClient, goods: Goods
) -> None:
    cookie = put(client, goods).headers["Set-Cookie"]

    for word in ("visitor=", "HttpOnly", "SameSite=Lax", "Max-Age=15552000"):
        assert word in cookie


def test_looking_at_pages_leaves_no_trace(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/cart")

    assert "车里还空着" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert how_many(app, Visitor) == 0


def test_a_made_up_cookie_is_nobody(client: FlaskClient, goods: Goods) -> None:
    client.set_cookie("visitor", "made-up")

    assert client.get("/cart").status_code == 200
    assert put(client, goods).status_code == 303


def test_logging_in_brings_the_cart_along_and_logging_out_leaves_none_behind(
    app: Flask, client: FlaskClient, goods: Goods, charlie: Person
) -> None:
    put(client, goods, 2)

    form = {"phone": charlie.phone, "password": "a password for tests"}
    assert client.post("/account/login", data=form).status_code == 303
    with writing(app) as session:
        assert session.scalars(select(Cart.account_id)).all().count(charlie.id) == 1
    assert "蜜薯" in client.get("/cart").text
    client.post("/account/logout")
    assert "车里还空着" in client.get("/cart").text
    assert client.get_cookie("visitor") is None


def test_the_count_stands_on_every_shop_page(client: FlaskClient, goods: Goods) -> None:
    put(client, goods, 3)

    assert re.search(r"<b>3<span", client.get("/products").text)


def test_the_cart_costs_the_same_queries_however_full_it_is(
    app: Flask, client: FlaskClient, goods: Goods, place: Place, alice: Person
) -> None:
    put(client, goods)
    few = cost_of(app, client)
    with writing(app):
        more = [make_goods(place, alice, name=f"蜜薯{n}") for n in range(8)]
    for each in more:
        put(client, each)

    assert cost_of(app, client) == few
    assert few <= 6


def cost_of(app: Flask, client: FlaskClient) -> int:
    with app.app_context(), count_queries() as statements:
        assert client.get("/cart").status_code == 200
    return len([one for one in statements if one.startswith("SELECT")])


def test_an_account_has_a_cart_of_its_own(
    app: Flask, client: FlaskClient, goods: Goods, charlie: Person, bob: Person
) -> None:
    put(sign_in(client, charlie), goods)

    assert "车里还空着" in sign_in(app.test_client(), bob).get("/cart").text


def test_other_methods_are_refused(client: FlaskClient) -> None:
    assert client.post("/cart").status_code == 405
    assert client.get("/cart/items").status_code == 405
    assert client.get("/cart/items/1").status_code == 405
