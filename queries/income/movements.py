"""Money of sales, summed from postings: one statement, so that parts always add up.

A sale counts on the day its delivery posts and its payment fee with it, a refund
on its own day. The fee of an order that was never delivered counts on the day the
order closed.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from core.database import db
from core.statements import filled
from domain.ledger.legs import EntryKind
from domain.periods import Period
from domain.shares import PartyKind
from models.ledger import JournalEntry, LedgerAccount, Posting
from models.orders import Order, OrderLine
from queries.income.figures import Grain, Sums
from queries.income.scope import Narrowing

BOOKED = (
    EntryKind.DELIVERED,
    EntryKind.REFUND,
    EntryKind.REFUND_FAILED,
    EntryKind.COMPENSATION,
)
CHARGED = (EntryKind.FEE, EntryKind.FEE_BORNE, EntryKind.CASH_REMITTED)
MEMBERS = (PartyKind.MEMBER, PartyKind.MEMBERS_UNASSIGNED)
HOSTS = (PartyKind.HOST_ALLIANCE, PartyKind.HOST_USER)
FEES = ("psp_fee", "psp_fee_recovered")
Sale = tuple[int, int, int, Sums]
"""A key of the grain, village id, product id, sums without weight and orders."""


def sales_by(grain: Grain, period: Period, narrowing: Narrowing) -> Sequence[Sale]:
    """Money of sales by stretch of time, village and product."""
    moved = movements(period, narrowing).subquery()
    line, account = OrderLine, LedgerAccount
    key = grain.column(moved.c.day).label("grain")
    rows = db.session.execute(
        select(key, line.village_id, line.product_id, *money_columns(moved.c, account))
        .select_from(moved)
        .join(line, line.id == moved.c.order_line_id)
        .join(account, account.id == moved.c.ledger_account_id)
        .where(
            narrowing.holds(account.cooperative_id, line.village_id, line.product_id)
        )
        .group_by(key, line.village_id, line.product_id)
    )
    return [(int(row[0]), row[1], row[2], filled(Sums, row)) for row in rows]


def movements(period: Period, narrowing: Narrowing) -> Any:
    """Every posting of order lines that counts in `period`, with its day.

    Narrowing by village and product is left to who joins the lines; orders without
    a delivery are few and found by their day alone.
    """
    first, last = period.first, period.last
    entry, sale, charge = JournalEntry, aliased(JournalEntry), aliased(JournalEntry)
    booked = (
        _moved(entry.effective_on, entry)
        .select_from(entry)
        .join(Order, Order.id == entry.order_id)
        .where(entry.kind.in_(BOOKED), entry.effective_on.between(first, last))
    )
    with_sale = (
        _moved(sale.effective_on, charge)
        .select_from(sale)
        .join(Order, Order.id == sale.order_id)
        .join(charge, _charges(charge, sale.order_id))
        .where(sale.kind == EntryKind.DELIVERED, sale.effective_on.between(first, last))
    )
    without_sale = (
        _moved(Order.closed_on, charge)
        .select_from(Order)
        .join(charge, and_(charge.order_id == Order.id, _is_charge(charge)))
        .where(Order.closed_on.between(first, last), Order.delivered_on.is_(None))
    )
    within = narrowing.holds_order(Order.cooperative_id)
    return union_all(
        _postings(booked.where(within), entry),
        _postings(with_sale.where(within), charge),
        _postings(without_sale, charge),
    )


def money_columns(moved: Any, account: Any) -> list[ColumnElement[int]]:
    """The sums of `Sums`' money, over movements joined with their accounts.

    A fee that no party bears is the cooperative's.
    """
    kind, fen = account.kind, moved.amount_fen
    is_party = kind.in_(tuple(PartyKind))
    refunded = moved.entry_kind.in_((EntryKind.REFUND, EntryKind.REFUND_FAILED))
    parts = {
        "gross_fen": (
            and_(is_party, moved.entry_kind == EntryKind.DELIVERED),
            -fen,
        ),
        "refunds_fen": (and_(is_party, refunded), fen),
        "freight_fen": (kind == "freight_payable", -fen),
        "member_fen": (kind.in_(MEMBERS), -fen),
        "coop_fen": (kind.in_((PartyKind.RESERVE, *FEES)), -fen),
        "village_operating_fen": (kind == PartyKind.VILLAGE, -fen),
        "host_fen": (kind.in_(HOSTS), -fen),
        "platform_fen": (kind == PartyKind.PLATFORM, -fen),
        "psp_fee_fen": (kind == "psp_fee", fen),
        "compensation_fen": (kind.startswith("claim:"), fen),
    }
    return [
        whole(func.sum(case((condition, value), else_=0))).label(name)
        for name, (condition, value) in parts.items()
    ]


def whole(total: ColumnElement[Any]) -> ColumnElement[int]:
    """A sum as an int, 0 of nothing: PostgreSQL sums bigint to numeric."""
    return cast(func.coalesce(total, 0), BigInteger)


def _moved(day: Any, entry: Any) -> Select[*tuple[Any, ...]]:
    return select(
        day.label("day"),
        entry.id.label("entry_id"),
        entry.kind.label("entry_kind"),
        Order.id.label("order_id"),
        Posting.order_line_id.label("order_line_id"),
        Posting.ledger_account_id.label("ledger_account_id"),
        Posting.amount_fen.label("amount_fen"),
    )


def _charges(charge: Any, order_id: Any) -> ColumnElement[bool]:
    return and_(charge.order_id == order_id, charge.kind.in_(CHARGED))


def _is_charge(charge: Any) -> ColumnElement[bool]:
    """As a computed value: SQLite would else read every fee there ever was by its
    kind, instead of those of the few orders found by day.
    """
    return charge.kind.concat("").in_(CHARGED)  # type: ignore[no-any-return]


def _postings(part: Select[*tuple[Any, ...]], entry: Any) -> Select[*tuple[Any, ...]]:
    return part.join(Posting, Posting.entry_id == entry.id).where(
        Posting.order_line_id.is_not(None)
    )
