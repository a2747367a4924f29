"""Entries in a village collective's own books."""

from enum import StrEnum

from domain.ledger.accounts import VillageAccounts
from domain.ledger.legs import Leg, move


class VillageIncomeKind(StrEnum):
    """Operating income is earned; subsidies are granted and reported apart."""

    OPERATING = "operating"
    SUBSIDY = "subsidy"


def village_income(
    village_id: int, amount_fen: int, kind: VillageIncomeKind
) -> list[Leg]:
    """Income recorded from a voucher."""
    books = VillageAccounts(village_id)
    return move(books.funds, books.income(kind), amount_fen)
