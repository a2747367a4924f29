"""Entries for money on its way to the bank and from there to the parties."""

from collections.abc import Mapping

from domain.ledger.accounts import CoopAccounts
from domain.ledger.legs import Leg, drop_zeros, move
from domain.shares import Party


def to_bank(coop_id: int, amount_fen: int) -> list[Leg]:
    """The payment service paid out to the cooperative's bank."""
    books = CoopAccounts(coop_id)
    return move(books.bank, books.stripe_available, amount_fen)


def payout_batch(coop_id: int, amounts: Mapping[Party, int]) -> list[Leg]:
    """A batch file for the bank was approved; fen per party."""
    books = CoopAccounts(coop_id)
    settled = [Leg(books.party(party), fen) for party, fen in amounts.items()]
    total_fen = sum(amounts.values())
    return drop_zeros([*settled, Leg(books.payout_clearing, -total_fen)])


def payout_confirmed(coop_id: int, amount_fen: int) -> list[Leg]:
    """The bank confirmed lines of a batch."""
    books = CoopAccounts(coop_id)
    return move(books.payout_clearing, books.bank, amount_fen)


def payout_returned(coop_id: int, party: Party, amount_fen: int) -> list[Leg]:
    """The bank returned a party's line: it is owed again."""
    books = CoopAccounts(coop_id)
    return move(books.payout_clearing, books.party(party), amount_fen)
