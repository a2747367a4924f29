"""Entries for money that comes in and for the fee taken from it."""

from collections.abc import Mapping, Sequence

from domain.ledger.accounts import CoopAccounts
from domain.ledger.legs import Leg, drop_zeros, move
from domain.ledger.sales import SplitLine


def paid(coop_id: int, amount_fen: int) -> list[Leg]:
    """A buyer paid through the payment service: goods and freight."""
    books = CoopAccounts(coop_id)
    return move(books.stripe_pending, books.order_clearing, amount_fen)


def fee(coop_id: int, fee_by_line: Mapping[int, int]) -> list[Leg]:
    """The payment service kept its fee; fen per order line, see `split_fee`."""
    books = CoopAccounts(coop_id)
    return _charged(books, fee_by_line) + drop_zeros(
        [Leg(books.stripe_pending, -sum(fee_by_line.values()))]
    )


def fee_borne(coop_id: int, lines: Sequence[SplitLine]) -> list[Leg]:
    """The parties of each line bear its fee; fen per party, see `bear_fee`."""
    books = CoopAccounts(coop_id)
    borne = [leg for line in lines for leg in line.owing(books)]
    recovered = [
        Leg(books.psp_fee_recovered, -line.goods_fen, line.order_line_id)
        for line in lines
    ]
    return drop_zeros(borne + recovered)


def available(coop_id: int, amount_fen: int) -> list[Leg]:
    """The payment service released the amount, its fee already taken."""
    books = CoopAccounts(coop_id)
    return move(books.stripe_available, books.stripe_pending, amount_fen)


def bank_transfer(coop_id: int, amount_fen: int) -> list[Leg]:
    """A buyer's transfer arrived at the cooperative's bank."""
    books = CoopAccounts(coop_id)
    return move(books.bank, books.order_clearing, amount_fen)


def cash_collected(coop_id: int, amount_fen: int) -> list[Leg]:
    """The carrier took cash at the door: goods and freight."""
    books = CoopAccounts(coop_id)
    return move(books.cod_receivable, books.order_clearing, amount_fen)


def cash_remitted(
    coop_id: int, amount_fen: int, *, fee_by_line: Mapping[int, int]
) -> list[Leg]:
    """The carrier passed on what it collected, less its fee per order line.

    amount_fen: what it had collected, the fee included.
    """
    books = CoopAccounts(coop_id)
    received_fen = amount_fen - sum(fee_by_line.values())
    settled = [Leg(books.bank, received_fen), Leg(books.cod_receivable, -amount_fen)]
    return drop_zeros(settled) + _charged(books, fee_by_line)


def _charged(books: CoopAccounts, fee_by_line: Mapping[int, int]) -> list[Leg]:
    return drop_zeros(
        Leg(books.psp_fee, fee_fen, line_id) for line_id, fee_fen in fee_by_line.items()
    )
