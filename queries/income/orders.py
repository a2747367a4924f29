"""From a figure down to the orders behind it, and to an order's postings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from core.database import db
from core.pages.paging import Page, paginate
from domain.periods import Period
from models.cooperative import Farmer
from models.ledger import JournalEntry, LedgerAccount, Posting
from models.orders import Order, OrderLine
from queries.income.figures import Sums
from queries.income.movements import money_columns, movements
from queries.income.scope import IncomeScope, Narrowing

PER_PAGE = 25


@dataclass(frozen=True)
class OrderRow:
    """What one order adds to a figure; `day` is the last on which it counted."""

    number: str
    day: date
    sums: Sums


@dataclass(frozen=True)
class PostingRow:
    """One posting: + debit, − credit. farmer: only for the cooperative's people."""

    account_code: str
    account_kind: str
    amount_fen: int
    line: str | None
    farmer: str | None


@dataclass(frozen=True)
class EntryRow:
    """A journal entry of an order with the postings that the reader may see."""

    id: int
    kind: str
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
    period: Period, narrowing: Narrowing, page: int, per_page: int = PER_PAGE
) -> Page[OrderRow]:
    """The orders whose postings make up the figures of `narrowing`, newest first.

    Their sums leave out weight and count.
    """
    moved = movements(period, narrowing).subquery()
    day = func.max(moved.c.day).label("day")
    query = (
        select(Order.number, day, *money_columns(moved.c, LedgerAccount))
        .select_from(moved)
        .join(OrderLine, OrderLine.id == moved.c.order_line_id)
        .join(LedgerAccount, LedgerAccount.id == moved.c.ledger_account_id)
        .join(Order, Order.id == moved.c.order_id)
        .where(
            narrowing.holds(
                Order.cooperative_id, OrderLine.village_id, OrderLine.product_id
            )
        )
        .group_by(Order.id, Order.number)
        .order_by(day.desc(), Order.id.desc())
    )
    found = paginate(query, page, per_page)
    rows = [OrderRow(row.number, row.day, _sums(row)) for row in found.items]
    return Page(rows, found.page, found.per_page, found.total)


def find_order_books(number: str, scope: IncomeScope) -> OrderBooks | None:
    """The entries of an order in scope, or None.

    Who sees the village alone is shown the postings of its lines.
    """
    order = db.session.execute(
        select(
            Order.id,
            Order.number,
            Order.cooperative_id,
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
    is_whole = bool(order.is_whole)
    return OrderBooks(
        number=order.number,
        delivered_on=order.delivered_on,
        closed_on=order.closed_on,
        is_whole=is_whole,
        entries=_entries(order.id, scope, is_whole=is_whole),
    )


def _entries(
    order_id: int, scope: IncomeScope, *, is_whole: bool
) -> Sequence[EntryRow]:
    rows = db.session.execute(
        select(
            JournalEntry.id,
            JournalEntry.kind,
            JournalEntry.effective_on,
            JournalEntry.memo,
            LedgerAccount.code,
            LedgerAccount.kind.label("account_kind"),
            Posting.amount_fen,
            OrderLine.product_name,
            Farmer.name.label("farmer"),
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
    return _grouped(rows.all(), is_whole=is_whole)


def _grouped(rows: Sequence[Any], *, is_whole: bool) -> Sequence[EntryRow]:
    heads: dict[int, Any] = {}
    postings: dict[int, list[PostingRow]] = {}
    for row in rows:
        heads.setdefault(row.id, row)
        farmer = row.farmer if is_whole else None
        posting = PostingRow(
            row.code, row.account_kind, row.amount_fen, row.product_name, farmer
        )
        postings.setdefault(row.id, []).append(posting)
    return [
        EntryRow(key, head.kind, head.effective_on, head.memo, postings[key])
        for key, head in heads.items()
    ]


def _sums(row: Any) -> Sums:
    values = list(row._mapping.items())[2:]
    return Sums(**{name: int(value) for name, value in values})
