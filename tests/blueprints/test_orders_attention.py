"""What waits for a person, seen and moved on at the accountant's desk."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core import clock
from core.database import transaction
from domain.orders.states import PaymentMethod
from models.history import move
from models.outbox import Job
from models.payments import Payment, Refund
from sandbox.server import SandboxServer
from services import outbox
from services.orders import cancelling, fulfilling, offline
from services.payments.gateway_calls import open_payment, sync_payment
from tests.support.factories import (
    Goods,
    Person,
    Place,
    actor_of,
    find_goods,
    list_goods,
    listing,
)
from tests.support.people import sign_in, writing
from tests.support.shopper import buy, sold

PAGE = "/coop/attention"


@pytest.fixture
def accountant(client: FlaskClient, alice: Person) -> FlaskClient:
    return sign_in(client, alice)


@pytest.fixture
def parked(
    app: Flask, goods: Goods, charlie: Person, stripe_sandbox: SandboxServer
) -> Payment:
    """¥50.00 came for an order of more."""
    order = sold(app, charlie, goods, 2, PaymentMethod.STRIPE)
    with app.app_context():
        query = select(Payment.id).where(Payment.order_id == order.id)
        with transaction() as session:
            payment_id = session.scalars(query).one()
        page = open_payment(payment_id) or ""
        session_id = page.rsplit("/", 1)[1]
        account = stripe_sandbox.world.account("sk_test_shop")
        account.objects["checkout.session"][session_id]["amount_total"] = 5_000
        stripe_sandbox.controls.pay_session(session_id)
        sync_payment(payment_id)
    return payment_in(app, payment_id)


def payment_in(app: Flask, payment_id: int) -> Payment:
    with writing(app) as session:
        payment = session.get_one(Payment, payment_id)
        session.expunge(payment)
        return payment


@pytest.fixture
def stuck_sms(app: Flask, goods: Goods, charlie: Person) -> Job:
    """The message that tells of a cash order could not be sent."""
    sold(app, charlie, goods)
    with writing(app) as session:
        newest = select(Job).where(Job.kind == "send_sms").order_by(Job.id.desc())
        job = session.scalars(newest.limit(1)).one()
        outbox.park(job, "SMS_URL is not set")
        session.expunge(job)
        return job


def test_shares_that_no_family_has_are_told_apart(
    app: Flask,
    accountant: FlaskClient,
    place: Place,
    charlie: Person,
    alice: Person,
    bob: Person,
) -> None:
    with writing(app):
        draft = replace(
            listing(place, name="野山楂", price_fen=2_990, stock=9), batch=None
        )
        goods = find_goods(list_goods(place, alice, draft))
    order = sold(app, charlie, goods, 2)
    assert "农户份额还没分到户" not in accountant.get(PAGE).text
    with writing(app):
        fulfilling.accept_cash_order(actor_of(alice), order.id)
        fulfilling.pack(actor_of(alice), order.id)
        fulfilling.ship(
            actor_of(alice), order.id, carrier="中国邮政", tracking_number="1"
        )
        fulfilling.confirm_delivery(actor_of(alice), order.id)

    page = accountant.get(PAGE).text
    for words in ("农户份额还没分到户", "野山楂", "1 单", "¥47.84", "没有要处理的"):
        assert words in page
    assert "农户份额还没分到户" not in sign_in(app.test_client(), bob).get(PAGE).text


def test_nothing_waits_at_first(accountant: FlaskClient) -> None:
    page = accountant.get(PAGE)

    assert page.status_code == 200
    assert "没有要处理的" in page.text


def test_a_wrong_payment_is_seen_and_sent_back(
    app: Flask, accountant: FlaskClient, parked: Payment
) -> None:
    page = accountant.get(PAGE).text
    for words in ("收到的钱和订单对不上", "收到 ¥50.00", "全部退回"):
        assert words in page
    act = f"{PAGE}/payments/{parked.id}/return"

    assert accountant.post(act).status_code == 303
    assert payment_in(app, parked.id).state == "late"
    again = accountant.post(act)
    assert again.status_code == 409
    assert "状态已经变了" in again.text


def test_sending_back_while_stripe_is_down_says_so(
    app: Flask,
    accountant: FlaskClient,
    parked: Payment,
    stripe_sandbox: SandboxServer,
) -> None:
    stripe_sandbox.controls.add_fault(kind="unavailable", count=3)
    answer = accountant.post(f"{PAGE}/payments/{parked.id}/return")

    assert answer.status_code == 503
    assert payment_in(app, parked.id).state == "parked"


def test_a_provider_that_does_not_answer_is_told(
    app: Flask,
    client: FlaskClient,
    goods: Goods,
    alice: Person,
    bob: Person,
    stripe_sandbox: SandboxServer,
) -> None:
    stripe_sandbox.controls.add_fault(kind="unavailable")
    buy(client, goods, payment_method="stripe")
    with clock.at(clock.now() + timedelta(minutes=2)):
        page = sign_in(app.test_client(), alice).get(PAGE).text
        other = sign_in(app.test_client(), bob).get(PAGE).text

    assert "支付平台没有回应" in page
    assert "1 位买家在等付款页" in page
    assert "没有要处理的" not in page
    assert "支付平台没有回应" not in other


def test_a_message_that_was_not_sent_is_tried_again(
    app: Flask, accountant: FlaskClient, stuck_sms: Job
) -> None:
    page = accountant.get(PAGE).text
    assert "短信没发出去" in page
    assert stuck_sms.payload["to"] not in page
    act = f"{PAGE}/jobs/{stuck_sms.id}/retry"

    assert accountant.post(act).status_code == 303
    with writing(app) as session:
        assert session.get_one(Job, stuck_sms.id).parked_at is None
    assert accountant.post(act).status_code == 404


def test_refunds_that_failed_or_are_to_be_transferred_are_seen(
    app: Flask, accountant: FlaskClient, goods: Goods, charlie: Person, alice: Person
) -> None:
    by_hand = sold(app, charlie, goods, 1, PaymentMethod.BANK_TRANSFER)
    failed = sold(app, charlie, goods, 1, PaymentMethod.BANK_TRANSFER)
    with writing(app) as session:
        for order in (by_hand, failed):
            offline.confirm_transfer(actor_of(alice), order.id, f"B-{order.id}")
            cancelling.cancel(actor_of(alice), order.id, reason="下雨")
        refunds = select(Refund).where(Refund.order_id == failed.id)
        move(session.scalars(refunds).one(), "failed")
    page = accountant.get(PAGE).text

    for words in (by_hand.number, failed.number, "从银行转给买家", "打开再退一次"):
        assert words in page


def test_another_cooperatives_troubles_are_not_found(
    app: Flask, client: FlaskClient, bob: Person, parked: Payment, stuck_sms: Job
) -> None:
    browser = sign_in(client, bob)
    assert "没有要处理的" in browser.get(PAGE).text
    for act in (f"payments/{parked.id}/return", f"jobs/{stuck_sms.id}/retry"):
        assert browser.post(f"{PAGE}/{act}").status_code == 404
        assert browser.get(f"{PAGE}/{act}").status_code == 405
    assert payment_in(app, parked.id).state == "parked"


def test_only_desks_see_it(client: FlaskClient, charlie: Person) -> None:
    assert client.get(PAGE).status_code == 303
    assert sign_in(client, charlie).get(PAGE).status_code == 403


def test_a_transfer_of_another_amount_is_recorded_and_goes_back(
    app: Flask, accountant: FlaskClient, goods: Goods, charlie: Person
) -> None:
    order = sold(app, charlie, goods, 1, PaymentMethod.BANK_TRANSFER)
    act = f"/coop/orders/{order.number}/surplus"
    assert "转来的钱不是这个数" in accountant.get(f"/coop/orders/{order.number}").text

    for typed in ("", "0", "-1", "³", "9" * 30):
        form = {"reference": "B-7", "amount": typed}
        answer = accountant.post(act, data=form)
        assert answer.status_code == 422
        assert 'value="B-7"' in answer.text
    form = {"reference": "B-7", "amount": "２０.5"}
    assert accountant.post(act, data=form).status_code == 303
    with writing(app) as session:
        refund = session.scalars(select(Refund)).one()
        assert (refund.amount_fen, refund.is_surplus) == (2_050, True)
        refund_id = refund.id
    assert accountant.get(f"/coop/refunds/{refund_id}").status_code == 200
