"""The shipping desk: queues, slips, and who may touch whose parcels."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.access import Grant
from domain.orders.states import PaymentMethod
from domain.roles import Role, ScopeKind
from models.orders import Order, Shipment
from services.orders import offline
from tests.support.factories import Goods, Person, Place, actor_of, make_person
from tests.support.people import sign_in, writing
from tests.support.queries import count_queries
from tests.support.shopper import messages, order_by, sold

BrowserOf = Callable[[Person], FlaskClient]
TRANSFER = PaymentMethod.BANK_TRANSFER


@pytest.fixture
def packer(client: FlaskClient, alice: Person) -> FlaskClient:
    return sign_in(client, alice)


def paid(app: Flask, buyer: Person, goods: Goods, by: Person) -> Order:
    order = sold(app, buyer, goods, 2, TRANSFER)
    with writing(app):
        offline.confirm_transfer(actor_of(by), order.id, "bank-1")
    return order


def act(browser: FlaskClient, order: Order, what: str, **form: str) -> int:
    path = f"/studio/shipping/{order.id}/{what}"
    return browser.post(path, data=form).status_code


def test_an_order_goes_from_queue_to_queue_to_the_door(
    app: Flask, packer: FlaskClient, goods: Goods, charlie: Person
) -> None:
    order = sold(app, charlie, goods, 2)
    page = packer.get("/studio/shipping?queue=accept").text
    assert order.number in page
    assert act(packer, order, "accept") == 303
    page = packer.get("/studio/shipping").text
    for words in (order.number, "2 ×", "蜜薯 5 斤装", "13700000001", "到付 ¥67.80"):
        assert words in page
    assert act(packer, order, "pack") == 303
    form = {"carrier": "中国邮政", "tracking_number": " 9876 5432 a "}
    assert act(packer, order, "ship", **form) == 303
    page = packer.get("/studio/shipping?queue=on_the_way").text
    assert "98765432A" in page
    assert act(packer, order, "delivered") == 303

    assert order_by(app, order.number).state == "delivered"
    assert any("98765432A" in one for one in messages(app, "13700000001"))
    assert "这一步都做完了" in packer.get("/studio/shipping").text


def test_every_step_is_taken_once(
    app: Flask, packer: FlaskClient, goods: Goods, charlie: Person
) -> None:
    order = sold(app, charlie, goods)

    assert act(packer, order, "pack") == 409
    assert act(packer, order, "delivered") == 409
    assert act(packer, order, "accept") == 303
    assert act(packer, order, "accept") == 409


def test_a_transfer_is_not_taken_on(
    app: Flask, packer: FlaskClient, goods: Goods, charlie: Person
) -> None:
    order = sold(app, charlie, goods, method=TRANSFER)

    assert act(packer, order, "accept") == 422


@pytest.mark.parametrize(
    "form",
    [
        {"carrier": "中国邮政", "tracking_number": ""},
        {"carrier": "中国邮政", "tracking_number": "<b>"},
        {"carrier": "中国邮政", "tracking_number": "1\0"},
        {"carrier": "中国邮政", "tracking_number": "1" * 41},
        {"carrier": "<b>", "tracking_number": "123"},
    ],
    ids=str,
)
def test_a_wrong_tracking_number_is_refused_and_shown_again(
    app: Flask,
    packer: FlaskClient,
    goods: Goods,
    charlie: Person,
    alice: Person,
    form: dict[str, str],
) -> None:
    order = paid(app, charlie, goods, alice)
    act(packer, order, "pack")

    answer = packer.post(f"/studio/shipping/{order.id}/ship", data=form)

    assert answer.status_code == 422
    assert 'id="errors"' in answer.text
    assert order_by(app, order.number).state == "packed"


def test_who_delivers_in_person_needs_no_number(
    app: Flask, packer: FlaskClient, goods: Goods, charlie: Person, alice: Person
) -> None:
    order = paid(app, charlie, goods, alice)
    act(packer, order, "pack")

    assert act(packer, order, "ship", carrier="自己送货", tracking_number="") == 303


def test_a_parcel_that_came_back_is_refunded_and_its_goods_sold_again(
    app: Flask, packer: FlaskClient, goods: Goods, charlie: Person, alice: Person
) -> None:
    order = paid(app, charlie, goods, alice)
    act(packer, order, "pack")
    act(packer, order, "ship", carrier="中国邮政", tracking_number="1")
    assert act(packer, order, "failed", outcome="returned", reason="") == 422
    assert act(packer, order, "failed", outcome="eaten", reason="x") == 422

    form = {"outcome": "returned", "reason": "买家拒收", "restock": "y"}
    assert act(packer, order, "failed", **form) == 303

    assert order_by(app, order.number).state == "cancelled"
    with writing(app) as session:
        assert session.scalars(select(Shipment.state)).one() == "returned"


def test_several_orders_are_packed_at_once_and_what_moved_on_is_left(
    app: Flask, packer: FlaskClient, goods: Goods, charlie: Person, alice: Person
) -> None:
    made = [paid(app, charlie, goods, alice) for _turn in range(3)]
    act(packer, made[0], "pack")
    ticked = {"order": [str(order.id) for order in made] + ["³", "0", "x"]}

    packer.post("/studio/shipping/packets", data={**ticked, "act": "pack"})

    page = packer.get("/studio/shipping?queue=ship").text
    assert all(order.number in page for order in made)
    assert "2 单打包好了" in page
    assert "有 1 单状态变了" in page


def test_nothing_ticked_packs_nothing(packer: FlaskClient) -> None:
    answer = packer.post("/studio/shipping/packets", data={"act": "pack"})

    assert answer.status_code == 303
    assert "先勾上" in packer.get(answer.location).text


@pytest.mark.parametrize(("button", "size"), [("slips", "a4"), ("labels", "label")])
def test_slips_are_printed_for_what_is_ticked(
    app: Flask,
    packer: FlaskClient,
    goods: Goods,
    charlie: Person,
    alice: Person,
    button: str,
    size: str,
) -> None:
    order = paid(app, charlie, goods, alice)
    form = {"order": str(order.id), "act": button}

    answer = packer.post("/studio/shipping/packets", data=form)

    page = packer.get(answer.location).text
    assert f'class="slips {size}"' in page
    for words in (order.number, "13700000001", "蜜薯 5 斤装", "PC-"):
        assert words in page


def test_slips_of_nothing_are_not_found(packer: FlaskClient) -> None:
    for query in ("", "?order=0", "?order=³", "?order=99999", "?order=" + "9" * 30):
        assert packer.get(f"/studio/shipping/slips{query}").status_code == 404


def test_the_packers_of_another_place_find_nothing(
    app: Flask,
    browser_of: BrowserOf,
    goods: Goods,
    charlie: Person,
    alice: Person,
    bob: Person,
) -> None:
    order = paid(app, charlie, goods, alice)
    other = browser_of(bob)

    assert order.number not in other.get("/studio/shipping").text
    for what in ("accept", "pack", "ship", "delivered", "failed"):
        assert act(other, order, what) == 404
    assert other.get(f"/studio/shipping/slips?order={order.id}").status_code == 404
    form = {"order": str(order.id), "act": "pack"}
    other.post("/studio/shipping/packets", data=form)
    assert order_by(app, order.number).state == "paid"


def test_a_member_and_the_accountant_both_see_the_queue(
    app: Flask,
    browser_of: BrowserOf,
    goods: Goods,
    place: Place,
    charlie: Person,
    alice: Person,
) -> None:
    order = paid(app, charlie, goods, alice)
    with writing(app):
        alliance = (ScopeKind.ALLIANCE, place.alliance_id)
        member = make_person("队员", Grant(Role.MEMBER, *alliance))
        cooperative = (ScopeKind.COOPERATIVE, place.cooperative_id)
        keeper = make_person("会计", Grant(Role.ACCOUNTANT, *cooperative))
        chair = make_person("理事长", Grant(Role.CHAIR, *cooperative))

    assert order.number in browser_of(member).get("/studio/shipping").text
    assert order.number in browser_of(keeper).get("/studio/shipping").text
    assert browser_of(chair).get("/studio/shipping").status_code == 403


def test_guests_log_in_and_buyers_are_refused(
    app: Flask, client: FlaskClient, charlie: Person
) -> None:
    assert client.get("/studio/shipping").status_code == 303
    assert client.post("/studio/shipping/1/pack").status_code == 303
    buyer = sign_in(app.test_client(), charlie)
    assert buyer.get("/studio/shipping").status_code == 403
    assert buyer.post("/studio/shipping/1/pack").status_code == 403


@pytest.mark.parametrize("bad", ["0", "³", "99999999999999999999", "x"])
def test_strange_ids_are_not_found(packer: FlaskClient, bad: str) -> None:
    assert packer.post(f"/studio/shipping/{bad}/pack").status_code == 404


def test_strange_queues_show_what_is_to_be_packed(packer: FlaskClient) -> None:
    for queue in ("", "x", "³", "<b>", "%00"):
        page = packer.get(f"/studio/shipping?queue={queue}&page={queue}")
        assert page.status_code == 200
    assert packer.get("/studio/shipping/1/pack").status_code == 405


def test_a_long_queue_costs_no_more_queries(
    app: Flask, packer: FlaskClient, goods: Goods, charlie: Person, alice: Person
) -> None:
    paid(app, charlie, goods, alice)
    few = cost_of(app, packer)
    for _turn in range(12):
        paid(app, charlie, goods, alice)

    assert cost_of(app, packer) == few


def cost_of(app: Flask, browser: FlaskClient) -> int:
    with app.app_context(), count_queries() as statements:
        assert browser.get("/studio/shipping").status_code == 200
    return len([one for one in statements if one.startswith("SELECT")])
