"""The floor that other tests stand on."""

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import func, select

from core.database import db, transaction
from models.accounts import Account
from models.orders import Order
from tests.support.factories import Goods, Person, place_order
from tests.support.people import writing


def test_every_test_starts_on_an_empty_database(
    make_app: Callable[..., Flask], engine_url: str
) -> None:
    app = make_app(engine_url)

    with writing(app) as session:
        before = session.scalar(select(func.count()).select_from(Account))
        session.add(Account(phone="13900000000", name="王", password_hash="-"))

    assert before == 0


def test_redis_starts_empty(redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        assert redis.set("seen", 1, nx=True)


def test_goods_can_be_ordered(context: Flask, goods: Goods, charlie: Person) -> None:
    with transaction():
        placed = place_order(charlie, goods, quantity=2)

    order = db.session.get_one(Order, placed.order_id)
    assert order.goods_fen == 2 * 2_990


def test_a_person_is_logged_in(
    charlie: Person, browser_of: Callable[[Person], FlaskClient]
) -> None:
    page = browser_of(charlie).get("/account", follow_redirects=True)

    assert page.status_code == 200
    assert charlie.name in page.text
