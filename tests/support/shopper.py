"""A buyer in a browser: cart, checkout, and what the pages carry along."""

import re
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from domain.orders.states import PaymentMethod
from models.orders import Order, OrderLine
from models.outbox import Job
from tests.support.factories import Goods, Person, place_order
from tests.support.people import writing

ADDRESS = {
    "recipient": "李敏",
    "phone": "13805312026",
    "province": "山东省",
    "city": "济南市",
    "district": "历下区",
    "street": "解放路 112 号",
    "payment_method": "cash_on_delivery",
}
serials = count(1)


def put(client: FlaskClient, goods: Goods, quantity: Any = 1, **more: Any) -> Any:
    """Tap the button that puts boxes into the cart."""
    form = {"variant_id": goods.variant_id, "quantity": quantity, **more}
    return client.post("/cart/items", data=form)


def check_out(client: FlaskClient, **changes: Any) -> TestResponse:
    """Send the checkout page, with a request id of its own unless one is given."""
    request_id = f"request-page-{next(serials):06d}"
    return client.post(
        "/checkout", data={**ADDRESS, "request_id": request_id, **changes}
    )


def number_in(answer: TestResponse) -> str:
    """The order that an answer leads to."""
    assert answer.status_code == 303, answer.text
    return answer.location.rsplit("/", 1)[1].partition("?")[0]


def buy(client: FlaskClient, goods: Goods, quantity: int = 1, /, **changes: Any) -> str:
    """Buy boxes as a guest would; the order's number."""
    put(client, goods, quantity)
    return number_in(check_out(client, **changes))


def hidden(page: str, name: str) -> str:
    """The value that a page's form carries along under `name`."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no {name} on the page"
    return found[1]


def sold(
    app: Flask,
    buyer: Person,
    goods: Goods,
    quantity: int = 1,
    method: PaymentMethod = PaymentMethod.CASH_ON_DELIVERY,
) -> Order:
    """An order of a logged-in buyer, as a detached row."""
    with writing(app) as session:
        placed = place_order(buyer, goods, quantity=quantity, method=method)
        order = session.get_one(Order, placed.order_id)
        session.flush()
        session.refresh(order)
        session.expunge(order)
        return order


def order_by(app: Flask, number: str) -> Order:
    """The order with this number, as it is now."""
    with writing(app) as session:
        order = session.scalars(select(Order).where(Order.number == number)).one()
        session.expunge(order)
        return order


def line_of(app: Flask, order_id: int) -> int:
    """The id of the only line of an order."""
    with writing(app) as session:
        query = select(OrderLine.id).where(OrderLine.order_id == order_id)
        return session.scalars(query).one()


def how_many(app: Flask, model: type) -> int:
    """How many rows a table has."""
    with writing(app) as session:
        return session.query(model).count()


def messages(app: Flask, phone: str) -> list[str]:
    """The text messages on their way to a phone, oldest first."""
    with writing(app) as session:
        rows = session.scalars(select(Job).where(Job.kind == "send_sms"))
        return [
            str(job.payload["body"])
            for job in sorted(rows, key=lambda job: job.id)
            if job.payload["to"] == phone
        ]


def link_in(message: str) -> str:
    """The path of the link that a message ends with."""
    found = re.search(r"https?://[^/]+(/\S+)", message)
    assert found, message
    return found[1]
