"""Posting to the ledger: once per key, always to zero, and the golden order."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from core.database import db, transaction
from domain import shares
from domain.ledger import accounts, entries
from domain.ledger.accounts import CoopAccounts
from domain.ledger.legs import EntryKind, Leg, Unbalanced
from domain.orders.states import RefundState
from domain.shares import member
from models.ledger import JournalEntry, LedgerAccount, Posting
from models.orders import Order
from models.payments import Refund
from queries.ledger import balance, balances, verify
from services.ledger import new_entry_id, post
from tests.support.books import Books
from tests.support.opening import open_books

DAY = date(2026, 3, 10)
AT_ONCE = 6


@pytest.fixture
def books(app: Flask) -> Iterator[Books]:
    with app.app_context(), transaction():
        yield open_books()


def gift(coop_id: int, fen: int = 500) -> list[Leg]:
    own = CoopAccounts(coop_id)
    return [Leg(own.bank, fen), Leg(own.order_clearing, -fen)]


def entry_balances(kind: str) -> dict[str, int]:
    """Fen per account of the entries of one kind."""
    rows = db.session.execute(
        select(LedgerAccount.code, func.sum(Posting.amount_fen))
        .join(Posting, Posting.ledger_account_id == LedgerAccount.id)
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(JournalEntry.kind == kind)
        .group_by(LedgerAccount.code)
    )
    return {code: int(fen) for code, fen in rows}


def test_an_entry_is_kept_with_its_postings(books: Books) -> None:
    coop = books.cooperative.id
    moment = datetime(2026, 3, 9, 17, 30, tzinfo=UTC)

    entry_id = post("paid", "one", gift(coop), memo="试一笔", effective_at=moment)

    entry = db.session.get_one(JournalEntry, entry_id)
    assert (entry.kind, entry.memo, entry.posting_count) == ("paid", "试一笔", 2)
    assert entry.effective_on == DAY, "half past one at night in Shanghai"
    assert balance(CoopAccounts(coop).bank) == 500


def test_the_same_key_posts_once(books: Books) -> None:
    first = post("paid", "one", gift(books.cooperative.id))
    again = post("paid", "one", gift(books.cooperative.id, 700))

    assert again == first
    assert balance(CoopAccounts(books.cooperative.id).bank) == 500


@pytest.mark.parametrize("legs", [[], [Leg("a", 1)], [Leg("a", 1), Leg("b", 1)]])
def test_what_does_not_balance_is_not_posted(books: Books, legs: list[Leg]) -> None:
    with pytest.raises(Unbalanced):
        post("paid", "one", legs)

    assert db.session.scalar(select(func.count(JournalEntry.id))) == 0


def test_accounts_know_whose_they_are(books: Books) -> None:
    coop, village, farmer = books.cooperative, books.villages[0], books.farmers[0]
    own = CoopAccounts(coop.id)
    codes = [
        own.party(member(farmer.id)),
        own.party(shares.village(village.id)),
        own.claim("carrier"),
        accounts.VillageAccounts(village.id).funds,
    ]

    post("paid", "all", [*(Leg(code, 1) for code in codes), Leg(own.bank, -4)])

    rows = {
        row.code: (row.kind, row.cooperative_id, row.village_id, row.farmer_id)
        for row in db.session.scalars(select(LedgerAccount))
    }
    assert rows == {
        codes[0]: ("member", coop.id, None, farmer.id),
        codes[1]: ("village", coop.id, village.id, None),
        codes[2]: ("claim:carrier", coop.id, None, None),
        codes[3]: ("funds", None, village.id, None),
        own.bank: ("bank", coop.id, None, None),
    }


def test_entry_ids_grow_and_differ() -> None:
    ids = [new_entry_id() for _ in range(1000)]

    # Many to a microsecond, which no ledger writes; 12 random bits tell them apart.
    assert len(set(ids)) > 990
    assert ids[0] < ids[-1] < 2**63


def at_once(app: Flask, act: Callable[[int], int]) -> list[int]:
    """What `act` answers in several transactions that begin together."""
    barrier = Barrier(AT_ONCE)

    def run(number: int) -> int:
        with app.app_context():
            barrier.wait()
            with transaction():
                return act(number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


@pytest.fixture
def coop_id(app: Flask) -> int:
    with app.app_context(), transaction():
        return open_books().cooperative.id


def test_many_post_the_same_key_at_once(app: Flask, coop_id: int) -> None:
    ids = at_once(app, lambda _number: post("paid", "one", gift(coop_id)))

    assert len(set(ids)) == 1
    with app.app_context():
        assert balance(CoopAccounts(coop_id).bank) == 500


def test_many_need_the_same_new_accounts_at_once(app: Flask, coop_id: int) -> None:
    at_once(app, lambda number: post("paid", f"entry {number}", gift(coop_id)))

    with app.app_context():
        assert balance(CoopAccounts(coop_id).bank) == 500 * AT_ONCE
        assert db.session.scalar(select(func.count(LedgerAccount.id))) == 2


def sell_the_golden_order(books: Books) -> Order:
    """Every entry of the golden table, in its order."""
    coop = books.cooperative.id
    own = CoopAccounts(coop)
    order = books.sell([("蜜薯", 4)], on=DAY, fee_fen=619)
    returned = books.refund(order, order.lines[0], 1, on=DAY)
    families = [member(farmer.id) for farmer in books.farmers]
    owed = {party: -balance(own.party(party)) for party in families}
    first, second, third = families
    for kind, legs in (
        (EntryKind.AVAILABLE, entries.available(coop, 10_661)),
        (
            EntryKind.REFUND_DONE,
            entries.refund_done(coop, 2520, paid_from=own.stripe_available),
        ),
        (EntryKind.TO_BANK, entries.to_bank(coop, 8141)),
        (EntryKind.PAYOUT_BATCH, entries.payout_batch(coop, owed)),
        (
            EntryKind.PAYOUT_CONFIRMED,
            entries.payout_confirmed(coop, owed[first] + owed[second]),
        ),
        (EntryKind.PAYOUT_RETURNED, entries.payout_returned(coop, third, owed[third])),
    ):
        refund_id = returned.id if kind is EntryKind.REFUND_DONE else None
        post(kind, f"{kind}:golden", legs, order_id=order.id, refund_id=refund_id)
    db.session.execute(update(Refund).values(state=RefundState.SUCCEEDED))
    return order


def golden(books: Books) -> dict[str, dict[str, int]]:
    """The golden table: fen per account, without the cooperative's prefix."""
    host = f"host:alliance:{books.alliance.id}"
    village = f"village:{books.villages[0].id}"
    first, second, third = (f"member:{farmer.id}" for farmer in books.farmers)
    return {
        "paid": {"stripe_pending": 11280, "order_clearing": -11280},
        "fee": {"psp_fee": 619, "stripe_pending": -619},
        "fee_borne": {"platform": 619, "psp_fee_recovered": -619},
        "available": {"stripe_available": 10661, "stripe_pending": -10661},
        "delivered": {
            "order_clearing": 11280,
            host: -806,
            "platform": -202,
            village: -504,
            "reserve": -504,
            first: -3226,
            second: -2822,
            third: -2016,
            "freight_payable": -1200,
        },
        "refund": {
            host: 202,
            "platform": 51,
            village: 126,
            "reserve": 126,
            first: 806,
            second: 705,
            third: 504,
            "refund_clearing": -2520,
        },
        "refund_done": {"refund_clearing": 2520, "stripe_available": -2520},
        "to_bank": {"bank": 8141, "stripe_available": -8141},
        "payout_batch": {
            first: 2420,
            second: 2117,
            third: 1512,
            "payout_clearing": -6049,
        },
        "payout_confirmed": {"payout_clearing": 4537, "bank": -4537},
        "payout_returned": {"payout_clearing": 1512, third: -1512},
    }


def test_the_golden_order_is_posted_entry_by_entry(books: Books) -> None:
    sell_the_golden_order(books)

    prefix = f"coop:{books.cooperative.id}:"
    for kind, expected in golden(books).items():
        found = entry_balances(kind)
        assert found == {f"{prefix}{name}": fen for name, fen in expected.items()}, kind


def test_the_golden_order_ends_as_worked_by_hand(books: Books) -> None:
    sell_the_golden_order(books)

    coop = books.cooperative.id
    found = balances(cooperative_id=coop)
    assert {code.removeprefix(f"coop:{coop}:"): fen for code, fen in found.items()} == {
        "bank": 3604,
        "psp_fee": 619,
        "psp_fee_recovered": -619,
        "platform": 468,
        "freight_payable": -1200,
        f"host:alliance:{books.alliance.id}": -604,
        f"member:{books.farmers[2].id}": -1512,
        "reserve": -378,
        f"village:{books.villages[0].id}": -378,
    }
    assert sum(found.values()) == 0
    assert verify().problems == ()
