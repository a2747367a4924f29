"""Amounts in the currency's smallest unit, written for people."""

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
