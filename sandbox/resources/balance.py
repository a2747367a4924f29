"""The account's balance: transactions, fees, and when money becomes available."""

from collections import defaultdict
from typing import Any

from sandbox.account import Account, Call
from sandbox.description import StripeObject

_REPORTING_CATEGORIES = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failure",
    "payment_failure_refund": "refund_failure",
    "payout": "payout",
    "payout_failure": "payout_reversal",
}

# Source: https://docs.stripe.com/currencies#zero-decimal
_ZERO_DECIMAL = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split()
)
_SYMBOLS = {"cny": "¥", "hkd": "HK$", "usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


def format_money(amount: int, currency: str) -> str:
    """`amount` smallest units as text: 11280 cny → `¥112.80`."""
    symbol = _SYMBOLS.get(currency, f"{currency.upper()} ")
    sign = "-" if amount < 0 else ""
    if currency in _ZERO_DECIMAL:
        return f"{sign}{symbol}{abs(amount):,}"
    whole, rest = divmod(abs(amount), 100)
    return f"{sign}{symbol}{whole:,}.{rest:02}"


def processing_fee(amount: int, *, rate_bp: int, fixed: int) -> int:
    """Stripe's fee: `rate_bp` basis points of `amount`, rounded half up, plus `fixed`.

    amount, fixed: smallest units; amount non-negative.
    """
    return (amount * rate_bp + 5_000) // 10_000 + fixed


def post_charge(account: Account, charge: StripeObject, *, kind: str) -> StripeObject:
    """Credit a successful charge less its fee; available after the set delay.

    kind: `charge` for cards, `payment` for wallets, as Stripe names them.
    """
    settings = account.runtime.settings
    fee = processing_fee(
        charge["amount"], rate_bp=settings.fee_rate_bp, fixed=settings.fee_fixed
    )
    available_on = account.now() + settings.available_delay_s
    transaction = _post(
        account,
        charge,
        kind=kind,
        amount=charge["amount"],
        fee=fee,
        available_on=available_on,
    )
    account.schedule(available_on, "release_funds", transaction["id"])
    return transaction


def post_movement(
    account: Account, source: StripeObject, *, kind: str, amount: int
) -> StripeObject:
    """Move `amount` (signed) without a fee, at once available: refunds, payouts."""
    return _post(
        account, source, kind=kind, amount=amount, fee=0, available_on=account.now()
    )


def release_funds(account: Account, transaction_id: str) -> None:
    """Make a pending transaction available; nothing happens the second time."""
    transaction = account.get("balance_transaction", transaction_id, param="id")
    transaction["status"] = "available"
    transaction["available_on"] = min(transaction["available_on"], account.now())
    account.runtime.touch()


def available_amount(account: Account, currency: str) -> int:
    """What could be paid out now, in the currency's smallest unit."""
    return _sums(account, "available").get(currency, 0)


def retrieve_balance(call: Call) -> StripeObject:
    """`GET /v1/balance`."""
    account = call.account
    default = {"cny": 0} if not account.objects["balance_transaction"] else {}
    return {
        "object": "balance",
        "livemode": False,
        "available": _amounts(default | _sums(account, "available")),
        "pending": _amounts(default | _sums(account, "pending")),
    }


def _post(
    account: Account,
    source: StripeObject,
    *,
    kind: str,
    amount: int,
    fee: int,
    available_on: int,
) -> StripeObject:
    return account.create(
        "balance_transaction",
        "txn",
        amount=amount,
        fee=fee,
        net=amount - fee,
        currency=source["currency"],
        type=kind,
        reporting_category=_REPORTING_CATEGORIES[kind],
        source=source["id"],
        balance_type="payments",
        available_on=available_on,
        status="available" if available_on <= account.now() else "pending",
        fee_details=_fee_details(fee, source["currency"]),
    )


def _fee_details(fee: int, currency: str) -> list[dict[str, Any]]:
    if not fee:
        return []
    return [
        {
            "amount": fee,
            "application": None,
            "currency": currency,
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]


def _sums(account: Account, status: str) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for transaction in account.objects["balance_transaction"].values():
        if transaction["status"] == status:
            sums[transaction["currency"]] += transaction["net"]
    return dict(sums)


def _amounts(sums: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"amount": amount, "currency": currency, "source_types": {"card": amount}}
        for currency, amount in sorted(sums.items())
    ]
