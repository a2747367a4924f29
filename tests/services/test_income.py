"""Vouchers and employment: entered once, kept to the own scope, taken back."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from core.access import Actor
from core.clock import today
from core.database import db, transaction
from core.errors import NotFound, StateChanged
from domain.ledger.entries import VillageIncomeKind
from domain.periods import Period
from domain.roles import Role, ScopeKind
from models.income import Employment, IncomeVoucher
from models.ledger import JournalEntry
from queries.income.report import income_report
from queries.income.scope import IncomeScope, Narrowing
from queries.ledger import verify
from services import income
from tests.support.books import Books
from tests.support.opening import open_books

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture
def books() -> Iterator[Books]:
    with transaction():
        yield open_books()


@pytest.fixture
def keeper(books: Books) -> Actor:
    return books.actor((Role.ACCOUNTANT, ScopeKind.COOPERATIVE, books.cooperative.id))


def voucher(books: Books, **changes: object) -> IncomeVoucher:
    values = {
        "request_id": "voucher-1",
        "village_id": books.villages[0].id,
        "kind": VillageIncomeKind.OPERATING,
        "amount_fen": 120_000,
        "received_on": date(2026, 3, 5),
        "number": "苗凭001",
        "memo": "冷库租金",
    }
    return IncomeVoucher(**values | changes)


def employment(books: Books, **changes: object) -> Employment:
    values = {
        "request_id": "work-1",
        "cooperative_id": books.cooperative.id,
        "village_id": books.villages[0].id,
        "person_name": "李秀英",
        "person_key": income.person_key("secret", "李秀英", "123X"),
        "month": date(2026, 3, 1),
        "days": 12,
        "wages_fen": 96_000,
    }
    return Employment(**values | changes)


def income_of(person: Actor) -> tuple[int, int]:
    found = income_report(MARCH, Narrowing(IncomeScope(person))).income
    return found.village_other_operating_fen, found.village_subsidy_fen


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_a_voucher_is_posted_on_its_day(books: Books, keeper: Actor) -> None:
    income.record_voucher(keeper, voucher(books))
    kind = VillageIncomeKind.SUBSIDY
    income.record_voucher(
        keeper, voucher(books, request_id="v-2", number="002", kind=kind)
    )

    assert income_of(keeper) == (120_000, 120_000)
    entry = db.session.scalars(select(JournalEntry)).first()
    assert entry is not None
    assert entry.effective_on == date(2026, 3, 5)


def test_the_same_request_enters_one_voucher(books: Books, keeper: Actor) -> None:
    first = income.record_voucher(keeper, voucher(books))
    assert income.record_voucher(keeper, voucher(books)) == first
    assert (count(IncomeVoucher), count(JournalEntry)) == (1, 1)


def test_of_two_equal_requests_at_once_one_is_entered(
    monkeypatch: pytest.MonkeyPatch, books: Books, keeper: Actor
) -> None:
    first = income.record_voucher(keeper, voucher(books))
    work = income.record_employment(keeper, employment(books))
    monkeypatch.setattr("services.income.find_known", lambda *_asked: None)

    assert income.record_voucher(keeper, voucher(books, number="002")) == first
    again = employment(books, person_key="b" * 64)
    assert income.record_employment(keeper, again) == work
    assert (count(IncomeVoucher), count(JournalEntry)) == (1, 1)


def test_a_voucher_number_is_taken_once(books: Books, keeper: Actor) -> None:
    income.record_voucher(keeper, voucher(books))
    with pytest.raises(income.VoucherNumberTaken):
        income.record_voucher(keeper, voucher(books, request_id="voucher-2"))


def test_money_that_has_not_come_is_refused(books: Books, keeper: Actor) -> None:
    tomorrow = today() + timedelta(days=1)
    with pytest.raises(income.DayAhead):
        income.record_voucher(keeper, voucher(books, received_on=tomorrow))
    with pytest.raises(income.DayAhead):
        income.record_employment(keeper, employment(books, month=date(2090, 1, 1)))


def test_a_void_voucher_is_undone_on_the_same_day(books: Books, keeper: Actor) -> None:
    voucher_id = income.record_voucher(keeper, voucher(books))
    with pytest.raises(income.VoidReasonMissing):
        income.void(keeper, IncomeVoucher, voucher_id, "  ")
    income.void(keeper, IncomeVoucher, voucher_id, "记了两遍")

    assert income_of(keeper) == (0, 0)
    assert count(JournalEntry) == 2
    with pytest.raises(StateChanged):
        income.void(keeper, IncomeVoucher, voucher_id, "再来一次")
    assert verify().problems == ()


def test_the_books_of_other_villages_are_out_of_reach(
    books: Books, keeper: Actor
) -> None:
    elsewhere = books.actor((Role.ACCOUNTANT, ScopeKind.COOPERATIVE, books.other.id))
    secretary = books.actor(
        (Role.SECRETARY, ScopeKind.VILLAGE, books.villages[0].id), name="书记"
    )
    for person in (elsewhere, secretary):
        with pytest.raises(NotFound):
            income.record_voucher(person, voucher(books))
        with pytest.raises(NotFound):
            income.record_employment(person, employment(books))
    voucher_id = income.record_voucher(keeper, voucher(books))
    work_id = income.record_employment(keeper, employment(books))
    with pytest.raises(NotFound):
        income.void(elsewhere, IncomeVoucher, voucher_id, "不该")
    with pytest.raises(NotFound):
        income.void(elsewhere, Employment, work_id, "不该")


def test_work_is_for_a_village_of_the_cooperative_that_pays(books: Books) -> None:
    """Whoever keeps two books keeps them apart."""
    kind, role = ScopeKind.COOPERATIVE, Role.ACCOUNTANT
    of_both = books.actor(
        *((role, kind, one.id) for one in (books.cooperative, books.other))
    )
    income.record_employment(of_both, employment(books))
    with pytest.raises(NotFound):
        income.record_employment(
            of_both,
            employment(books, request_id="work-2", cooperative_id=books.other.id),
        )


def test_one_person_has_one_record_a_month_in_a_village(
    books: Books, keeper: Actor
) -> None:
    first = income.record_employment(keeper, employment(books))
    assert income.record_employment(keeper, employment(books)) == first
    with pytest.raises(income.WorkEnteredAlready):
        income.record_employment(keeper, employment(books, request_id="work-2"))
    income.void(keeper, Employment, first, "天数写错了")
    income.record_employment(keeper, employment(books, request_id="work-3", days=9))

    found = income_report(MARCH, Narrowing(IncomeScope(keeper))).income
    assert (found.people_employed, found.wages_fen) == (1, 96_000)
    assert count(Employment) == 2


def test_a_person_key_tells_people_apart_and_keeps_no_number() -> None:
    key = income.person_key("secret", "李秀英", "123X")
    assert key == income.person_key("secret", " 李秀英 ", "１２３x")
    assert key != income.person_key("secret", "李秀英", "1234")
    assert key != income.person_key("other", "李秀英", "123X")
    assert "123" not in key or len(key) == 64
