"""Cards are drawn once, and never show what is no longer so."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from models.catalogue import Product, Variant
from tests.support.factories import Goods
from tests.support.people import writing


def test_a_card_shows_the_price_of_now(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    before = client.get("/products").text
    with writing(app) as session:
        session.execute(update(Variant).values(price_fen=4_321))
    assert "43<small>.21</small>" not in before
    assert "43<small>.21</small>" in client.get("/products").text


def test_a_card_whose_last_box_is_sold_says_so(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    assert "卖完了" not in client.get("/products?all=1").text.partition("<ul")[2]
    with writing(app) as session:
        session.execute(update(Variant).values(stock=0))
    assert "卖完了" in client.get("/products?all=1").text


def test_a_card_speaks_the_language_of_its_page(
    client: FlaskClient, goods: Goods
) -> None:
    client.get("/products")
    client.set_cookie("lang", "en")
    assert "加入小黄车" not in client.get("/products").text
    client.delete_cookie("lang")
    assert "加入小黄车" in client.get("/products").text


def test_what_a_card_shows_is_escaped(
    app: Flask, client: FlaskClient, goods: Goods
) -> None:
    with writing(app) as session:
        session.execute(update(Product).values(name="<b>蜜薯</b>"))
    page = client.get("/products").text
    assert "&lt;b&gt;蜜薯" in page
    assert "<b>蜜薯" not in page
