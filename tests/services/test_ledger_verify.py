"""`verify` finds every way in which the books could be wrong."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import text, update

from core.database import db, transaction
from domain.ledger import entries
from domain.ledger.accounts import CoopAccounts
from domain.ledger.legs import EntryKind, Leg
from domain.orders.states import OrderState, RefundState
from models.ledger_guards import drop_statements
from models.orders import Order
from models.payments import Refund
from queries.ledger import verify
from services.ledger import post
from tests.support.books import Books
from tests.support.opening import open_books

DAY = date(2026, 3, 10)
ORPHAN = (
    "INSERT INTO posting (entry_id, ledger_account_id, amount_fen)"
    " SELECT 77, max(id), 5 FROM ledger_account"
)


@pytest.fixture
def books(app: Flask) -> Iterator[Books]:
    with app.app_context(), transaction():
        yield open_books()


@pytest.fixture
def order(books: Books) -> Order:
    return books.sell([("蜜薯", 4)], on=DAY, fee_fen=619)


def problems() -> str:
    return "; ".join(verify().problems)


def test_sound_books_have_no_problem(books: Books, order: Order) -> None:
    verdict = verify()

    assert verdict.problems == ()
    assert (verdict.entries, verdict.postings) == (4, 15)


def remove_guards() -> None:
    for statement in drop_statements(db.engine.dialect.name):
        db.session.execute(text(statement))


def test_guards_that_are_gone_are_named(order: Order) -> None:
    remove_guards()

    assert "guard journal_entry_no_" in problems()
    assert "guard posting_open is missing" in problems()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("UPDATE posting SET amount_fen = amount_fen + 1", "does not sum to zero"),
        ("DELETE FROM posting WHERE amount_fen IN (619, -619)", "lost postings"),
        (ORPHAN, "has no entry"),
    ],
)
def test_tampering_is_found(order: Order, wrong: str, told: str) -> None:
    remove_guards()
    db.session.execute(text(wrong))

    assert told in problems()
    db.session.rollback()


def hold_undelivered(books: Books, order: Order) -> None:
    post("paid", "again", entries.paid(order.cooperative_id, 100), order_id=order.id)


def hold_for_nobody(books: Books, order: Order) -> None:
    post("paid", "nobody", entries.paid(order.cooperative_id, 100))


def owe_more_than_refunded(books: Books, order: Order) -> None:
    row = books.refund(order, order.lines[0], 1, on=DAY)
    legs = entries.refund_undelivered(order.cooperative_id, 1)
    books.book(order, EntryKind.REFUND_UNDELIVERED, legs, DAY, refund_id=row.id)


def forget_to_return(books: Books, order: Order) -> None:
    books.refund(order, order.lines[0], 1, on=DAY)
    db.session.execute(update(Refund).values(state=RefundState.SUCCEEDED))


def charge_nobody(books: Books, order: Order) -> None:
    legs = entries.fee(order.cooperative_id, {order.lines[0].id: 9})
    post("fee", "unborne", legs, order_id=order.id)


def release_too_much(books: Books, order: Order) -> None:
    post("available", "much", entries.available(order.cooperative_id, 99_999))


def confirm_what_was_never_sent(books: Books, order: Order) -> None:
    post("payout", "early", entries.payout_confirmed(order.cooperative_id, 5))


def cancel_without_refund(books: Books, order: Order) -> None:
    open_order = books.sell([("大姜", 1)], on=None, paid_on=DAY)
    assert open_order.state == OrderState.CANCELLED


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (hold_undelivered, "order_clearing"),
        (hold_for_nobody, "order 0: order_clearing"),
        (owe_more_than_refunded, "refund_clearing"),
        (forget_to_return, "refund_clearing"),
        (charge_nobody, "payment fee"),
        (release_too_much, "stripe_pending has the wrong sign"),
        (confirm_what_was_never_sent, "payout_clearing has the wrong sign"),
        (cancel_without_refund, "order_clearing"),
    ],
)
def test_money_nobody_explains_is_found(
    books: Books, order: Order, act: Callable[[Books, Order], None], told: str
) -> None:
    act(books, order)

    assert told in problems()


def test_a_long_list_of_problems_is_cut_short(books: Books) -> None:
    own = CoopAccounts(books.cooperative.id)
    for number in range(9):
        order = books.sell([("大姜", 1)], on=DAY)
        legs = [Leg(own.order_clearing, 1), Leg(own.bank, -1)]
        post("paid", f"more {number}", legs, order_id=order.id)

    assert len(verify().problems) == 6
