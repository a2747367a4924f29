"""What the ledger says: balances, and whether it is right."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Select, SQLColumnExpression, and_, func, or_, select

from core.database import db
from domain.orders.states import OrderState, RefundState
from models.ledger import JournalEntry, LedgerAccount, Posting
from models.ledger_guards import missing_guards
from models.orders import Order
from models.payments import Refund

SHOWN_PER_RULE = 5
HELD_FOR_DELIVERY = (OrderState.PAID, OrderState.PACKED, OrderState.SHIPPED)
HELD_FOR_BUYER = (RefundState.APPROVED, RefundState.PENDING)


@dataclass(frozen=True)
class Verdict:
    """What `verify` found; sound when `problems` is empty."""

    entries: int
    postings: int
    problems: tuple[str, ...]


def balance(code: str) -> int:
    """The balance of one account in fen: + debit, − credit; 0 for an unknown one."""
    return balances([code]).get(code, 0)


def balances(
    codes: Iterable[str] | None = None, *, cooperative_id: int | None = None
) -> dict[str, int]:
    """Fen per account code, of `codes`, of one cooperative, or of all.

    Accounts whose balance is zero are left out.
    """
    total = func.sum(Posting.amount_fen)
    query = (
        select(LedgerAccount.code, total)
        .join(Posting, Posting.ledger_account_id == LedgerAccount.id)
        .group_by(LedgerAccount.code)
        .order_by(LedgerAccount.code)
        .having(total != 0)
    )
    if codes is not None:
        query = query.where(LedgerAccount.code.in_(list(codes)))
    if cooperative_id is not None:
        query = query.where(LedgerAccount.cooperative_id == cooperative_id)
    return {code: int(fen) for code, fen in db.session.execute(query)}


def verify() -> Verdict:
    """Look for every way in which the books could be wrong.

    Guards that are gone, entries out of balance, postings without their entry, and
    clearing accounts that hold money no order, refund or fee explains.
    """
    return Verdict(
        entries=db.session.scalar(select(func.count(JournalEntry.id))) or 0,
        postings=db.session.scalar(select(func.count(Posting.id))) or 0,
        problems=tuple(_problems()),
    )


def _problems() -> Iterator[str]:
    for name in missing_guards(db.session.connection()):
        yield f"guard {name} is missing"
    for sentence, query in (
        ("entry {} does not sum to zero or lost postings", _unbalanced()),
        ("posting {} has no entry", _orphans()),
        ("order {}: order_clearing is not explained", _order_clearing()),
        ("refund {}: refund_clearing is not explained", _refund_clearing()),
        ("order {}: payment fee and who bears it differ", _fees()),
        ("account {} has the wrong sign", _wrong_signs()),
    ):
        found = list(db.session.scalars(query.limit(SHOWN_PER_RULE + 1)))
        yield from (sentence.format(what) for what in found[:SHOWN_PER_RULE])
        if len(found) > SHOWN_PER_RULE:
            yield f"more like the last: {sentence.format('…')}"


def _unbalanced() -> Select[int]:
    return (
        select(JournalEntry.id)
        .outerjoin(Posting, Posting.entry_id == JournalEntry.id)
        .group_by(JournalEntry.id, JournalEntry.posting_count)
        .having(
            or_(
                func.coalesce(func.sum(Posting.amount_fen), 1) != 0,
                func.count(Posting.id) != JournalEntry.posting_count,
            )
        )
    )


def _orphans() -> Select[int]:
    return (
        select(Posting.id)
        .outerjoin(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(JournalEntry.id.is_(None))
    )


def _order_clearing() -> Select[int]:
    """Orders whose paid goods are neither owed to the buyer nor on their way.

    A refund that failed is owed from here until it is tried again.
    """
    held = func.sum(Posting.amount_fen)
    failed = (
        select(func.coalesce(func.sum(Refund.amount_fen), 0))
        .where(
            Refund.order_id == JournalEntry.order_id,
            Refund.state == RefundState.FAILED,
        )
        .correlate(JournalEntry)
        .scalar_subquery()
    )
    return (
        _postings_of("order_clearing")
        .with_only_columns(func.coalesce(JournalEntry.order_id, 0))
        .outerjoin(Order, Order.id == JournalEntry.order_id)
        .group_by(JournalEntry.order_id, Order.state, Order.total_fen)
        .having(
            or_(
                and_(held < -failed, _not_in(Order.state, HELD_FOR_DELIVERY)),
                held > 0,
                held < -func.coalesce(Order.total_fen, 0) - failed,
            )
        )
    )


def _refund_clearing() -> Select[int]:
    """Refunds that are settled and still hold money, or hold another amount."""
    held = func.sum(Posting.amount_fen)
    return (
        _postings_of("refund_clearing")
        .with_only_columns(func.coalesce(JournalEntry.refund_id, 0))
        .outerjoin(Refund, Refund.id == JournalEntry.refund_id)
        .group_by(JournalEntry.refund_id, Refund.state, Refund.amount_fen)
        .having(
            and_(
                held != 0,
                or_(
                    _not_in(Refund.state, HELD_FOR_BUYER),
                    held != -func.coalesce(Refund.amount_fen, 0),
                ),
            )
        )
    )


def _fees() -> Select[int]:
    return (
        _postings_of("psp_fee", "psp_fee_recovered")
        .with_only_columns(func.coalesce(JournalEntry.order_id, 0))
        .group_by(JournalEntry.order_id)
        .having(func.sum(Posting.amount_fen) != 0)
    )


def _wrong_signs() -> Select[str]:
    """Accounts of money that others hold for us and that fell below nothing."""
    total = func.sum(Posting.amount_fen)
    below = and_(
        LedgerAccount.kind.in_(["stripe_pending", "cod_receivable"]), total < 0
    )
    above = and_(LedgerAccount.kind == "payout_clearing", total > 0)
    return (
        select(LedgerAccount.code)
        .join(Posting, Posting.ledger_account_id == LedgerAccount.id)
        .group_by(LedgerAccount.code, LedgerAccount.kind)
        .having(or_(below, above))
    )


def _postings_of(*kinds: str) -> Select[int]:
    return (
        select(Posting.id)
        .join(LedgerAccount, LedgerAccount.id == Posting.ledger_account_id)
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(LedgerAccount.kind.in_(kinds))
    )


def _not_in(
    state: SQLColumnExpression[str], states: Iterable[str]
) -> SQLColumnExpression[bool]:
    return func.coalesce(state, "").not_in(list(states))
