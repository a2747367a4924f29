"""Refunds at the accountant's desk: decided, sent, recorded; never twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from core.access import Grant
from core.clock import now
from domain.orders.states import PaymentMethod
from domain.roles import Role, ScopeKind
from models.accounts import AccountSession
from models.orders import Order
from models.payments import Refund
from services.orders import fulfilling, offline, refunding
from services.orders.drafts import RefundDraft, RefundDraftLine
from tests.support.factories import Goods, Person, Place, actor_of, make_person
from tests.support.people import sign_in, writing
from tests.support.shopper import how_many, line_of, messages, sold

BrowserOf = Callable[[Person], FlaskClient]
LOGIN = "/account/login?next=/"


@pytest.fixture
def accountant(client: FlaskClient, alice: Person) -> FlaskClient:
    return sign_in(client, alice)


@pytest.fixture
def delivered(app: Flask, goods: Goods, charlie: Person, alice: Person) -> Order:
    """Two boxes paid by transfer, at the buyer's."""
    order = sold(app, charlie, goods, 2, PaymentMethod.BANK_TRANSFER)
    with writing(app):
        offline.confirm_transfer(actor_of(alice), order.id, "bank-1")
        fulfilling.pack(actor_of(alice), order.id)
        fulfilling.ship(
            actor_of(alice), order.id, carrier="中国邮政", tracking_number="1"
        )
        fulfilling.confirm_delivery(actor_of(alice), order.id)
    return order


@pytest.fixture
def asked(app: Flask, delivered: Order, charlie: Person) -> int:
    """The buyer asks for one box."""
    line = RefundDraftLine(line_of(app, delivered.id), 1, 2_990)
    with writing(app):
        draft = RefundDraft("refund-asked-1", [line], 0, "有一箱压烂了")
        return refunding.request_refund(actor_of(charlie), delivered.id, draft)


def refund_of(app: Flask, refund_id: int) -> Refund:
    with writing(app) as session:
        refund = session.get_one(Refund, refund_id)
        session.expunge(refund)
        return refund


def post(browser: FlaskClient, refund_id: int, act: str, **form: str) -> int:
    return browser.post(f"/coop/refunds/{refund_id}/{act}", data=form).status_code


def grow_stale(app: Flask) -> None:
    """The password was typed long ago."""
    with writing(app) as session:
        session.execute(
            update(AccountSession).values(confirmed_at=now() - timedelta(hours=2))
        )


def test_a_refund_is_read_granted_and_settled_by_hand(
    app: Flask, accountant: FlaskClient, asked: int, delivered: Order
) -> None:
    assert delivered.number in accountant.get("/coop/refunds?tab=open").text
    page = accountant.get(f"/coop/refunds/{asked}").text
    for words in ("有一箱压烂了", "1 / 2 箱", "29.90", "137****0001", "各方按份"):
        assert words in page

    assert post(accountant, asked, "approve", bearer="parties") == 303
    assert refund_of(app, asked).state == "approved"
    assert post(accountant, asked, "settle", reference="") == 422
    assert post(accountant, asked, "settle", reference="ICBC-9") == 303

    refund = refund_of(app, asked)
    assert (refund.state, refund.reference) == ("succeeded", "ICBC-9")
    assert "ICBC-9" in accountant.get(f"/coop/refunds/{asked}").text
    assert "退款到账" in accountant.get(f"/coop/orders/{delivered.number}").text
    assert any("退款 ¥29.90 已退回" in one for one in messages(app, "13700000001"))


def test_the_carrier_may_have_to_bear_it(
    app: Flask, accountant: FlaskClient, asked: int, delivered: Order
) -> None:
    assert post(accountant, asked, "approve", bearer="carrier") == 303

    assert refund_of(app, asked).bearer == "carrier"
    assert "损坏赔付" in accountant.get(f"/coop/orders/{delivered.number}").text


@pytest.mark.parametrize("bearer", ["nobody", "<b>", "", "\0"])
def test_a_strange_bearer_is_refused(
    app: Flask, accountant: FlaskClient, asked: int, bearer: str
) -> None:
    assert post(accountant, asked, "approve", bearer=bearer) == 422
    assert refund_of(app, asked).state == "requested"


def test_a_refund_is_decided_once(
    app: Flask, accountant: FlaskClient, asked: int
) -> None:
    assert post(accountant, asked, "settle", reference="1") == 409
    assert post(accountant, asked, "approve", bearer="parties") == 303

    assert post(accountant, asked, "approve", bearer="parties") == 409
    assert post(accountant, asked, "reject", reason="想了想") == 409
    assert refund_of(app, asked).state == "approved"


def test_a_declined_refund_tells_the_buyer_why(
    app: Flask, accountant: FlaskClient, asked: int, charlie: Person, delivered: Order
) -> None:
    assert post(accountant, asked, "reject", reason="") == 422
    assert post(accountant, asked, "reject", reason="照片看着是好的") == 303

    assert refund_of(app, asked).state == "rejected"
    assert any("照片看着是好的" in one for one in messages(app, "13700000001"))
    buyer = sign_in(app.test_client(), charlie)
    assert "没有同意" in buyer.get(f"/orders/{delivered.number}").text


def test_money_moves_only_after_the_password_was_typed_lately(
    app: Flask, accountant: FlaskClient, asked: int, delivered: Order
) -> None:
    grow_stale(app)
    page = f"http://localhost/coop/refunds/{asked}"

    answer = accountant.post(
        f"/coop/refunds/{asked}/approve",
        data={"bearer": "parties"},
        headers={"Referer": page},
    )

    assert answer.status_code == 303
    assert answer.location == f"{LOGIN}coop/refunds/{asked}"
    assert refund_of(app, asked).state == "requested"
    assert "输密码再办" in accountant.get(f"/coop/refunds/{asked}").text
    assert post(accountant, asked, "settle", reference="1") == 303
    new = accountant.get(f"/coop/orders/{delivered.number}/refunds/new")
    assert new.location.startswith(LOGIN)


def grant_form(app: Flask, order: Order, **typed: str) -> dict[str, str]:
    line = line_of(app, order.id)
    form = {"request_id": "grant-request-1", "reason": "少装一箱", "bearer": "parties"}
    for name, text in typed.items():
        form[f"{name}_{line}" if name in ("quantity", "amount") else name] = text
    return form


def test_the_accountant_makes_a_refund_and_grants_it_in_one_step(
    app: Flask, accountant: FlaskClient, delivered: Order
) -> None:
    path = f"/coop/orders/{delivered.number}/refunds/new"
    assert "最多还能退 ¥67.80" in accountant.get(path).text
    form = grant_form(app, delivered, quantity="1", freight="2")

    for _turn in range(2):
        assert accountant.post(path, data=form).status_code == 303

    with writing(app) as session:
        refund = session.scalars(select(Refund)).one()
        assert (refund.state, refund.goods_fen, refund.freight_fen) == (
            "approved",
            2_990,
            200,
        )


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"quantity": "3"},
        {"quantity": "³"},
        {"amount": "59.81"},
        {"freight": "8.01"},
        {"freight": "-1"},
        {"quantity": "1", "bearer": "nobody"},
        {"quantity": "1", "reason": ""},
        {"quantity": "1", "request_id": ""},
    ],
    ids=str,
)
def test_a_wrong_refund_is_refused_and_keeps_what_was_typed(
    app: Flask, accountant: FlaskClient, delivered: Order, typed: dict[str, str]
) -> None:
    path = f"/coop/orders/{delivered.number}/refunds/new"

    answer = accountant.post(path, data=grant_form(app, delivered, **typed))

    assert answer.status_code == 422
    assert 'id="errors"' in answer.text
    assert how_many(app, Refund) == 0


@pytest.fixture
def unsent(app: Flask, goods: Goods, charlie: Person, alice: Person) -> Order:
    """Two boxes paid by transfer, still in the house: ¥59.80 and ¥8.00 freight."""
    order = sold(app, charlie, goods, 2, PaymentMethod.BANK_TRANSFER)
    with writing(app):
        offline.confirm_transfer(actor_of(alice), order.id, "bank-1")
    return order


def test_unsent_boxes_for_less_than_they_cost_are_refused_on_both_pages(
    app: Flask, accountant: FlaskClient, charlie: Person, unsent: Order
) -> None:
    form = grant_form(app, unsent, quantity="2", amount="10.00")
    buyer = sign_in(app.test_client(), charlie)
    pages = [
        (buyer, f"/orders/{unsent.number}/refunds"),
        (accountant, f"/coop/orders/{unsent.number}/refunds/new"),
    ]
    for browser, path in pages:
        answer = browser.post(path, data=form)
        assert answer.status_code == 422
        assert "还没发货，不要几箱就退几箱的钱" in answer.text
        assert 'value="10.00"' in answer.text
    assert how_many(app, Refund) == 0


def test_the_button_says_what_cancelling_gives_back(
    app: Flask, accountant: FlaskClient, charlie: Person, unsent: Order
) -> None:
    line = RefundDraftLine(line_of(app, unsent.id), 2, 5_980)
    with writing(app):
        draft = RefundDraft("refund-asked-2", [line], 0, "不要了")
        refund_id = refunding.request_refund(actor_of(charlie), unsent.id, draft)

    page = accountant.get(f"/coop/refunds/{refund_id}").text
    assert "同意，取消订单，退 ¥67.80" in page
    assert "申请的 ¥59.80，加上余款和运费 ¥8.00，一共退 ¥67.80。" in page
    assert post(accountant, refund_id, "approve", bearer="parties") == 303

    with writing(app) as session:
        refunds = session.scalars(select(Refund)).all()
        assert sum(refund.amount_fen for refund in refunds) == 6_780
        assert session.get_one(Order, unsent.id).state == "cancelled"


@pytest.mark.parametrize("role", [Role.CHAIR, Role.AUDITOR])
def test_chair_and_auditor_only_read(
    app: Flask,
    browser_of: BrowserOf,
    place: Place,
    asked: int,
    delivered: Order,
    role: Role,
) -> None:
    with writing(app):
        scope = (ScopeKind.COOPERATIVE, place.cooperative_id)
        person = make_person("看账的", Grant(role, *scope))
    browser = browser_of(person)

    page = browser.get(f"/coop/refunds/{asked}")
    assert page.status_code == 200
    assert "同意，退" not in page.text
    for act in ("approve", "reject", "settle"):
        assert post(browser, asked, act, reason="x") == 403
    new = browser.get(f"/coop/orders/{delivered.number}/refunds/new")
    assert new.status_code == 403
    assert refund_of(app, asked).state == "requested"


def test_another_cooperative_finds_nothing(
    app: Flask, browser_of: BrowserOf, bob: Person, asked: int, delivered: Order
) -> None:
    other = browser_of(bob)

    assert delivered.number not in other.get("/coop/refunds").text
    assert other.get(f"/coop/refunds/{asked}").status_code == 404
    for act in ("approve", "reject", "settle"):
        assert post(other, asked, act, bearer="parties", reason="x") == 404
    new = other.get(f"/coop/orders/{delivered.number}/refunds/new")
    assert new.status_code == 404
    assert refund_of(app, asked).state == "requested"


def test_guests_log_in_and_buyers_are_refused(
    app: Flask, browser_of: BrowserOf, charlie: Person, asked: int
) -> None:
    assert app.test_client().get("/coop/refunds").status_code == 303
    assert browser_of(charlie).get("/coop/refunds").status_code == 403
    assert browser_of(charlie).get(f"/coop/refunds/{asked}").status_code == 403


@pytest.mark.parametrize("bad", ["0", "³", "9" * 19, "9" * 30, "x"])
def test_strange_ids_are_not_found(accountant: FlaskClient, bad: str) -> None:
    assert accountant.get(f"/coop/refunds/{bad}").status_code == 404
    form = {"bearer": "parties"}
    assert accountant.post(f"/coop/refunds/{bad}/approve", data=form).status_code == 404


def test_strange_pages_show_the_first_and_strange_tabs_nothing(
    accountant: FlaskClient, asked: int
) -> None:
    for page in ("", "x", "³", "%00"):
        shown = accountant.get(f"/coop/refunds?page={page}")
        assert shown.status_code == 200
        assert "有一箱压烂了" in shown.text
    for tab in ("x", "³", "%00"):
        refused = accountant.get(f"/coop/refunds?tab={tab}")
        assert refused.status_code == 422
        assert "有一箱压烂了" not in refused.text
    assert "有一箱压烂了" not in accountant.get("/coop/refunds?tab=done").text
    assert accountant.get("/coop/refunds/1/approve").status_code == 405
