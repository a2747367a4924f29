"""Who sees which lines of the income report, and what stands behind a figure."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from flask import Flask

from core.database import transaction
from core.errors import NotFound
from domain.periods import Period
from domain.roles import Role, ScopeKind
from queries.income.orders import find_order_books, orders_behind
from queries.income.report import income_report
from queries.income.scope import (
    IncomeScope,
    Narrowing,
    choices_in,
    narrow,
)
from tests.support.books import Books
from tests.support.opening import open_books

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
TENTH = date(2026, 3, 10)


@pytest.fixture
def books(app: Flask) -> Iterator[Books]:
    with app.app_context(), transaction():
        yield open_books()


def own(books: Books) -> Narrowing:
    keeper = (Role.ACCOUNTANT, ScopeKind.COOPERATIVE, books.cooperative.id)
    return Narrowing(IncomeScope(books.actor(keeper)))


def test_a_secretary_sees_the_own_villages_lines_of_every_cooperative(
    books: Books,
) -> None:
    books.sell([("蜜薯", 1), ("大姜", 1)], on=TENTH, fee_fen=33)
    books.sell([("山楂", 1)], on=TENTH)
    person = books.actor(
        (Role.SECRETARY, ScopeKind.VILLAGE, books.villages[1].id), name="书记"
    )

    found = income_report(MARCH, Narrowing(IncomeScope(person)))

    assert {row.product.name for row in found.rows} == {"大姜", "山楂"}
    assert found.totals.gross_fen == 3000 + 1001
    choices = choices_in(IncomeScope(person))
    assert {place.name for place in choices.villages} == {"五色崖村"}
    assert {place.name for place in choices.products} == {"大姜", "山楂"}


def test_another_cooperatives_accountant_sees_nothing_of_it(books: Books) -> None:
    order = books.sell([("蜜薯", 1)], on=TENTH)
    person = books.actor((Role.ACCOUNTANT, ScopeKind.COOPERATIVE, books.other.id))
    scope = IncomeScope(person)

    assert income_report(MARCH, Narrowing(scope)).is_empty
    assert find_order_books(order.number, scope) is None
    with pytest.raises(NotFound):
        narrow(scope, choices_in(scope), product="mishu")
    with pytest.raises(NotFound):
        narrow(scope, choices_in(scope), village="miaoshan-1")


@pytest.mark.parametrize(
    ("kind", "scope_of", "seen"),
    [
        (ScopeKind.DISTRICT, lambda _books: 0, 3),
        (ScopeKind.TOWN, lambda books: books.town.id, 3),
        (ScopeKind.ALLIANCE, lambda books: books.alliance.id, 3),
        (ScopeKind.COOPERATIVE, lambda books: books.other.id, 1),
        (ScopeKind.VILLAGE, lambda books: books.villages[0].id, 1),
    ],
)
def test_an_auditor_sees_the_scope_given(
    books: Books, kind: ScopeKind, scope_of: Callable[[Books], int], seen: int
) -> None:
    books.sell([("蜜薯", 1), ("大姜", 1)], on=TENTH)
    books.sell([("山楂", 1)], on=TENTH)
    person = books.actor((Role.AUDITOR, kind, scope_of(books)))

    found = income_report(MARCH, Narrowing(IncomeScope(person)))
    assert len(found.rows) == seen


def test_a_chosen_village_and_product_narrow_the_figures(books: Books) -> None:
    books.sell([("蜜薯", 1), ("大姜", 1)], on=TENTH)
    scope = own(books).scope
    choices = choices_in(scope)
    for wanted in ("dajiang", "大姜", str(books.products["大姜"].id)):
        found = income_report(MARCH, narrow(scope, choices, product=wanted))
        assert found.totals.gross_fen == 3000
    found = income_report(MARCH, narrow(scope, choices, village="miaoshan-1"))
    assert found.totals.gross_fen == 2520


def test_the_orders_behind_a_row_add_up_to_it(books: Books) -> None:
    for day in (1, 2):
        books.sell([("蜜薯", day), ("大姜", 1)], on=date(2026, 3, day), fee_fen=40)
    scope = own(books).scope
    chosen = narrow(scope, choices_in(scope), village="wuseya", product="dajiang")
    row = next(
        r for r in income_report(MARCH, own(books)).rows if r.product.name == "大姜"
    )

    page = orders_behind(MARCH, chosen, 1, 25)

    assert page.total == 2
    assert [order.day.day for order in page.items] == [2, 1]
    assert sum(o.sums.net_fen for o in page.items) == row.sums.net_fen
    assert sum(o.sums.psp_fee_fen for o in page.items) == row.sums.psp_fee_fen


def test_postings_of_an_order_are_whole_for_its_cooperative_only(books: Books) -> None:
    order = books.sell([("蜜薯", 1), ("大姜", 1)], on=TENTH)
    whole = find_order_books(order.number, own(books).scope)
    assert whole is not None
    assert whole.is_whole
    assert all(sum(p.amount_fen for p in e.postings) == 0 for e in whole.entries)
    assert any(p.farmer == "吴家" for e in whole.entries for p in e.postings)

    secretary = (Role.SECRETARY, ScopeKind.VILLAGE, books.villages[1].id)
    village = IncomeScope(books.actor(secretary))
    part = find_order_books(order.number, village)
    assert part is not None
    assert not part.is_whole
    assert {p.line for e in part.entries for p in e.postings} == {"大姜"}
    assert not any(p.farmer for e in part.entries for p in e.postings)
