"""The kept sums say what the whole ledger says, whenever and however they are fed."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.orm import selectinload

from core.database import db, forget_reads, transaction
from domain.ledger.entries import fee
from domain.ledger.legs import EntryKind
from domain.periods import Period, day_starts_at
from domain.roles import Role, ScopeKind
from models.income_sums import IncomeSum, Unsummed
from models.orders import Order
from queries.income.proof import count_unsummed, wrong_sums
from queries.income.report import IncomeReport, income_report, sums_of
from queries.income.scope import IncomeScope, Narrowing, choices_in
from services.ledger import post
from services.rollups import start_anew, sum_some
from tests.support.books import Books
from tests.support.counter import in_threads
from tests.support.opening import open_books

START = date(2025, 11, 20)
TENTH = date(2026, 3, 10)
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
EVER = Period(date(2025, 1, 1), date(2027, 12, 31))
GOODS = [
    [("蜜薯", 2)],
    [("蜜薯", 1), ("大姜", 2)],
    [("大姜", 1), ("大姜", 2)],
    [("山楂", 3)],
]


@pytest.fixture
def books() -> Books:
    with transaction():
        return open_books()


def feed(orders: int = 1_000) -> None:
    """Sum everything, so many orders at a time."""
    is_left = True
    while is_left:
        with transaction():
            is_left = sum_some(orders)


def everything(books: Books) -> Narrowing:
    return Narrowing(IncomeScope(books.actor((Role.AUDITOR, ScopeKind.DISTRICT, 0))))


def readers(books: Books) -> list[Narrowing]:
    """Who reads what: by district, cooperative, villages; narrowed as the page can."""
    both = [(Role.SECRETARY, ScopeKind.VILLAGE, one.id) for one in books.villages]
    keeper = (Role.ACCOUNTANT, ScopeKind.COOPERATIVE, books.cooperative.id)
    stranger = (Role.ACCOUNTANT, ScopeKind.COOPERATIVE, books.other.id)
    rights = [both[:1], both, [keeper], [stranger, both[0]]]
    scopes = [IncomeScope(books.actor(*some)) for some in rights]
    ginger = next(p for p in choices_in(scopes[1]).products if p.name == "大姜")
    return [
        everything(books),
        *map(Narrowing, scopes),
        Narrowing(scopes[2], product=ginger),
        Narrowing(scopes[2], village=choices_in(scopes[2]).villages[0]),
    ]


days = st.integers(0, 140).map(lambda number: START + timedelta(days=number))
steps = st.one_of(
    st.tuples(st.just("sell"), st.integers(0, 3), days, st.integers(0, 90)),
    st.tuples(st.just("pay"), st.integers(0, 3), days, st.integers(1, 90)),
    st.tuples(st.just("close"), st.integers(0, 9), days),
    st.tuples(st.just("give_back"), st.integers(0, 9), days),
    st.tuples(st.just("give_back_before"), st.integers(0, 9), days),
    st.tuples(st.just("charge_late"), st.integers(0, 9), days),
    st.tuples(st.just("sum"), st.integers(1, 3)),
)


class History:
    """What happens to some orders, in any order, and when it is summed."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.sold: list[int] = []
        self.open: list[int] = []

    def live(self, step: tuple[Any, ...]) -> None:
        name, which, *more = step
        if name == "sum":
            with transaction():
                sum_some(which)
            return
        with transaction():
            getattr(self, f"_{name}")(which, *more)

    def _sell(self, which: int, on: date, fee_fen: int) -> None:
        order = self.books.sell(GOODS[which], on=on, fee_fen=fee_fen, paid_on=START)
        self.sold.append(order.id)

    def _pay(self, which: int, on: date, fee_fen: int) -> None:
        order = self.books.sell(GOODS[which], on=None, fee_fen=fee_fen, paid_on=on)
        self.open.append(order.id)

    def _close(self, which: int, on: date) -> None:
        if self.open:
            order_id = self.open.pop(which % len(self.open))
            closing = update(Order).where(Order.id == order_id).values(closed_on=on)
            db.session.execute(
                closing, execution_options={"synchronize_session": False}
            )
            db.session.add(Unsummed(order_id=order_id))
            db.session.flush()

    def _give_back(self, which: int, on: date) -> None:
        if order := self._one(which):
            self.books.refund(order, order.lines[-1], 1, on=on)

    def _give_back_before(self, which: int, on: date) -> None:
        if order := self._one(which):
            self.books.refund_undelivered(order, order.lines[0], 1, on=on)

    def _charge_late(self, which: int, on: date) -> None:
        if order := self._one(which):
            self.books.charge(order, order.lines, 7, on)

    def _one(self, which: int) -> Any:
        if not self.sold:
            return None
        order_id = self.sold[which % len(self.sold)]
        query = select(Order).where(Order.id == order_id)
        return db.session.scalars(query.options(selectinload(Order.lines))).one()


def reports(books: Books, periods: list[Period]) -> list[IncomeReport]:
    forget_reads()
    return [income_report(p, n) for p in periods for n in readers(books)]


@given(
    history=st.lists(steps, min_size=4, max_size=14),
    ends=st.tuples(days, days),
)
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_history_is_reported_alike_however_much_of_it_is_summed(
    books: Books, history: list[tuple[Any, ...]], ends: tuple[date, date]
) -> None:
    life = History(books)
    for step in history:
        life.live(step)
    periods = [EVER, Period(min(ends), max(ends))]

    as_lived = reports(books, periods)
    assert wrong_sums() == []
    feed(orders=2)
    as_summed = reports(books, periods)
    assert wrong_sums() == []
    with transaction():
        start_anew()
    unsummed = reports(books, periods)

    assert as_lived == as_summed == unsummed
    assert as_lived[0].totals.orders >= len(life.sold)


def test_summing_leaves_nothing_to_be_summed(books: Books) -> None:
    with transaction():
        books.sell([("蜜薯", 1), ("大姜", 1)], on=TENTH, fee_fen=33)
    assert count_unsummed() == 4
    feed()

    assert count_unsummed() == 0
    keys = select(IncomeSum.key).distinct().order_by(IncomeSum.key)
    assert list(db.session.scalars(keys)) == [202603, 20260310]


def test_an_order_of_two_villages_is_one_to_who_reads_both(books: Books) -> None:
    with transaction():
        for lines in GOODS[:3]:
            books.sell(lines, on=TENTH)
    secretaries = readers(books)[2]
    for _unsummed_then_summed in range(2):
        found = income_report(MARCH, secretaries)
        assert found.totals.orders == 3
        assert sorted(row.sums.orders for row in found.villages) == [2, 2]
        feed()


def test_what_is_posted_late_counts_on_its_day(books: Books) -> None:
    with transaction():
        order = books.sell([("蜜薯", 1)], on=TENTH)
        order_id, line_id, coop_id = order.id, order.lines[0].id, order.cooperative_id
    feed()
    with transaction():
        charge(order_id, line_id, coop_id, "late")
    for _unsummed_then_summed in range(2):
        assert sums_of(MARCH, everything(books)).psp_fee_fen == 50
        feed()


def charge(order_id: int, line_id: int, coop_id: int, key: str) -> None:
    legs = fee(coop_id, {line_id: 50})
    moment = day_starts_at(date(2026, 5, 1))
    post(EntryKind.FEE, key, legs, order_id=order_id, effective_at=moment)


def test_posting_and_summing_at_once_loses_and_doubles_nothing(
    app: Flask, books: Books
) -> None:
    with transaction():
        sales = [books.sell([("蜜薯", 1)], on=TENTH) for _ in range(4)]
        known = [(o.id, o.lines[0].id, o.cooperative_id) for o in sales]

    def charging(number: int) -> None:
        for each in known:
            with transaction():
                charge(*each, f"{number}:{each[0]}")

    def summing() -> None:
        for _ in range(8):
            with transaction():
                sum_some(2)

    acts = [lambda n=number: charging(n) for number in range(3)]
    results = in_threads(app, *acts, summing, summing)
    assert not [each for each in results if isinstance(each, Exception)]

    forget_reads()
    assert wrong_sums() == []
    assert sums_of(MARCH, everything(books)).psp_fee_fen == 3 * 4 * 50
    feed()
    assert wrong_sums() == []
    days_fee = select(func.sum(IncomeSum.psp_fee_fen)).where(IncomeSum.key == 20260310)
    assert db.session.scalar(days_fee) == 3 * 4 * 50
