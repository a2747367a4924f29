"""The merchant's own account."""

from sandbox import description
from sandbox.call import Call
from sandbox.description import StripeObject


def retrieve_account(call: Call) -> StripeObject:
    """`GET /v1/account`: the account of the key in use."""
    account = call.account
    profile = description.skeleton("account_business_profile")
    return description.skeleton("account") | {
        "id": account.id,
        "object": "account",
        "business_profile": profile | {"name": account.name},
        "charges_enabled": True,
        "country": "HK",
        "default_currency": "cny",
        "details_submitted": True,
        "metadata": {},
        "payouts_enabled": True,
        "type": "standard",
    }
