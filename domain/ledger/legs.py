"""Legs of a journal entry and the one rule they obey: their sum is zero.

A leg is signed: + debit, − credit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.errors import N_, DomainError
from domain.states import Labelled


class Unbalanced(DomainError):
    """Legs that do not sum to zero, or none at all: a fault of the program."""

    status = 500
    code = "unbalanced"
    message = N_("这笔账没有平，已经停下，没有记账。请告诉管理员。")


class EntryKind(Labelled):
    """What a journal entry records."""

    PAID = "paid", N_("买家付款")
    FEE = "fee", N_("支付手续费")
    FEE_BORNE = "fee_borne", N_("手续费由谁承担")
    AVAILABLE = "available", N_("款项可以提取")
    BANK_TRANSFER = "bank_transfer", N_("银行转账到账")
    CASH_COLLECTED = "cash_collected", N_("货到代收")
    CASH_REMITTED = "cash_remitted", N_("代收款上交")
    DELIVERED = "delivered", N_("送达分账")
    MEMBERS_ASSIGNED = "members_assigned", N_("农户份额分到户")
    REFUND = "refund", N_("退款")
    REFUND_UNDELIVERED = "refund_undelivered", N_("送达前退款")
    LATE_PAYMENT = "late_payment", N_("超时付款退回")
    COMPENSATION = "compensation", N_("损坏赔付")
    REFUND_DONE = "refund_done", N_("退款到账")
    REFUND_FAILED = "refund_failed", N_("退款没成功，冲回")
    TO_BANK = "to_bank", N_("提到银行")
    PAYOUT_BATCH = "payout_batch", N_("发放批次")
    PAYOUT_CONFIRMED = "payout_confirmed", N_("发放到账")
    PAYOUT_RETURNED = "payout_returned", N_("发放退回")
    VILLAGE_INCOME = "village_income", N_("村集体收入")


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
