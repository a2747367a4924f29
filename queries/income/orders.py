"""From a figure down to the orders behind it, and to an order's postings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, func, null, select

from core.database import db
from core.pages.paging import Page, paginate
from core.statements import filled
from domain.ledger.accounts import LABELS
from domain.ledger.legs import EntryKind
from domain.periods import Period
from models.cooperative import Farmer
from models.ledger import JournalEntry, LedgerAccount, Posting
from models.orders import Order, OrderLine
from queries.income.figures import Sums
from queries.income.movements import (
    LINE,
    ORDER,
    money_columns,
    movements,
    touched,
    with_books,
)
from queries.income.scope import IncomeScope, Narrowing
from queries.income.which import Orders, Which


@dataclass(frozen=True)
class OrderRow:
    """What one order adds to a figure; `day` is the last on which it counted."""

    number: str
    day: date
    sums: Sums


@dataclass(frozen=True)
class PostingRow:
    """One posting: + debit, − credit. farmer: only for the cooperative's people."""

    account: str
    amount_fen: int
    line: str | None
    farmer: str | None

    @property
    def label(self) -> str:
        """What the account is, as Chinese source text."""
        return LABELS.get(self.account, self.account)


@dataclass(frozen=True)
class EntryRow:
    """A journal entry of an order with the postings that the reader may see."""

    id: int
    kind: EntryKind
    day: date
    memo: str
    postings: Sequence[PostingRow]


@dataclass(frozen=True)
class OrderBooks:
    """An order's entries, oldest first.

    is_whole: every posting is shown, so that each entry sums to zero.
    """

    number: str
    delivered_on: date | None
    closed_on: date | None
    is_whole: bool
    entries: Sequence[EntryRow]


def orders_behind(
    period: Period, narrowing: Narrowing, page: int, per_page: int
) -> Page[OrderRow]:
    """The orders whose postings make up the figures of `narrowing`, newest first.

    Their sums leave out weight and count.
    """
    moved = touched()
    days = {"first": period.first, "last": period.last}
    day = func.max(moved.c.day).label("day")
    ids = with_books(select(moved.c.order_id, day), moved).where(_held(narrowing))
    newest = (day.desc(), moved.c.order_id.desc())
    query = ids.group_by(moved.c.order_id).order_by(*newest)
    found = paginate(query.params(days), page, per_page)
    order_ids = [row.order_id for row in found.items]
    sums = _sums_of(narrowing, {**days, "order_ids": order_ids})
    rows = [filled(OrderRow, row, **sums[row.order_id]) for row in found.items]
    return Page(rows, found.page, found.per_page, found.total)


def _sums_of(
    narrowing: Narrowing, wanted: Mapping[str, Any]
) -> Mapping[int, Mapping[str, Any]]:
    moved = movements(Which(of_period=True, orders=Orders.LISTED))
    query = select(ORDER.c.id, ORDER.c.number, *money_columns(moved.c))
    query = with_books(query, moved).where(_held(narrowing))
    rows = db.session.execute(query.group_by(ORDER.c.id, ORDER.c.number), wanted)
    return {row.id: {"number": row.number, "sums": filled(Sums, row)} for row in rows}


def _held(narrowing: Narrowing) -> ColumnElement[bool]:
    return narrowing.holds(ORDER.c.cooperative_id, LINE.c.village_id, LINE.c.product_id)


def find_order_books(number: str, scope: IncomeScope) -> OrderBooks | None:
    """The entries of an order in scope, or None.

    Who sees the village alone is shown the postings of its lines.
    """
    order = db.session.execute(
        select(
            Order.id,
            Order.number,
            Order.delivered_on,
            Order.closed_on,
            scope.holds_whole(Order.cooperative_id).label("is_whole"),
        )
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(
            Order.number == number,
            scope.holds(Order.cooperative_id, OrderLine.village_id),
        )
        .limit(1)
    ).one_or_none()
    if order is None:
        return None
    entries = _entries(order.id, scope, is_whole=order.is_whole)
    return filled(OrderBooks, order, entries=entries)


def _entries(
    order_id: int, scope: IncomeScope, *, is_whole: bool
) -> Sequence[EntryRow]:
    rows = db.session.execute(
        select(
            JournalEntry.id,
            JournalEntry.kind,
            JournalEntry.effective_on.label("day"),
            JournalEntry.memo,
            LedgerAccount.kind.label("account"),
            Posting.amount_fen,
            OrderLine.product_name.label("line"),
            (Farmer.name if is_whole else null()).label("farmer"),
        )
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .join(LedgerAccount, LedgerAccount.id == Posting.ledger_account_id)
        .join(Order, Order.id == JournalEntry.order_id)
        .outerjoin(OrderLine, OrderLine.id == Posting.order_line_id)
        .outerjoin(Farmer, Farmer.id == LedgerAccount.farmer_id)
        .where(
            JournalEntry.order_id == order_id,
            scope.holds(Order.cooperative_id, OrderLine.village_id),
        )
        .order_by(JournalEntry.effective_at, JournalEntry.id, Posting.id)
    )
    entries = [list(group) for _id, group in groupby(rows, lambda row: row.id)]
    return [
        filled(
            EntryRow, postings[0], postings=[filled(PostingRow, p) for p in postings]
        )
        for postings in entries
    ]
