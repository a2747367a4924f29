"""Legs of a journal entry and the one rule they obey: their sum is zero.

A leg is signed: + debit, − credit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from core.errors import N_, DomainError


class Unbalanced(DomainError):
    """Legs that do not sum to zero, or none at all: a fault of the program."""

    status = 500
    code = "unbalanced"
    message = N_("这笔账没有平，已经停下，没有记账。请告诉管理员。")


class EntryKind(StrEnum):
    """What a journal entry records."""

    PAID = "paid"
    FEE = "fee"
    FEE_BORNE = "fee_borne"
    AVAILABLE = "available"
    BANK_TRANSFER = "bank_transfer"
    CASH_COLLECTED = "cash_collected"
    CASH_REMITTED = "cash_remitted"
    DELIVERED = "delivered"
    MEMBERS_ASSIGNED = "members_assigned"
    REFUND = "refund"
    REFUND_UNDELIVERED = "refund_undelivered"
    LATE_PAYMENT = "late_payment"
    COMPENSATION = "compensation"
    REFUND_DONE = "refund_done"
    REFUND_FAILED = "refund_failed"
    TO_BANK = "to_bank"
    PAYOUT_BATCH = "payout_batch"
    PAYOUT_CONFIRMED = "payout_confirmed"
    PAYOUT_RETURNED = "payout_returned"
    VILLAGE_INCOME = "village_income"


@dataclass(frozen=True)
class Leg:
    """One posting: + debit, − credit, in fen.

    order_line_id: the order line it belongs to, so that reports sum per line.
    """

    account: str
    amount_fen: int
    order_line_id: int | None = None


def check_balanced(legs: Sequence[Leg]) -> None:
    """Raise Unbalanced unless there are legs, none is zero and they sum to zero."""
    if not legs or any(leg.amount_fen == 0 for leg in legs):
        raise Unbalanced
    if sum(leg.amount_fen for leg in legs):
        raise Unbalanced


def reverse(legs: Iterable[Leg]) -> list[Leg]:
    """The legs that undo an entry, such as a refund that failed."""
    return [replace(leg, amount_fen=-leg.amount_fen) for leg in legs]


def balances(legs: Iterable[Leg]) -> dict[str, int]:
    """The sum of the legs of each account, in fen."""
    sums: dict[str, int] = {}
    for leg in legs:
        sums[leg.account] = sums.get(leg.account, 0) + leg.amount_fen
    return sums


def transfer(debit: str, credit: str, amount_fen: int) -> list[Leg]:
    """The two legs that move an amount; none when it is zero."""
    return drop_zeros([Leg(debit, amount_fen), Leg(credit, -amount_fen)])


def drop_zeros(legs: Iterable[Leg]) -> list[Leg]:
    """`legs` without those that move nothing."""
    return [leg for leg in legs if leg.amount_fen]
