"""Entries for money granted to buyers and then returned to them."""

from collections.abc import Mapping, Sequence

from domain.ledger.accounts import CoopAccounts
from domain.ledger.legs import Leg, drop_zeros, move
from domain.ledger.sales import SplitLine
from domain.orders.states import RefundBearer


def refund_undelivered(coop_id: int, amount_fen: int) -> list[Leg]:
    """A refund granted before delivery: goods, freight or both."""
    books = CoopAccounts(coop_id)
    return move(books.order_clearing, books.refund_clearing, amount_fen)


def late_payment(coop_id: int, amount_fen: int) -> list[Leg]:
    """A payment that came after its order was released goes back whole.

    It is booked as `paid` first, so that the money is never out of the books.
    """
    return refund_undelivered(coop_id, amount_fen)


def refund(coop_id: int, lines: Sequence[SplitLine]) -> list[Leg]:
    """A refund granted after delivery, borne by the parties of each line.

    lines: see `split_refund`; freight given back lowers what the carrier is owed.
    """
    books = CoopAccounts(coop_id)
    total_fen = sum(line.total_fen for line in lines)
    borne = [leg for line in lines for leg in line.owing(books)]
    return drop_zeros([*borne, Leg(books.refund_clearing, -total_fen)])


def compensation(
    coop_id: int, amount_by_line: Mapping[int, int], bearer: RefundBearer
) -> list[Leg]:
    """A refund for spoiled goods that the carrier or the platform bears.

    amount_by_line: fen per order line. The parties keep their shares.
    """
    if bearer is RefundBearer.PARTIES:
        raise ValueError("what the parties bear is a refund")
    books = CoopAccounts(coop_id)
    claims = [
        Leg(books.claim(bearer), fen, line_id)
        for line_id, fen in amount_by_line.items()
    ]
    total_fen = sum(amount_by_line.values())
    return drop_zeros([*claims, Leg(books.refund_clearing, -total_fen)])


def refund_done(coop_id: int, amount_fen: int, *, paid_from: str) -> list[Leg]:
    """The buyer has the money back.

    paid_from: the account that paid it, such as `CoopAccounts.stripe_available`,
    or `bank` for a transfer.
    """
    return move(CoopAccounts(coop_id).refund_clearing, paid_from, amount_fen)
