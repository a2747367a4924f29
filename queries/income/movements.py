"""What moved income: money from postings, weight and orders from the lines behind them.

A sale counts on the day its delivery posts and its payment fee with it, a refund
on its own day. The fee of an order that was never delivered counts on the day the
order closed. What was refunded by the piece goes off the weight: with the sale when it
was refunded before delivery, else on the refund's own day.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from core.database import AnySelect
from core.statements import kept, table_of
from domain.ledger.legs import EntryKind
from domain.shares import PartyKind
from models.ledger import JournalEntry, LedgerAccount, Posting
from models.orders import Order, OrderLine
from models.payments import RefundLine
from queries.income.which import Which

LATER = (EntryKind.REFUND, EntryKind.REFUND_FAILED, EntryKind.COMPENSATION)
CHARGED = (EntryKind.FEE, EntryKind.FEE_BORNE, EntryKind.CASH_REMITTED)
MEMBERS = (PartyKind.MEMBER, PartyKind.MEMBERS_UNASSIGNED)
HOSTS = (PartyKind.HOST_ALLIANCE, PartyKind.HOST_USER)
FEES = ("psp_fee", "psp_fee_recovered")
LINE, ORDER, POSTING = map(table_of, (OrderLine, Order, Posting))
GIVEN, ACCOUNT = map(table_of, (RefundLine, LedgerAccount))


@kept
def movements(which: Which) -> FromClause:
    """Every movement of a line: its day, and its money, its weight or its sale."""
    parts = (
        _booked(which, EntryKind.DELIVERED, *LATER),
        _with_sale(which),
        _without_sale(which),
        _sold(which),
        _given_back_later(which),
        _given_back_before(which),
    )
    return union_all(*parts).subquery("moved")


@kept
def touched() -> FromClause:
    """The lines of orders that count in a period, with the days on which they do."""
    which = Which(of_period=True)
    parts = (_sold(which), _booked(which, *LATER), _without_sale(which))
    return union_all(*parts).subquery("moved")


def money_columns(moved: Any) -> list[ColumnElement[int]]:
    """The sums of `Sums`' money, over movements joined with ACCOUNT.

    A fee that no party bears is the cooperative's.
    """
    kind, fen = ACCOUNT.c.kind, moved.amount_fen
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


def with_books(query: AnySelect, moved: FromClause) -> AnySelect:
    """Movements joined with their lines, orders and accounts."""
    return (
        query.select_from(moved)
        .join(LINE, LINE.c.id == moved.c.order_line_id)
        .join(ORDER, ORDER.c.id == moved.c.order_id)
        .outerjoin(ACCOUNT, ACCOUNT.c.id == moved.c.ledger_account_id)
    )


def whole(total: ColumnElement[Any]) -> ColumnElement[int]:
    """A sum as an int, 0 of nothing: PostgreSQL sums bigint to numeric."""
    return cast(func.coalesce(total, 0), BigInteger)


def _entry() -> FromClause:
    return table_of(JournalEntry).alias()


def _money(day: Any, entry: FromClause) -> AnySelect:
    """The postings of entries, those of lines: they count on `day`."""
    return (
        _moved(day, entry.c.order_id, POSTING.c.order_line_id)
        .add_columns(
            entry.c.kind.label("entry_kind"),
            POSTING.c.ledger_account_id.label("ledger_account_id"),
            POSTING.c.amount_fen.label("amount_fen"),
            literal(0).label("weight_g"),
            literal(0).label("is_sale"),
        )
        .select_from(entry)
        .join(POSTING, POSTING.c.entry_id == entry.c.id)
        .where(POSTING.c.order_line_id.is_not(None))
    )


def _goods(day: Any, order_id: Any, grams: Any, *, is_sale: int = 0) -> AnySelect:
    return _moved(day, order_id, LINE.c.id).add_columns(
        cast(null(), Text).label("entry_kind"),
        cast(null(), BigInteger).label("ledger_account_id"),
        literal(0).label("amount_fen"),
        grams.label("weight_g"),
        literal(is_sale).label("is_sale"),
    )


def _moved(day: Any, order_id: Any, line_id: Any) -> AnySelect:
    return select(
        day.label("day"), order_id.label("order_id"), line_id.label("order_line_id")
    )


def _booked(which: Which, *kinds: EntryKind) -> AnySelect:
    entry = _entry()
    meant = which.means(entry.c.effective_on, entry.c.order_id, entries=(entry.c,))
    return _money(entry.c.effective_on, entry).where(
        which.has_kind(entry, *kinds), meant
    )


def _with_sale(which: Which) -> AnySelect:
    charge, sale = _entry(), _entry()
    day, order_id = sale.c.effective_on, sale.c.order_id
    return (
        _money(day, charge)
        .join(sale, order_id == charge.c.order_id)
        .where(
            which.has_kind(charge, *CHARGED),
            which.has_kind(sale, EntryKind.DELIVERED),
            which.means(day, order_id, entries=(sale.c, charge.c)),
        )
    )


def _without_sale(which: Which) -> AnySelect:
    """Fees of orders closed without a delivery: few, and found by their day alone."""
    charge = _entry()
    meant = which.means(
        ORDER.c.closed_on, ORDER.c.id, entries=(charge.c,), closing=True
    )
    return (
        _money(ORDER.c.closed_on, charge)
        .join(ORDER, ORDER.c.id == charge.c.order_id)
        .where(
            _is_charge(charge),
            ORDER.c.closed_on.is_not(None),
            ORDER.c.delivered_on.is_(None),
            meant,
        )
    )


def _is_charge(charge: FromClause) -> ColumnElement[bool]:
    """As a computed value: SQLite would else read every fee there ever was by its
    kind, instead of those of the few orders found by day.
    """
    return charge.c.kind.concat("").in_(CHARGED)


def _sold(which: Which) -> AnySelect:
    sale = _entry()
    grams = LINE.c.weight_g * LINE.c.quantity
    return (
        _goods(sale.c.effective_on, sale.c.order_id, grams, is_sale=1)
        .select_from(sale)
        .join(LINE, LINE.c.order_id == sale.c.order_id)
        .where(
            which.has_kind(sale, EntryKind.DELIVERED),
            which.means(sale.c.effective_on, sale.c.order_id, entries=(sale.c,)),
        )
    )


def _given_back_later(which: Which) -> AnySelect:
    refund = _entry()
    meant = which.means(refund.c.effective_on, refund.c.order_id, entries=(refund.c,))
    given = _given_back(which, refund, EntryKind.REFUND, refund.c.effective_on)
    return given.where(meant)


def _given_back_before(which: Which) -> AnySelect:
    refund, sale = _entry(), _entry()
    meant = which.means(
        sale.c.effective_on, sale.c.order_id, entries=(sale.c, refund.c)
    )
    given = _given_back(
        which, refund, EntryKind.REFUND_UNDELIVERED, sale.c.effective_on
    )
    return given.join(sale, sale.c.order_id == refund.c.order_id).where(
        which.has_kind(sale, EntryKind.DELIVERED), meant
    )


def _given_back(
    which: Which, refund: FromClause, kind: EntryKind, day: Any
) -> AnySelect:
    """Lines of refunds of one kind; a failed refund gives its weight back."""
    undone = _entry()
    sign = case((refund.c.kind == kind, -1), else_=1)
    return (
        _goods(day, refund.c.order_id, LINE.c.weight_g * GIVEN.c.quantity * sign)
        .select_from(refund)
        .outerjoin(undone, undone.c.id == refund.c.reverses_id)
        .join(
            GIVEN,
            GIVEN.c.refund_id == func.coalesce(refund.c.refund_id, undone.c.refund_id),
        )
        .join(LINE, LINE.c.id == GIVEN.c.order_line_id)
        .where(
            which.has_kind(refund, kind, EntryKind.REFUND_FAILED),
            or_(refund.c.kind == kind, undone.c.kind == kind),
        )
    )
