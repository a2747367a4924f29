"""The ledger's entries: each builder answers the legs of one kind of entry.

A leg is signed: + debit, − credit. Every builder's legs sum to zero.
"""

from domain.ledger.accounts import (
    AccountFacts,
    CoopAccounts,
    VillageAccounts,
    account_facts,
    find_party,
)
from domain.ledger.legs import (
    EntryKind,
    Leg,
    Unbalanced,
    balances,
    check_balanced,
    reverse,
)
from domain.ledger.payouts import (
    payout_batch,
    payout_confirmed,
    payout_returned,
    to_bank,
)
from domain.ledger.receipts import (
    available,
    bank_transfer,
    cash_collected,
    cash_remitted,
    fee,
    fee_borne,
    paid,
)
from domain.ledger.refunds import (
    compensation,
    late_payment,
    refund,
    refund_done,
    refund_undelivered,
)
from domain.ledger.sales import SplitLine, assign_members, delivered
from domain.ledger.villages import VillageIncomeKind, village_income

__all__ = [
    "AccountFacts",
    "CoopAccounts",
    "EntryKind",
    "Leg",
    "SplitLine",
    "Unbalanced",
    "VillageAccounts",
    "VillageIncomeKind",
    "account_facts",
    "assign_members",
    "available",
    "balances",
    "bank_transfer",
    "cash_collected",
    "cash_remitted",
    "check_balanced",
    "compensation",
    "delivered",
    "fee",
    "fee_borne",
    "find_party",
    "late_payment",
    "paid",
    "payout_batch",
    "payout_confirmed",
    "payout_returned",
    "refund",
    "refund_done",
    "refund_undelivered",
    "reverse",
    "to_bank",
    "village_income",
]
