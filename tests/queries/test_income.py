"""The income report against the golden case, and who may see which line."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from core.database import db, transaction
from domain.ledger.entries import VillageIncomeKind, compensation
from domain.ledger.entries import village_income as village_legs
from domain.ledger.legs import EntryKind, reverse
from domain.orders.states import RefundBearer
from domain.periods import Period, day_starts_at
from domain.roles import Role, ScopeKind
from models.income import Employment
from models.ledger import Posting
from queries.income.report import IncomeReport, income_report
from queries.income.scope import IncomeScope, Narrowing
from services.ledger import post
from tests.support.books import Books
from tests.support.opening import open_books
from tests.support.queries import count_queries

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
APRIL = Period(date(2026, 4, 1), date(2026, 4, 30))
TENTH = date(2026, 3, 10)


@pytest.fixture
def books(app: Flask) -> Iterator[Books]:
    with app.app_context(), transaction():
        yield open_books()


def own(books: Books) -> Narrowing:
    keeper = (Role.ACCOUNTANT, ScopeKind.COOPERATIVE, books.cooperative.id)
    return Narrowing(IncomeScope(books.actor(keeper)))


def report(books: Books, period: Period = MARCH) -> IncomeReport:
    return income_report(period, own(books))


def test_the_golden_order_is_reported_to_the_fen(books: Books) -> None:
    order = books.sell([("蜜薯", 4)], on=TENTH, fee_fen=619)
    books.refund(order, order.lines[0], 1, on=date(2026, 3, 20))

    totals = report(books).totals

    assert (totals.gross_fen, totals.refunds_fen, totals.net_fen) == (10080, 2520, 7560)
    assert (totals.member_fen, totals.coop_fen) == (6049, 378)
    assert (totals.village_operating_fen, totals.host_fen) == (378, 604)
    assert (totals.platform_fen, totals.psp_fee_fen) == (-468, 619)
    assert totals.parties_fen == totals.net_fen
    assert (totals.freight_fen, totals.compensation_fen) == (1200, 0)
    assert (totals.weight_g, totals.orders) == (7500, 1)


def test_a_sale_counts_with_its_fee_on_the_day_of_delivery(books: Books) -> None:
    books.sell([("蜜薯", 1)], on=date(2026, 4, 2), fee_fen=15, paid_on=TENTH)

    assert report(books, MARCH).totals.is_empty
    april = report(books, APRIL).totals
    assert (april.gross_fen, april.psp_fee_fen) == (2520, 15)


def test_the_first_and_last_day_belong_to_the_period(books: Books) -> None:
    for day in (date(2026, 2, 28), MARCH.first, MARCH.last, date(2026, 4, 1)):
        books.sell([("蜜薯", 1)], on=day)

    assert report(books).totals.orders == 2


def test_a_refund_counts_on_its_own_day(books: Books) -> None:
    order = books.sell([("蜜薯", 4)], on=TENTH)
    books.refund(order, order.lines[0], 1, on=date(2026, 4, 3))

    assert report(books, MARCH).totals.net_fen == 10080
    april = report(books, APRIL).totals
    assert (april.net_fen, april.weight_g, april.orders) == (-2520, -2500, 0)
    assert april.parties_fen == april.net_fen


def test_a_failed_refund_gives_money_and_weight_back(books: Books) -> None:
    order = books.sell([("蜜薯", 4)], on=TENTH)
    row = books.refund(order, order.lines[0], 1, on=TENTH)
    undo(books, order, row.id)

    totals = report(books).totals
    assert (totals.refunds_fen, totals.weight_g) == (0, 10000)


def undo(books: Books, order: object, refund_id: int) -> None:
    from domain.ledger.legs import Leg
    from models.ledger import JournalEntry, LedgerAccount

    entry = (
        db.session.query(JournalEntry)
        .filter_by(refund_id=refund_id, kind=EntryKind.REFUND)
        .one()
    )
    legs = [
        Leg(code, amount_fen, line_id)
        for code, amount_fen, line_id in db.session.query(
            LedgerAccount.code, Posting.amount_fen, Posting.order_line_id
        )
        .join(Posting, Posting.ledger_account_id == LedgerAccount.id)
        .filter(Posting.entry_id == entry.id)
    ]
    books.book(
        order,  # type: ignore[arg-type]
        EntryKind.REFUND_FAILED,
        reverse(legs),
        TENTH,
        refund_id=refund_id,
        reverses_id=entry.id,
    )


def test_what_goes_back_before_delivery_is_never_sold(books: Books) -> None:
    order = books.sell([("蜜薯", 4)], on=TENTH)
    books.refund_undelivered(order, order.lines[0], 1, on=date(2026, 3, 5))

    totals = report(books).totals
    assert (totals.weight_g, totals.refunds_fen) == (7500, 0)


def test_the_fee_of_an_order_never_delivered_counts_when_it_closed(
    books: Books,
) -> None:
    books.sell(
        [("蜜薯", 1), ("大姜", 1)],
        on=None,
        fee_fen=33,
        paid_on=date(2026, 2, 27),
        closed_on=TENTH,
    )

    found = report(books)
    totals = found.totals
    assert (totals.psp_fee_fen, totals.platform_fen, totals.net_fen) == (33, -33, 0)
    assert totals.orders == 0
    assert sorted(row.sums.psp_fee_fen for row in found.rows) == [15, 18]


def test_an_open_order_and_its_fee_are_not_reported(books: Books) -> None:
    books.sell([("蜜薯", 1)], on=None, fee_fen=15, paid_on=TENTH)

    assert report(books).is_empty


def test_spoiled_goods_borne_by_the_carrier_stand_apart(books: Books) -> None:
    order = books.sell([("蜜薯", 2)], on=TENTH)
    legs = compensation(
        order.cooperative_id, {order.lines[0].id: 2520}, RefundBearer.CARRIER
    )
    books.book(order, EntryKind.COMPENSATION, legs, date(2026, 3, 12))

    totals = report(books).totals
    assert (totals.compensation_fen, totals.net_fen) == (2520, 5040)
    assert totals.parties_fen == 5040


def test_a_fee_that_nobody_bears_is_the_cooperatives(books: Books) -> None:
    from domain.ledger.entries import fee

    order = books.sell([("蜜薯", 1)], on=TENTH)
    books.book(
        order, EntryKind.FEE, fee(order.cooperative_id, {order.lines[0].id: 50}), TENTH
    )

    totals = report(books).totals
    assert totals.coop_fen == 126 - 50
    assert totals.parties_fen == totals.net_fen


def test_rows_villages_and_months_each_add_up_to_the_totals(books: Books) -> None:
    for month in (1, 2, 3):
        order = books.sell(
            [("蜜薯", month), ("大姜", 2)], on=date(2026, month, 9), fee_fen=100 + month
        )
        books.refund(order, order.lines[1], 1, on=date(2026, month, 20))
    found = income_report(Period(date(2026, 1, 1), date(2026, 3, 31)), own(books))

    for name in ("net_fen", "member_fen", "psp_fee_fen", "platform_fen", "weight_g"):
        total = getattr(found.totals, name)
        assert sum(getattr(row.sums, name) for row in found.rows) == total
        assert sum(getattr(row.sums, name) for row in found.villages) == total
    assert [part.key for part in found.slices] == [202601, 202602, 202603]
    for name in ("net_fen", "host_fen", "coop_fen"):
        total = getattr(found.totals, name)
        assert sum(getattr(part.sums, name) for part in found.slices) == total
    assert all(row.sums.parties_fen == row.sums.net_fen for row in found.rows)
    assert found.totals.orders == 3
    assert [row.sums.orders for row in found.rows] == [3, 3]


def test_the_same_days_a_year_before_are_compared(books: Books) -> None:
    books.sell([("蜜薯", 1)], on=date(2025, 3, 31))
    books.sell([("蜜薯", 2)], on=TENTH)

    found = report(books)
    assert (found.before.net_fen, found.before.weight_g) == (2520, 2500)


def test_vouchers_and_employment_stand_beside_the_village(books: Books) -> None:
    village = books.villages[1]
    for kind, fen in (
        (VillageIncomeKind.OPERATING, 900),
        (VillageIncomeKind.SUBSIDY, 70),
    ):
        post(
            EntryKind.VILLAGE_INCOME,
            f"voucher:{kind}",
            village_legs(village.id, fen, kind),
            effective_at=day_starts_at(TENTH),
        )
    for name, month in (("a", 3), ("a", 2), ("b", 3), ("b", 4)):
        db.session.add(work(books, name, date(2026, month, 1)))
    db.session.flush()

    found = report(books, Period(date(2026, 2, 15), date(2026, 3, 15)))
    row = next(row for row in found.villages if row.village.id == village.id)
    assert row.income.village_other_operating_fen == 900
    assert row.income.village_subsidy_fen == 70
    assert (row.income.people_employed, row.income.wages_fen) == (2, 3000)
    assert found.income == row.income


def work(books: Books, person: str, month: date) -> Employment:
    return Employment(
        cooperative_id=books.cooperative.id,
        village_id=books.villages[1].id,
        person_key=person,
        person_name=person,
        month=month,
        days=10,
        wages_fen=1000,
    )


def test_the_number_of_statements_does_not_grow(books: Books) -> None:
    books.sell([("蜜薯", 1)], on=TENTH)
    with count_queries() as few:
        report(books)
    for day in range(1, 9):
        books.sell([("蜜薯", 1), ("大姜", 2)], on=date(2026, 3, day), fee_fen=9)
    with count_queries() as many:
        report(books)

    assert len(many) == len(few) <= 8
