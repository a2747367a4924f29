"""The accountant's desk: orders found, money confirmed, books in words."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.access import Grant
from core.clock import today
from domain.orders.states import PaymentMethod
from domain.roles import Role, ScopeKind
from models.orders import Order
from services.orders import fulfilling
from tests.support.factories import Goods, Person, Place, actor_of, make_person
from tests.support.people import sign_in, writing
from tests.support.queries import count_queries
from tests.support.shopper import order_by, sold

BrowserOf = Callable[[Person], FlaskClient]
TRANSFER = PaymentMethod.BANK_TRANSFER
READERS = [Role.CHAIR, Role.AUDITOR]


@pytest.fixture
def accountant(client: FlaskClient, alice: Person) -> FlaskClient:
    return sign_in(client, alice)


@pytest.fixture(params=READERS)
def reader(
    request: pytest.FixtureRequest, app: Flask, place: Place, browser_of: BrowserOf
) -> FlaskClient:
    scope = (ScopeKind.COOPERATIVE, place.cooperative_id)
    with writing(app):
        person = make_person("看账的", Grant(request.param, *scope))
    return browser_of(person)


@pytest.fixture
def transfer(app: Flask, goods: Goods, charlie: Person) -> Order:
    return sold(app, charlie, goods, 2, TRANSFER)


@pytest.fixture
def collected(app: Flask, goods: Goods, charlie: Person, alice: Person) -> Order:
    """Cash on delivery that arrived."""
    order = sold(app, charlie, goods)
    with writing(app):
        fulfilling.accept_cash_order(actor_of(alice), order.id)
        fulfilling.pack(actor_of(alice), order.id)
        fulfilling.ship(
            actor_of(alice), order.id, carrier="中国邮政", tracking_number="1"
        )
        fulfilling.confirm_delivery(actor_of(alice), order.id)
    return order


def path(order: Order, act: str = "") -> str:
    return f"/coop/orders/{order.number}" + (f"/{act}" if act else "")


def test_orders_are_listed_with_masked_phones(
    accountant: FlaskClient, transfer: Order
) -> None:
    page = accountant.get("/coop/orders").text

    for words in (transfer.number, "137****0001", "银行转账", "待转账", "67.80"):
        assert words in page
    assert "13700000001" not in page


def test_the_list_is_narrowed_by_state_method_day_and_words(
    accountant: FlaskClient, transfer: Order, collected: Order
) -> None:
    day = today().isoformat()
    for query, wanted in (
        ("state=placed", transfer),
        ("state=delivered", collected),
        ("method=bank_transfer", transfer),
        ("method=cash_on_delivery", collected),
        (f"q={transfer.number[-6:].lower()}", transfer),
        (f"q={collected.number}", collected),
        (f"state=placed&from={day}&to={day}", transfer),
    ):
        page = accountant.get(f"/coop/orders?{query}").text
        [other] = {transfer.number, collected.number} - {wanted.number}
        assert wanted.number in page, query
        assert other not in page, query
    later = accountant.get("/coop/orders?from=2099-01-01")
    assert "没有这样的订单" in later.text


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday",
        "from=³",
        "to=9999-99-99",
        "from=2026-02-02&to=2026-01-01",
        "state=lost",
        "method=<b>",
        "q=" + "x" * 41,
        "q=%00",
    ],
)
def test_a_strange_filter_says_what_is_wrong(
    accountant: FlaskClient, transfer: Order, query: str
) -> None:
    answer = accountant.get(f"/coop/orders?{query}")

    assert answer.status_code == 422
    assert 'id="errors"' in answer.text


def test_wild_cards_in_a_search_are_plain_letters(
    accountant: FlaskClient, transfer: Order
) -> None:
    assert transfer.number not in accountant.get("/coop/orders?q=%25").text


def test_a_transfer_is_confirmed_with_its_reference_and_stands_in_the_books(
    app: Flask, accountant: FlaskClient, transfer: Order
) -> None:
    assert "还没收到钱" in accountant.get(path(transfer)).text

    form = {"reference": "ICBC-001"}
    assert accountant.post(path(transfer, "transfer"), data=form).status_code == 303

    assert order_by(app, transfer.number).state == "paid"
    page = accountant.get(path(transfer)).text
    for words in ("银行转账到账", "银行存款", "67.80", "ICBC-001", "已收到"):
        assert words in page
    assert accountant.post(path(transfer, "transfer"), data=form).status_code == 303


def test_cash_is_remitted_less_the_carriers_fee(
    accountant: FlaskClient, collected: Order
) -> None:
    assert "快递公司交回代收款" in accountant.get(path(collected)).text
    form = {"reference": "YZ-7", "fee": "１.50"}

    answer = accountant.post(path(collected, "remittance"), data=form)

    assert answer.status_code == 303
    page = accountant.get(path(collected)).text
    for words in ("代收款上交", "手续费", "1.50", "送达分账", "应付农户 刘家"):
        assert words in page
    assert "快递公司交回代收款" not in page


@pytest.mark.parametrize("act", ["transfer", "remittance"])
@pytest.mark.parametrize("reference", ["", "x" * 81, "\0"], ids=["none", "long", "nul"])
def test_a_wrong_reference_is_refused(
    app: Flask, accountant: FlaskClient, transfer: Order, act: str, reference: str
) -> None:
    answer = accountant.post(path(transfer, act), data={"reference": reference})

    assert answer.status_code == 422
    assert order_by(app, transfer.number).state == "placed"


@pytest.mark.parametrize("fee", ["-1", "³", "x", "9" * 30, "=1", "1000"])
def test_a_wrong_fee_is_refused_and_keeps_what_was_typed(
    accountant: FlaskClient, collected: Order, fee: str
) -> None:
    form = {"reference": "YZ-7", "fee": fee}

    answer = accountant.post(path(collected, "remittance"), data=form)

    assert answer.status_code == 422
    assert 'value="YZ-7"' in answer.text


def test_money_of_another_kind_is_refused(
    accountant: FlaskClient, transfer: Order, collected: Order
) -> None:
    form = {"reference": "1"}

    assert accountant.post(path(collected, "transfer"), data=form).status_code == 422
    assert accountant.post(path(transfer, "remittance"), data=form).status_code == 422


def test_an_order_that_cannot_be_sent_is_cancelled_with_a_reason(
    app: Flask, accountant: FlaskClient, transfer: Order, collected: Order
) -> None:
    assert accountant.post(path(transfer, "cancel")).status_code == 422
    form = {"reason": "下雨挖不出来"}
    assert accountant.post(path(collected, "cancel"), data=form).status_code == 409

    assert accountant.post(path(transfer, "cancel"), data=form).status_code == 303
    assert order_by(app, transfer.number).state == "cancelled"
    assert "下雨挖不出来" in accountant.get(path(transfer)).text


def test_chair_and_auditor_read_and_write_nothing(
    app: Flask, reader: FlaskClient, transfer: Order
) -> None:
    assert transfer.number in reader.get("/coop/orders").text
    page = reader.get(path(transfer)).text
    assert "确认到账" not in page
    assert "这单发不了" not in page
    for act in ("transfer", "remittance", "cancel"):
        assert reader.post(path(transfer, act), data={}).status_code == 403
    assert order_by(app, transfer.number).state == "placed"


def test_another_cooperative_finds_nothing(
    browser_of: BrowserOf, bob: Person, transfer: Order
) -> None:
    other = browser_of(bob)

    assert transfer.number not in other.get("/coop/orders").text
    assert other.get(path(transfer)).status_code == 404
    for act in ("transfer", "remittance", "cancel"):
        assert other.post(path(transfer, act), data={}).status_code == 404


def test_who_audits_elsewhere_and_keeps_books_here_writes_only_here(
    app: Flask,
    browser_of: BrowserOf,
    place: Place,
    other_place: Place,
    transfer: Order,
) -> None:
    with writing(app):
        person = make_person(
            "两头跑",
            Grant(Role.AUDITOR, ScopeKind.COOPERATIVE, place.cooperative_id),
            Grant(Role.ACCOUNTANT, ScopeKind.COOPERATIVE, other_place.cooperative_id),
        )
    browser = browser_of(person)

    assert "确认到账" not in browser.get(path(transfer)).text
    form = {"reference": "1"}
    assert browser.post(path(transfer, "transfer"), data=form).status_code == 404


def test_guests_log_in_and_members_are_refused(
    app: Flask, place: Place, browser_of: BrowserOf, charlie: Person, transfer: Order
) -> None:
    assert app.test_client().get("/coop/orders").status_code == 303
    alliance = (ScopeKind.ALLIANCE, place.alliance_id)
    with writing(app):
        member = make_person("队员", Grant(Role.MEMBER, *alliance))
    for person in (charlie, member):
        assert browser_of(person).get("/coop/orders").status_code == 403
        assert browser_of(person).get(path(transfer)).status_code == 403


@pytest.mark.parametrize("number", ["x", "³", "%00", "TB-261124-0000", "1" * 300])
def test_strange_numbers_are_not_found(accountant: FlaskClient, number: str) -> None:
    assert accountant.get(f"/coop/orders/{number}").status_code == 404
    assert accountant.post(f"/coop/orders/{number}/transfer").status_code == 404


def test_a_long_list_costs_no_more_queries(
    app: Flask, accountant: FlaskClient, goods: Goods, charlie: Person, transfer: Order
) -> None:
    few = cost_of(app, accountant)
    for _turn in range(12):
        sold(app, charlie, goods)

    assert cost_of(app, accountant) == few


def cost_of(app: Flask, browser: FlaskClient) -> int:
    with app.app_context(), count_queries() as statements:
        assert browser.get("/coop/orders").status_code == 200
    return len([one for one in statements if one.startswith("SELECT")])
