"""Checkouts of several buyers in one transaction: each as if it were alone."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from core.access import Actor
from core.database import db, transaction
from core.errors import TooMany
from domain.freight import NoDelivery
from models.catalogue import Variant
from models.orders import CartItem, Checkout, Order, StockReservation
from services.orders.buyers import start_visit
from services.orders.cart import add_item
from services.orders.drafts import PlacedOrder, Submission
from services.orders.placing import (
    Answer,
    CheckoutTaken,
    EmptyCart,
    place_orders,
    place_together,
)
from services.orders.stock import OutOfStock, SoldOut
from services.rates import CHECKOUT_PER_ADDRESS
from tests.support.counter import (
    in_threads,
    lines_of,
    messages_to,
    new_request,
    order_of,
    stock_of,
)
from tests.support.factories import ADDRESS, Goods
from tests.support.queries import count_queries

MOST_STATEMENTS = 17
"""A transaction of checkouts, its BEGIN not counted; PostgreSQL adds a savepoint."""


def guest(goods: Goods, boxes: int = 1) -> Actor:
    """A browser with boxes in its cart."""
    with transaction():
        visitor_id, _token = start_visit()
        buyer = Actor(visitor_id=visitor_id)
        if boxes:
            add_item(buyer, variant_id=goods.variant_id, quantity=boxes)
    return buyer


def ask(buyer: Actor, **changes: object) -> Submission:
    draft = replace(ADDRESS, **{"request_id": new_request(), **changes})  # type: ignore[arg-type]
    return Submission(buyer, draft, "198.51.100.7")


def place_all(*submissions: Submission) -> list[Answer]:
    with transaction():
        return place_together(submissions)


def leave(goods: Goods, boxes: int) -> None:
    with transaction():
        db.session.execute(
            update(Variant).where(Variant.id == goods.variant_id).values(stock=boxes)
        )


def kinds(answers: list[Answer]) -> list[type]:
    return [type(answer) for answer in answers]


def rows(*tables: type) -> list[int]:
    return [
        db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in tables
    ]


def own_statements(statements: list[str]) -> list[str]:
    quiet = ("BEGIN", "SAVEPOINT", "RELEASE")
    return [line for line in statements if not line.startswith(quiet)]


@pytest.mark.parametrize("buyers", [1, 8])
def test_statements_do_not_grow_with_the_buyers_and_stock_comes_last(
    goods: Goods, buyers: int
) -> None:
    submissions = [ask(guest(goods)) for _buyer in range(buyers)]
    with count_queries() as statements:
        answers = place_all(*submissions)

    own = own_statements(statements)
    assert kinds(answers) == [list] * buyers
    assert len(own) <= MOST_STATEMENTS
    assert own[-1].startswith("UPDATE variant")
    assert stock_of(goods) == 100 - buyers


def test_everyone_gets_an_order_of_their_own(goods: Goods) -> None:
    buyers = [guest(goods, boxes) for boxes in (1, 2, 3)]
    submissions = [
        ask(buyer, phone=f"1380000000{place}", recipient=f"买家{place}")
        for place, buyer in enumerate(buyers)
    ]
    answers = place_all(*submissions)

    for place, answer in enumerate(answers):
        assert isinstance(answer, list)
        [placed] = answer
        order, [line] = order_of(placed), lines_of(placed)
        assert (order.recipient, line.quantity) == (f"买家{place}", place + 1)
        [message] = messages_to(f"1380000000{place}")
        assert f"{placed.number}?token={placed.token}" in message
    assert rows(Checkout, Order, StockReservation, CartItem) == [3, 3, 3, 0]


def test_the_last_boxes_go_to_those_who_came_first(goods: Goods) -> None:
    submissions = [ask(guest(goods, boxes)) for boxes in (2, 2, 1, 1)]
    leave(goods, 3)
    answers = place_all(*submissions)

    assert kinds(answers) == [list, OutOfStock, list, SoldOut]
    assert isinstance(answers[1], OutOfStock)
    assert answers[1].params["left"] == 1
    assert stock_of(goods) == 0
    assert rows(Checkout, Order, CartItem) == [2, 2, 2]


def test_a_refused_one_leaves_nothing_and_may_come_again(goods: Goods) -> None:
    empty, far = ask(guest(goods, 0)), ask(guest(goods), province="台湾省")
    answers = place_all(empty, far, ask(guest(goods)))
    assert kinds(answers) == [EmptyCart, NoDelivery, list]
    assert rows(Checkout, Order, CartItem) == [1, 1, 1]

    near = replace(far, draft=replace(far.draft, province="山东省"))
    assert kinds(place_all(near)) == [list]


def test_twins_of_one_go_see_each_other(goods: Goods) -> None:
    buyer, other = guest(goods), guest(goods)
    first = ask(buyer)
    stolen = replace(first, buyer=other)
    answers = place_all(first, first, ask(buyer), stolen)

    assert kinds(answers) == [list, list, EmptyCart, CheckoutTaken]
    assert isinstance(answers[0], list)
    assert isinstance(answers[1], list)
    assert answers[1] == [replace(answers[0][0], token=None)]
    assert stock_of(goods) == 99


def test_attempts_count_for_each_even_of_one_address(goods: Goods) -> None:
    buyers = [guest(goods, 0) for _buyer in range(CHECKOUT_PER_ADDRESS.hits - 1)]
    place_all(*[ask(buyer) for buyer in buyers])
    answers = place_all(ask(guest(goods)), ask(guest(goods)))

    assert kinds(answers) == [list, TooMany]
    assert stock_of(goods) == 99


def test_nothing_is_sold_twice_by_many_at_once(app: Flask, goods: Goods) -> None:
    leave(goods, 7)
    goes = [[ask(guest(goods)) for _buyer in range(4)] for _go in range(4)]
    answers = in_threads(app, *(lambda go=go: place_all(*go) for go in goes))

    sold = [
        placed
        for go in answers
        if isinstance(go, list)
        for answer in go
        if isinstance(answer, list)
        for placed in answer
    ]
    assert all(isinstance(go, list) for go in answers), answers
    assert len({placed.number for placed in sold}) == 7
    assert all(isinstance(placed, PlacedOrder) for placed in sold)
    assert stock_of(goods) == 0
    assert rows(Order, Checkout) == [7, 7]


def test_one_alone_is_refused_by_raising(goods: Goods) -> None:
    submission = ask(guest(goods, 0))
    with pytest.raises(EmptyCart), transaction():
        place_orders(submission.buyer, submission.draft)
