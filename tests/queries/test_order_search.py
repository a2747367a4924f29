"""Orders are found by what people read out, and by an index each."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, text

from core.access import HOUSE
from core.database import db, transaction
from domain.orders.numbers import order_number
from models.orders import Order
from models.payments import Payment
from queries.orders.lists import orders_in_scope
from tests.support.books import Books
from tests.support.opening import open_books

NUMBERS = [order_number(date(2026, 3, 11), serial) for serial in (3, 4)]


@pytest.fixture
def books() -> Books:
    with transaction():
        books = open_books()
        for number, (name, phone) in zip(
            NUMBERS, (("王小明", "13700000001"), ("小王", "13700000002")), strict=True
        ):
            order = books.sell([("蜜薯", 1)], on=None)
            order.number, order.recipient, order.phone = number, name, phone
            pay(order)
        return books


def pay(order: Order) -> None:
    db.session.add(
        Payment(
            order_id=order.id,
            method="stripe",
            state="paid",
            amount_fen=order.total_fen,
            idempotency_key=order.number,
        )
    )
    db.session.flush()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (NUMBERS[0], [0]),
        (NUMBERS[0].lower().replace("-", ""), [0]),
        (NUMBERS[0][-6:].lower(), [0]),
        ("王", [0]),
        ("小", [1]),
        ("13700000002", [1]),
        ("1370000000", []),
        ("%", []),
        ("_", []),
        ("明", []),
    ],
)
def test_orders_are_found_by_what_people_read_out(
    books: Books, typed: str, found: list[int]
) -> None:
    page = orders_in_scope(HOUSE, (), text=typed)
    assert [row.number for row in page.items] == [NUMBERS[one] for one in found]


def test_a_search_reads_no_order_that_it_does_not_find(books: Books) -> None:
    asked: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:
        asked.append((str(arguments[2]), arguments[3]))

    event.listen(db.engine, "before_cursor_execute", note)
    orders_in_scope(HOUSE, (), text="王")
    event.remove(db.engine, "before_cursor_execute", note)
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL enable_seqscan = off"))
    words = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    counting, parameters = next(each for each in asked if "count(" in each[0])
    plan = str(connection.exec_driver_sql(words + counting, parameters).all())
    for name in ("ix_order_phone", "ix_order_recipient", "ix_order_serial"):
        assert name in plan, plan
    assert "SCAN order" not in plan
    assert "Seq Scan" not in plan
