"""Charges: one attempt to take the money of a PaymentIntent."""

from typing import Any

from sandbox import description
from sandbox.account import Account, new_id
from sandbox.description import StripeObject
from sandbox.resources.balance import post_charge
from sandbox.resources.events import emit

WALLETS = ("alipay", "wechat_pay")
METHODS = ("card", *WALLETS)

_DECLINE_MESSAGE = "Your card was declined."
_WALLET_MESSAGE = "The customer's wallet refused the payment."


def method_of(charge: StripeObject) -> str:
    """How a charge was paid: one of METHODS."""
    method: str = charge["payment_method_details"]["type"]
    return method


def succeed(account: Account, intent: StripeObject, method: str) -> StripeObject:
    """Take the whole amount of `intent` by `method`; returns the charge."""
    charge = _create(
        account,
        intent,
        method,
        status="succeeded",
        paid=True,
        captured=True,
        amount_captured=intent["amount"],
        outcome=_outcome("authorized", "approved_by_network", "Payment complete."),
    )
    kind = "payment" if method in WALLETS else "charge"
    charge["balance_transaction"] = post_charge(account, charge, kind=kind)["id"]
    emit(account, "charge.succeeded", charge)
    return charge


def fail(
    account: Account, intent: StripeObject, method: str, reason: str
) -> StripeObject:
    """Record a declined attempt; `reason` is Stripe's decline code."""
    message = _WALLET_MESSAGE if method in WALLETS else _DECLINE_MESSAGE
    outcome = _outcome("issuer_declined", "declined_by_network", message)
    charge = _create(
        account,
        intent,
        method,
        status="failed",
        paid=False,
        captured=False,
        failure_code="payment_declined" if method in WALLETS else "card_declined",
        failure_message=message,
        outcome=outcome | {"reason": reason},
    )
    emit(account, "charge.failed", charge)
    return charge


def _create(
    account: Account, intent: StripeObject, method: str, **fields: Any
) -> StripeObject:
    # Stripe calls a charge that is not a card's a payment, and its ids begin py_.
    prefix = "py" if method in WALLETS else "ch"
    return account.create(
        "charge",
        prefix,
        amount=intent["amount"],
        currency=intent["currency"],
        payment_intent=intent["id"],
        payment_method=new_id("pm"),
        payment_method_details={"type": method, method: _details(method)},
        description=intent["description"],
        metadata=dict(intent["metadata"]),
        receipt_email=intent["receipt_email"],
        shipping=intent["shipping"],
        statement_descriptor=intent["statement_descriptor"],
        transfer_group=intent["transfer_group"],
        fraud_details={},
        **fields,
    )


def _details(method: str) -> dict[str, Any]:
    details = description.skeleton(f"payment_method_details_{method}")
    if method in WALLETS:
        return details | {"transaction_id": new_id("test")}
    return details | {
        "brand": "visa",
        "country": "HK",
        "exp_month": 12,
        "exp_year": 2034,
        "funding": "credit",
        "last4": "4242",
        "network": "visa",
    }


def _outcome(kind: str, network_status: str, message: str) -> dict[str, Any]:
    return description.skeleton("charge_outcome") | {
        "network_status": network_status,
        "risk_level": "normal",
        "seller_message": message,
        "type": kind,
    }
