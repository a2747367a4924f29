"""Checkout: one order per cooperative, once per request, at the prices of now."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from core.access import Actor
from core.clock import local_day, now
from core.database import db, transaction
from core.errors import NotFound
from domain.freight import NoDelivery
from domain.orders.numbers import parse_order_number
from domain.orders.states import PaymentMethod
from domain.pricing import OrderTooLarge
from models.catalogue import HarvestBatch, Variant
from models.columns import digest_of
from models.cooperative import FreightPolicy, SplitPolicy
from models.history import StateChange
from models.orders import Order, OrderLine, StockReservation
from models.outbox import Job
from queries.orders.carts import cart_view, count_in_cart
from queries.orders.details import get_order_id
from services.orders.buyers import start_visit
from services.orders.cart import add_item
from services.orders.drafts import CheckoutDraft, PlacedOrder, PriceChanged
from services.orders.links import LinkUnknown, exchange_token, send_link_again
from services.orders.placing import CheckoutTaken, EmptyCart, place_orders
from services.orders.plans import CooperativeNotReady
from services.orders.stock import NotOnSale, OutOfStock, SoldOut, release
from tests.support.counter import (
    Counter,
    in_threads,
    lines_of,
    messages_to,
    new_request,
    order_of,
    payment_of,
    reservations,
    stock_of,
)
from tests.support.factories import ADDRESS, Goods, Person, Place, make_goods


@pytest.fixture
def guest() -> Actor:
    with transaction():
        visitor_id, _token = start_visit()
    return Actor(visitor_id=visitor_id)


@pytest.fixture
def ginger(other_place: Place, bob: Person) -> Goods:
    """A product of another cooperative."""
    with transaction():
        return make_goods(other_place, bob, name="大姜", price_fen=3_290)


def draft(**changes: object) -> CheckoutDraft:
    return replace(ADDRESS, request_id=new_request(), **changes)  # type: ignore[arg-type]


def fill(buyer: Actor, *goods: Goods, quantity: int = 2) -> None:
    with transaction():
        for each in goods:
            add_item(buyer, variant_id=each.variant_id, quantity=quantity)


def place_all(buyer: Actor, submitted: CheckoutDraft) -> list[PlacedOrder]:
    with transaction():
        return place_orders(buyer, submitted)


def count_orders() -> int:
    return db.session.scalar(select(func.count(Order.id))) or 0


def test_an_order_remembers_everything_as_it_stood(
    guest: Actor, goods: Goods, place: Place
) -> None:
    fill(guest, goods)
    [placed] = place_all(guest, draft())
    order, [line] = order_of(placed), lines_of(placed)

    assert parse_order_number(placed.number) == placed.number
    assert (order.state, order.recipient, order.province) == (
        "placed",
        "王小明",
        "山东省",
    )
    assert (order.goods_fen, order.freight_fen, order.total_fen) == (5_980, 800, 6_780)
    assert (line.product_name, line.variant_name) == ("蜜薯", "5 斤装")
    assert (line.price_fen, line.quantity, line.freight_fen) == (2_990, 2, 800)
    assert line.alliance_id == place.alliance_id
    assert line.batch_id == db.session.scalar(select(HarvestBatch.id))
    assert stock_of(goods) == 98
    assert reservations(placed) == [("held", 2)]
    assert count_in_cart(guest) == 0


def test_a_payment_waits_with_its_key(guest: Actor, goods: Goods) -> None:
    fill(guest, goods)
    [placed] = place_all(guest, draft())
    payment = payment_of(placed)

    assert (payment.state, payment.amount_fen, payment.currency) == (
        "created",
        6_780,
        "cny",
    )
    assert payment.idempotency_key
    assert payment.expires_at is not None
    assert payment.expires_at - now() > timedelta(minutes=30)


def test_two_cooperatives_make_two_orders(
    guest: Actor, goods: Goods, ginger: Goods
) -> None:
    fill(guest, goods, ginger)
    shown = cart_view(guest, "山东省")
    placed = place_all(guest, draft(shown_total_fen=shown.total_fen))

    assert len({order_of(order).cooperative_id for order in placed}) == 2
    assert sum(order_of(order).total_fen for order in placed) == shown.total_fen
    assert (stock_of(goods), stock_of(ginger)) == (98, 98)


def test_freight_is_divided_by_weight(guest: Actor, goods: Goods) -> None:
    with transaction():
        small = Variant(
            product_id=goods.id, name="小", weight_g=500, price_fen=700, stock=9
        )
        db.session.add(small)
        db.session.flush()
        add_item(guest, variant_id=goods.variant_id, quantity=2)
        add_item(guest, variant_id=small.id, quantity=3)
    [placed] = place_all(guest, draft())

    assert [line.freight_fen for line in lines_of(placed)] == [769, 231]
    assert order_of(placed).freight_fen == 1_000


def test_the_same_request_orders_once(guest: Actor, goods: Goods) -> None:
    fill(guest, goods)
    submitted = draft()
    first = place_all(guest, submitted)
    fill(guest, goods)
    again = place_all(guest, submitted)

    assert [order.number for order in again] == [order.number for order in first]
    assert first[0].token
    assert again[0].token is None
    assert count_orders() == 1
    assert count_in_cart(guest) == 2


def test_another_buyer_gets_nothing_for_a_used_request_id(
    guest: Actor, goods: Goods, charlie: Person
) -> None:
    fill(guest, goods)
    submitted = draft()
    place_all(guest, submitted)

    with pytest.raises(CheckoutTaken):
        place_all(Actor(account_id=charlie.id), submitted)


def test_an_empty_cart_orders_nothing(guest: Actor) -> None:
    with pytest.raises(EmptyCart):
        place_all(guest, draft())
    assert count_orders() == 0


def test_the_last_box_is_sold_once(guest: Actor, goods: Goods, charlie: Person) -> None:
    other = Actor(account_id=charlie.id)
    fill(guest, goods, quantity=20)
    fill(other, goods, quantity=20)
    with transaction():
        db.session.get_one(Variant, goods.variant_id).stock = 25
    place_all(guest, draft())

    with pytest.raises(OutOfStock) as refused:
        place_all(other, draft(phone="13700000002"))
    assert refused.value.text == "蜜薯 5 斤装现在只剩 5 份，请减少数量再下单。"
    assert stock_of(goods) == 5
    assert count_in_cart(other) == 20


def test_one_short_line_keeps_everything_from_being_ordered(
    guest: Actor, goods: Goods, ginger: Goods
) -> None:
    fill(guest, goods, ginger)
    with transaction():
        db.session.get_one(Variant, ginger.variant_id).stock = 0

    with pytest.raises(SoldOut):
        place_all(guest, draft())
    assert count_orders() == 0
    assert stock_of(goods) == 100


def test_the_price_of_now_counts_and_a_changed_one_is_shown_first(
    guest: Actor, goods: Goods
) -> None:
    fill(guest, goods)
    shown = cart_view(guest, "山东省").total_fen
    with transaction():
        db.session.get_one(Variant, goods.variant_id).price_fen = 3_500

    with pytest.raises(PriceChanged):
        place_all(guest, draft(shown_total_fen=shown))
    assert stock_of(goods) == 100
    [placed] = place_all(guest, draft(shown_total_fen=7_800))
    assert order_of(placed).goods_fen == 7_000


def test_a_withdrawn_listing_cannot_be_ordered(
    guest: Actor, goods: Goods, place: Place
) -> None:
    from models.catalogue import Product

    fill(guest, goods)
    with transaction():
        db.session.execute(
            update(Product).where(Product.id == goods.id).values(state="withdrawn")
        )
    with pytest.raises(NotOnSale):
        place_all(guest, draft())


def test_a_box_off_the_shelf_cannot_be_ordered(guest: Actor, goods: Goods) -> None:
    """It lay in the cart before; its listing goes on with other boxes."""
    fill(guest, goods)
    with transaction():
        db.session.get_one(Variant, goods.variant_id).on_sale = False

    with pytest.raises(NotOnSale):
        place_all(guest, draft())
    assert stock_of(goods) == 100


def test_where_nothing_is_sent_nothing_is_ordered(guest: Actor, goods: Goods) -> None:
    fill(guest, goods)
    with pytest.raises(NoDelivery):
        place_all(guest, draft(province="台湾省"))
    assert stock_of(goods) == 100


def test_an_order_too_large_to_pay_is_refused(guest: Actor, goods: Goods) -> None:
    with transaction():
        db.session.get_one(Variant, goods.variant_id).price_fen = 10_000_000
    fill(guest, goods, quantity=10)
    with pytest.raises(OrderTooLarge):
        place_all(guest, draft())


@pytest.mark.parametrize("table", [SplitPolicy, FreightPolicy])
def test_without_rules_nothing_is_sold(
    guest: Actor, goods: Goods, table: type[SplitPolicy | FreightPolicy]
) -> None:
    fill(guest, goods)
    with transaction():
        db.session.execute(
            update(table).values(valid_from=local_day(now() + timedelta(days=2)))
        )
    with pytest.raises(CooperativeNotReady):
        place_all(guest, draft())


def test_the_rules_of_the_day_are_kept(
    guest: Actor, goods: Goods, place: Place
) -> None:
    with transaction():
        old = db.session.scalars(
            select(SplitPolicy).where(
                SplitPolicy.cooperative_id == place.cooperative_id
            )
        ).one()
        values = {
            column.name: getattr(old, column.name)
            for column in SplitPolicy.__table__.c
            if column.name != "id"
        }
        newer = SplitPolicy(**values | {"version": 2, "host_bp": 1_000})
        unsigned = SplitPolicy(**values | {"version": 3, "approved_at": None})
        db.session.add_all([newer, unsigned])
    fill(guest, goods)
    [placed] = place_all(guest, draft())

    assert order_of(placed).split_policy_id == newer.id


def test_a_guest_gets_a_link_that_opens_the_order(guest: Actor, goods: Goods) -> None:
    fill(guest, goods)
    [placed] = place_all(guest, draft())
    [message] = messages_to(ADDRESS.phone)

    assert message.endswith(f"/orders/{placed.number}?token={placed.token}")
    assert order_of(placed).token_digest == digest_of(placed.token or "")
    assert get_order_id(guest, placed.number) == placed.order_id


def test_an_accounts_link_needs_the_login(
    goods: Goods, charlie: Person, counter: Counter
) -> None:
    placed = counter.place(charlie, goods)
    [message] = messages_to(ADDRESS.phone)

    assert message.endswith(f"/orders/{placed.number}")
    own = Actor(account_id=charlie.id)
    assert get_order_id(own, placed.number.lower()) == placed.order_id


def test_a_token_opens_its_order_to_another_browser(guest: Actor, goods: Goods) -> None:
    fill(guest, goods)
    [placed] = place_all(guest, draft())
    with transaction():
        phone_id, _token = start_visit()
    phone = Actor(visitor_id=phone_id)
    with pytest.raises(NotFound):
        get_order_id(phone, placed.number)

    for _twice in range(2):
        with transaction():
            exchange_token(placed.number, placed.token or "", phone_id)
    assert get_order_id(phone, placed.number) == placed.order_id
    with pytest.raises(LinkUnknown), transaction():
        exchange_token(placed.number, "guessed", phone_id)


def test_a_lost_link_is_sent_again_to_the_same_phone(
    guest: Actor, goods: Goods
) -> None:
    fill(guest, goods)
    [placed] = place_all(guest, draft())
    with transaction():
        send_link_again(placed.number, "13999999999")
    assert len(messages_to(ADDRESS.phone)) == 1
    with transaction():
        send_link_again(placed.number, ADDRESS.phone)

    newest = messages_to(ADDRESS.phone)[-1].rsplit("=", 1)[1]
    assert order_of(placed).token_digest == digest_of(newest)
    assert newest != placed.token


@pytest.mark.parametrize(
    ("method", "jobs"),
    [
        (PaymentMethod.STRIPE, ["send_sms", "sync_payment"]),
        (PaymentMethod.BANK_TRANSFER, ["release_expired", "send_sms"]),
        (PaymentMethod.CASH_ON_DELIVERY, ["release_unaccepted", "send_sms"]),
    ],
)
def test_what_waits_for_money_is_watched(
    charlie: Person,
    goods: Goods,
    counter: Counter,
    method: PaymentMethod,
    jobs: list[str],
) -> None:
    counter.place(charlie, goods, method=method)

    assert sorted(db.session.scalars(select(Job.kind))) == jobs


def test_history_begins_with_the_order(guest: Actor, goods: Goods) -> None:
    fill(guest, goods)
    [placed] = place_all(guest, draft())
    change = db.session.scalars(
        select(StateChange).where(
            StateChange.record_kind == "order", StateChange.record_id == placed.order_id
        )
    ).one()

    assert (change.from_state, change.to_state) == (None, "placed")


def test_two_buyers_race_for_the_last_box(
    app: Flask, goods: Goods, alice: Person, charlie: Person
) -> None:
    with transaction():
        db.session.get_one(Variant, goods.variant_id).stock = 1
    buyers = [Actor(account_id=alice.id), Actor(account_id=charlie.id)]
    for buyer in buyers:
        fill(buyer, goods, quantity=1)
    results = in_threads(
        app, *(lambda buyer=buyer: place_all(buyer, draft()) for buyer in buyers)
    )

    assert sorted(type(result).__name__ for result in results) == ["SoldOut", "list"]
    assert stock_of(goods) == 0
    assert db.session.scalar(select(func.sum(StockReservation.quantity))) == 1


def test_carts_in_opposite_order_never_wait_for_each_other(
    app: Flask, goods: Goods, ginger: Goods, alice: Person, charlie: Person
) -> None:
    there, back = Actor(account_id=alice.id), Actor(account_id=charlie.id)
    fill(there, goods, ginger, quantity=1)
    fill(back, ginger, goods, quantity=1)
    results = in_threads(
        app, lambda: place_all(there, draft()), lambda: place_all(back, draft())
    )

    assert all(isinstance(result, list) for result in results), results
    assert (stock_of(goods), stock_of(ginger)) == (98, 98)


def test_a_doubled_submit_orders_once(
    app: Flask, goods: Goods, charlie: Person
) -> None:
    buyer = Actor(account_id=charlie.id)
    fill(buyer, goods, quantity=3)
    submitted = draft()
    results = in_threads(app, *[lambda: place_all(buyer, submitted)] * 4)

    numbers = {
        order.number
        for result in results
        if isinstance(result, list)
        for order in result
    }
    assert all(isinstance(result, list) for result in results), results
    assert len(numbers) == 1
    assert stock_of(goods) == 97
    assert db.session.scalar(select(func.count(OrderLine.id))) == 1


def test_stock_is_given_back_once(
    counter: Counter, charlie: Person, goods: Goods
) -> None:
    order = counter.place(charlie, goods, quantity=3)
    for _twice in range(2):
        with transaction():
            release(order.order_id)

    assert (stock_of(goods), reservations(order)) == (100, [("released", 3)])


def test_two_tabs_order_a_cart_once(app: Flask, goods: Goods, charlie: Person) -> None:
    buyer = Actor(account_id=charlie.id)
    fill(buyer, goods, quantity=3)
    results = in_threads(app, *[lambda: place_all(buyer, draft())] * 2)

    assert sorted(type(result).__name__ for result in results) == ["EmptyCart", "list"]
    assert stock_of(goods) == 97
