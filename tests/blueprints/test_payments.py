"""Webhooks, the return from paying, and the button that pays (again)."""

import json
import random
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from core.database import db, transaction
from domain.orders.numbers import order_number
from domain.orders.states import PaymentMethod
from integrations.merchants import seal
from models.cooperative import Cooperative
from models.payments import PaymentAccount, WebhookEvent
from sandbox.webhooks import signature
from services.orders.drafts import PlacedOrder
from services.rates import CHECKOUT_PER_ADDRESS
from tests.conftest import STRIPE_KEY, WEBHOOK_SECRET
from tests.support.counter import Counter, jobs, states, stock_of
from tests.support.factories import Goods, Person, Place
from tests.support.people import writing

HOOK = "/payments/stripe/default/webhook"
BAD_NUMBERS = ["1", "³", "TB-000000-000000", "%00", "１２", "<b>", "9" * 300]


@pytest.fixture
def order(app: Flask, counter: Counter, charlie: Person, goods: Goods) -> PlacedOrder:
    with app.app_context():
        return counter.place(charlie, goods, quantity=2)


def send(client: FlaskClient, body: bytes, signed: str, to: str = HOOK) -> TestResponse:
    headers = {"Stripe-Signature": signed, "Sec-Fetch-Site": "cross-site"}
    return client.post(to, data=body, headers=headers)


def sign(body: bytes, secret: str = WEBHOOK_SECRET, age_s: int = 0) -> str:
    return signature(body, secret, int(time.time()) - age_s)


def notice(**changes: Any) -> bytes:
    thing = {"id": "cs_test_1", "object": "checkout.session"}
    event = {
        "id": "evt_1",
        "type": "checkout.session.completed",
        "data": {"object": thing},
    }
    return json.dumps(event | changes).encode()


def count_events(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(WebhookEvent.id))) or 0


def now_at(app: Flask, order: PlacedOrder) -> tuple[str, str]:
    with app.app_context():
        return states(order)


def test_a_signed_event_is_kept_and_answered_at_once(
    app: Flask, client: FlaskClient
) -> None:
    body = notice()
    answers = [send(client, body, sign(body)).status_code for _twice in range(2)]

    assert answers == [204, 204]
    assert count_events(app) == 1


FORGERIES: dict[str, Callable[[], str]] = {
    "none": lambda: "",
    "made up": lambda: "t=1,v1=00",
    "nonsense": lambda: "nonsense",
    "empty parts": lambda: "t=,v1=",
    "strange digits": lambda: "t=³,v1=é",
    "another secret": lambda: sign(notice(), "whsec_other"),
    "another event": lambda: sign(notice(id="evt_2")),
    "too old": lambda: sign(notice(), age_s=301),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_event_is_refused(
    app: Flask, client: FlaskClient, forgery: str
) -> None:
    answer = send(client, notice(), FORGERIES[forgery]())

    assert answer.status_code == 400
    assert count_events(app) == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"id": "evt_1"}',
        b'{"id": "evt_1", "type": "x", "data": {"object": 7}}',
        b'{"id": "evt_1", "type": "x", "data": null}',
        b'{"id": 7, "type": "x", "data": {"object": {}}}',
        notice(id="x" * 121),
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(
    client: FlaskClient, body: bytes
) -> None:
    assert send(client, body, sign(body)).status_code == 400


def test_brackets_without_end_are_refused(client: FlaskClient) -> None:
    body = b"[" * 100_000 + b"]" * 100_000
    assert send(client, body, sign(body)).status_code == 400


def test_a_huge_body_is_refused_unread(client: FlaskClient) -> None:
    body = b"x" * (1024 * 1024 + 1)
    assert send(client, body, sign(body)).status_code == 413


@pytest.mark.parametrize("account", ["nobody", "³", "%00", "x" * 300])
def test_an_unknown_account_has_no_endpoint(client: FlaskClient, account: str) -> None:
    to = f"/payments/stripe/{account}/webhook"
    body = notice()
    assert send(client, body, sign(body), to).status_code == 404


def test_webhooks_are_posted(client: FlaskClient) -> None:
    assert client.get(HOOK).status_code == 405


def test_a_cooperatives_endpoint_takes_only_its_own_secret(
    app: Flask, client: FlaskClient, place: Place
) -> None:
    with writing(app) as session:
        session.add(
            PaymentAccount(
                cooperative_id=place.cooperative_id,
                provider="stripe",
                secret_key=seal("sk_test_own"),
                webhook_secret=seal("whsec_own"),
            )
        )
        slug = session.get_one(Cooperative, place.cooperative_id).slug
    to, body = f"/payments/stripe/{slug}/webhook", notice()

    assert send(client, body, sign(body), to).status_code == 400
    assert send(client, body, sign(body, "whsec_own"), to).status_code == 204


def stripe_events(counter: Counter) -> list[bytes]:
    account = counter.sandbox.world.account(STRIPE_KEY)
    return [json.dumps(event).encode() for event in account.objects["event"].values()]


@pytest.mark.parametrize("seed", range(3))
def test_doubled_and_shuffled_events_of_stripe_end_in_a_paid_order(
    app: Flask,
    client: FlaskClient,
    counter: Counter,
    order: PlacedOrder,
    goods: Goods,
    seed: int,
) -> None:
    with app.app_context():
        session_id = counter.open(order)
        counter.sandbox.controls.decline_session(session_id)
        counter.sandbox.controls.pay_session(session_id, method="alipay")
    bodies = stripe_events(counter) * 2
    random.Random(seed).shuffle(bodies)
    for body in bodies:
        assert send(client, body, sign(body)).status_code == 204

    with app.app_context():
        counter.work()
        assert states(order) == ("paid", "paid")
        assert stock_of(goods) == 98


def test_webhooks_only_write_down_what_is_to_be_done(
    app: Flask, client: FlaskClient, counter: Counter, order: PlacedOrder
) -> None:
    with app.app_context():
        counter.pay_on_page(order)
    counter.sandbox.controls.forget_requests()
    for body in stripe_events(counter):
        send(client, body, sign(body))

    assert now_at(app, order) == ("placed", "pending")
    assert counter.sandbox.controls.requests() == []
    with app.app_context():
        assert len(jobs("sync_payment")) > 1


def test_coming_back_from_paying_shows_the_order_paid(
    app: Flask, client: FlaskClient, counter: Counter, order: PlacedOrder
) -> None:
    with app.app_context():
        counter.pay_on_page(order)
    answer = client.get(f"/payments/return/{order.number}")

    assert answer.status_code == 303
    assert answer.location == f"/orders/{order.number}"
    assert now_at(app, order) == ("paid", "paid")


def test_coming_back_does_not_tell_whether_an_order_exists(
    app: Flask, order: PlacedOrder
) -> None:
    unknown = order_number(date(2026, 3, 11), 7)
    answers = []
    for number in (order.number, unknown):
        answer = app.test_client().get(f"/payments/return/{number}")
        answers.append((answer.status_code, answer.location.replace(number, "N")))
        page = app.test_client().get(answer.location)
        assert page.status_code == 404
    assert answers[0] == answers[1] == (303, "/orders/N")


def test_coming_back_by_the_address_stripe_was_given(
    app: Flask, client: FlaskClient, counter: Counter, order: PlacedOrder
) -> None:
    with app.app_context():
        session_id = counter.pay_on_page(order)
    account = counter.sandbox.world.account(STRIPE_KEY)
    address = account.objects["checkout.session"][session_id]["success_url"]
    path = address.removeprefix("http://127.0.0.1:8000")
    answer = client.get(path.replace("{CHECKOUT_SESSION_ID}", session_id))

    assert answer.status_code == 303
    assert now_at(app, order) == ("paid", "paid")


@pytest.mark.parametrize("named", ["³", "cs_" + "x" * 500, "pi_1", "cs_test_unknown"])
def test_coming_back_with_a_strange_session_does_no_harm(
    app: Flask, client: FlaskClient, order: PlacedOrder, named: str
) -> None:
    answer = client.get(
        f"/payments/return/{order.number}", query_string={"session_id": named}
    )
    assert answer.status_code == 303
    assert now_at(app, order) == ("placed", "created")


def test_coming_back_while_stripe_is_down_says_so(
    app: Flask,
    counter: Counter,
    order: PlacedOrder,
    charlie: Person,
    browser_of: Callable[[Person], FlaskClient],
) -> None:
    with app.app_context():
        counter.pay_on_page(order)
    counter.sandbox.controls.add_fault(kind="unavailable", count=9)
    answer = browser_of(charlie).get(
        f"/payments/return/{order.number}", follow_redirects=True
    )
    assert answer.status_code == 200
    assert "支付平台一时没有回应" in answer.text
    assert now_at(app, order) == ("placed", "pending")

    counter.sandbox.controls.clear_faults()
    with app.app_context():
        counter.work()
    assert now_at(app, order) == ("paid", "paid")


@pytest.mark.parametrize("number", BAD_NUMBERS)
def test_an_unknown_number_is_not_found(client: FlaskClient, number: str) -> None:
    assert client.get(f"/payments/return/{number}").status_code == 404
    assert client.post(f"/payments/orders/{number}/pay").status_code == 404


def test_the_pay_button_leads_to_the_payment_page(
    app: Flask,
    counter: Counter,
    order: PlacedOrder,
    charlie: Person,
    browser_of: Callable[[Person], FlaskClient],
) -> None:
    browser = browser_of(charlie)
    answers = [browser.post(f"/payments/orders/{order.number}/pay") for _ in range(2)]

    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert answers[0].location.startswith(f"{counter.sandbox.base_url}/c/pay/cs_")


def test_nobody_pays_by_another_persons_button(
    client: FlaskClient,
    order: PlacedOrder,
    bob: Person,
    browser_of: Callable[[Person], FlaskClient],
) -> None:
    path = f"/payments/orders/{order.number}/pay"
    assert client.post(path).status_code == 404
    assert browser_of(bob).post(path).status_code == 404
    assert client.get(path).status_code == 405


def test_another_sites_page_cannot_press_the_button(
    order: PlacedOrder, charlie: Person, browser_of: Callable[[Person], FlaskClient]
) -> None:
    answer = browser_of(charlie).post(
        f"/payments/orders/{order.number}/pay", headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


def test_the_pay_button_of_a_paid_order_leads_to_the_order(
    app: Flask,
    counter: Counter,
    order: PlacedOrder,
    charlie: Person,
    browser_of: Callable[[Person], FlaskClient],
) -> None:
    with app.app_context():
        counter.pay(order)
    answer = browser_of(charlie).post(f"/payments/orders/{order.number}/pay")

    assert (answer.status_code, answer.location) == (303, f"/orders/{order.number}")


def test_the_pay_button_while_stripe_is_down_keeps_the_order(
    app: Flask,
    counter: Counter,
    order: PlacedOrder,
    charlie: Person,
    browser_of: Callable[[Person], FlaskClient],
) -> None:
    browser = browser_of(charlie)
    counter.sandbox.controls.add_fault(kind="drop", count=9)
    answer = browser.post(f"/payments/orders/{order.number}/pay", follow_redirects=True)
    assert answer.status_code == 200
    assert "一会儿就能付" in answer.text
    counter.sandbox.controls.clear_faults()
    answer = browser.post(f"/payments/orders/{order.number}/pay")
    assert "/c/pay/" in answer.location


def test_a_buyer_who_waits_is_led_on_when_stripe_answers(
    app: Flask,
    counter: Counter,
    order: PlacedOrder,
    charlie: Person,
    browser_of: Callable[[Person], FlaskClient],
) -> None:
    """The page asks by a script, or without one by refreshing itself."""
    browser = browser_of(charlie)
    path = f"/payments/orders/{order.number}"
    counter.sandbox.controls.add_fault(kind="unavailable", path="/v1/checkout")
    waiting = browser.post(f"{path}/pay", follow_redirects=True).text
    assert f'<noscript><meta http-equiv="refresh" content="5; url={path}/next">' in (
        waiting
    )
    asked = browser.get(f"{path}/next", headers={"Accept": "application/json"})
    assert asked.get_json() == {"waits": True, "url": f"/orders/{order.number}"}
    assert browser.get(f"{path}/next").location == f"/orders/{order.number}"

    with app.app_context():
        counter.work()
    found = browser.get(f"{path}/next", headers={"Accept": "application/json"})
    page = browser.get(f"{path}/next").location
    assert page.startswith(f"{counter.sandbox.base_url}/c/pay/cs_")
    assert found.get_json() == {"waits": False, "url": page}
    assert "一会儿就能付" not in browser.get(f"/orders/{order.number}").text


def test_a_page_that_leads_on_leads_only_the_buyer(
    client: FlaskClient, order: PlacedOrder
) -> None:
    assert client.get(f"/payments/orders/{order.number}/next").status_code == 404


def test_a_paid_order_leads_on_to_itself(
    app: Flask,
    counter: Counter,
    order: PlacedOrder,
    charlie: Person,
    browser_of: Callable[[Person], FlaskClient],
) -> None:
    with app.app_context():
        counter.pay(order)
    answer = browser_of(charlie).get(f"/payments/orders/{order.number}/next")

    assert answer.location == f"/orders/{order.number}"


def test_in_a_page_stripe_is_asked_once(
    counter: Counter,
    order: PlacedOrder,
    charlie: Person,
    browser_of: Callable[[Person], FlaskClient],
) -> None:
    counter.sandbox.controls.add_fault(kind="unavailable", count=9)
    browser_of(charlie).post(f"/payments/orders/{order.number}/pay")

    assert len(counter.sandbox.controls.requests()) == 1


def test_a_transfer_has_no_pay_button(
    app: Flask,
    counter: Counter,
    charlie: Person,
    goods: Goods,
    browser_of: Callable[[Person], FlaskClient],
) -> None:
    with app.app_context():
        order = counter.place(charlie, goods, method=PaymentMethod.BANK_TRANSFER)
    answer = browser_of(charlie).post(f"/payments/orders/{order.number}/pay")

    assert answer.status_code == 422
    assert "不用在网上付款" in answer.text


def test_pressing_without_end_is_slowed_down(
    order: PlacedOrder, client: FlaskClient
) -> None:
    path = f"/payments/return/{order.number}"
    statuses = [
        client.get(path).status_code for _ in range(CHECKOUT_PER_ADDRESS.hits + 1)
    ]
    assert (statuses[0], statuses[-1]) == (303, 429)


def test_without_an_account_with_the_provider_the_buyer_is_told(
    make_app: Callable[..., Flask], database_url: str, order: PlacedOrder
) -> None:
    bare = make_app(database_url, STRIPE_SECRET_KEY="")
    answer = bare.test_client().get(f"/payments/return/{order.number}")
    assert answer.status_code == 303
    with bare.app_context(), transaction():
        assert states(order) == ("placed", "created")
