"""Who has which part of an order's lines: at delivery, of its fee, of a refund."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from core.database import db
from domain.ledger.accounts import find_party
from domain.ledger.entries import SplitLine
from domain.ledger.legs import EntryKind
from domain.orders.refunds import GRANTED
from domain.shares import (
    Line,
    Party,
    SplitRule,
    alliance_host,
    bear_fee,
    split_fee,
    split_refund,
    split_sale,
)
from models.catalogue import BatchDelivery
from models.ledger import JournalEntry, LedgerAccount, Posting
from models.orders import Order, OrderLine
from models.payments import RefundLine
from queries.cooperative import get_split_rule
from services.orders.records import lines_of, what_is_left

OWED_BY = (
    EntryKind.DELIVERED,
    EntryKind.MEMBERS_ASSIGNED,
    EntryKind.REFUND,
    EntryKind.REFUND_FAILED,
)


def sale_lines(order: Order) -> list[SplitLine]:
    """What each party has of each line, less what was granted before delivery."""
    lines = lines_of(order)
    rule, behind = _rule_and_parties(order, lines)
    return [
        SplitLine(
            line_id,
            split_sale(left.goods_fen, rule, behind[line_id]),
            left.freight_fen,
        )
        for line_id, left in what_is_left(lines, GRANTED).items()
    ]


def fee_lines(order: Order, fee_fen: int) -> list[SplitLine]:
    """Who bears the payment fee, line by line; a line's parts sum to its fee."""
    lines = lines_of(order)
    rule, behind = _rule_and_parties(order, lines)
    fees = split_fee(fee_fen, [line.goods_fen for line in lines])
    return [
        SplitLine(line.id, bear_fee(line_fee, rule, behind[line.id]))
        for line, line_fee in zip(lines, fees, strict=True)
    ]


def refund_lines(order: Order, parts: Sequence[RefundLine]) -> list[SplitLine]:
    """What each party gives back of each line, by what it still has of it."""
    remaining = _remaining(order)
    return [
        SplitLine(
            part.order_line_id,
            split_refund(part.goods_fen, remaining[part.order_line_id]),
            part.freight_fen,
        )
        for part in parts
    ]


def _rule_and_parties(
    order: Order, lines: Sequence[OrderLine]
) -> tuple[SplitRule, Mapping[int, Line]]:
    """The order's rule version, and who stands behind each line by its id.

    The host's share goes to the alliance: of the session that sold the line, else of
    the listing. People in public posts may not take it.
    """
    deliveries = _deliveries({line.batch_id for line in lines if line.batch_id})
    behind = {
        line.id: Line(
            village_id=line.village_id,
            host=alliance_host(line.alliance_id),
            deliveries=deliveries.get(line.batch_id or 0, {}),
        )
        for line in lines
    }
    return get_split_rule(order.split_policy_id), behind


def _deliveries(batch_ids: set[int]) -> Mapping[int, Mapping[int, int]]:
    """Grams per farmer per batch, in the order in which ties are settled."""
    rows = db.session.execute(
        select(BatchDelivery.batch_id, BatchDelivery.farmer_id, BatchDelivery.weight_g)
        .where(BatchDelivery.batch_id.in_(batch_ids))
        .order_by(BatchDelivery.batch_id, BatchDelivery.position, BatchDelivery.id)
    )
    grams: dict[int, dict[int, int]] = defaultdict(dict)
    for batch_id, farmer_id, weight_g in rows:
        grams[batch_id][farmer_id] = weight_g
    return grams


def _remaining(order: Order) -> Mapping[int, Mapping[Party, int]]:
    """Fen that each party still has of each line, in the order they were posted."""
    rows = db.session.execute(
        select(Posting.order_line_id, LedgerAccount.code, -func.sum(Posting.amount_fen))
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .join(LedgerAccount, LedgerAccount.id == Posting.ledger_account_id)
        .where(
            JournalEntry.order_id == order.id,
            JournalEntry.kind.in_(OWED_BY),
            Posting.order_line_id.is_not(None),
        )
        .group_by(Posting.order_line_id, LedgerAccount.code)
        .order_by(func.min(Posting.id))
    )
    remaining: dict[int, dict[Party, int]] = defaultdict(dict)
    for line_id, code, fen in rows:
        party = find_party(code)
        if party is not None and line_id is not None:
            remaining[line_id][party] = int(fen)
    return remaining
