"""Orders of one process are committed together, and none is lost or harmed by it."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from blueprints.orders.committing import MOST_AT_ONCE, _place_all, commit
from core.access import Actor
from core.database import db
from models.catalogue import Variant
from models.orders import Checkout, Order, OrderLine, StockReservation
from models.payments import Payment
from services.orders.buyers import start_visit
from services.orders.cart import add_item
from services.orders.drafts import Submission
from tests.support.counter import in_threads, new_request
from tests.support.factories import ADDRESS, Goods
from tests.support.people import writing

ANSWERED = 40


@pytest.fixture
def database_url(engine_url: str) -> str:
    return engine_url


def submissions(app: Flask, goods: Goods, buyers: int) -> list[Submission]:
    """Guests, each with a box in the cart and the checkout filled in."""
    with writing(app):
        asked = []
        for _buyer in range(buyers):
            buyer = Actor(visitor_id=start_visit()[0])
            add_item(buyer, variant_id=goods.variant_id, quantity=1)
            asked.append(Submission(buyer, replace(ADDRESS, request_id=new_request())))
    return asked


def test_all_who_order_at_once_are_answered(app: Flask, goods: Goods) -> None:
    asked = submissions(app, goods, 12)

    answers = in_threads(app, *(lambda each=each: commit(each) for each in asked))

    placed = [answer[0] for answer in answers if isinstance(answer, list)]
    assert len({order.number for order in placed}) == 12
    with app.app_context():
        assert db.session.scalar(select(Variant.stock)) == 88
    assert len(asked) < MOST_AT_ONCE


def test_one_that_cannot_be_written_harms_no_other(app: Flask, goods: Goods) -> None:
    asked = submissions(app, goods, 3)
    unwritable = replace(asked[1].draft, street=object())  # type: ignore[arg-type]
    asked[1] = replace(asked[1], draft=unwritable)

    with app.app_context():
        answers = _place_all(asked)

    assert isinstance(answers[0], list)
    assert isinstance(answers[1], Exception)
    assert isinstance(answers[2], list)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Checkout)) == 2
        assert db.session.scalar(select(Variant.stock)) == 98


def test_killed_in_the_middle_it_has_lost_and_sold_twice_nothing(
    app: Flask, goods: Goods, database_url: str, tmp_path: Path
) -> None:
    boxes = 10_000
    with writing(app) as session:
        session.execute(update(Variant).values(stock=boxes))
    words = ["tests.support.buying", database_url, tmp_path, goods.variant_id]
    with subprocess.Popen(
        [sys.executable, "-m", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as shop:
        assert shop.stdout is not None
        answered = [shop.stdout.readline().strip() for _order in range(ANSWERED)]
        shop.kill()
        answered += [line.strip() for line in shop.stdout if line.endswith("\n")]

    with writing(app) as session:
        numbers = set(session.scalars(select(Order.number)))
        sold = session.scalar(select(func.sum(OrderLine.quantity)))
        held = session.scalar(select(func.sum(StockReservation.quantity)))
        left = session.scalar(select(Variant.stock))
        whole = session.scalar(
            select(func.count()).select_from(Payment).join(Order).join(Checkout)
        )
    assert len(set(answered)) == len(answered) >= ANSWERED
    assert set(answered) <= numbers
    assert sold == held == len(numbers) == whole
    assert left == boxes - len(numbers)
