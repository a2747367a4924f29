"""Refunds: at once for cards, later for wallets, capped by what was paid."""

from typing import Any

from sandbox.account import Account, Call
from sandbox.description import StripeObject
from sandbox.errors import InvalidParameter, StripeError, missing_parameter, no_such
from sandbox.resources import balance, charges
from sandbox.resources.balance import format_money
from sandbox.resources.events import emit

# Source: https://docs.stripe.com/payments/alipay and …/wechat-pay (refunds)
_REFUND_DAYS = {"alipay": 90, "wechat_pay": 180}
_DAY_S = 86_400


def create_refund(call: Call) -> StripeObject:
    """`POST /v1/refunds` of a charge or a PaymentIntent, whole or in part."""
    account, params = call.account, call.params
    charge = _charge_to_refund(account, params)
    amount = _refundable_amount(account, charge, params.get("amount"))
    is_wallet = charges.method_of(charge) in charges.WALLETS
    refund = account.create(
        "refund",
        "pyr" if is_wallet else "re",
        amount=amount,
        currency=charge["currency"],
        charge=charge["id"],
        payment_intent=charge["payment_intent"],
        destination_details=_destination(charge),
        metadata=params.get("metadata") or {},
        reason=params.get("reason"),
        status="pending" if is_wallet else "succeeded",
    )
    _move_money(account, refund, charge, is_wallet)
    emit(account, "refund.created", refund)
    emit(account, "charge.refunded", charge)
    return refund


def settle_refund(account: Account, refund_id: str, *, succeeded: bool) -> StripeObject:
    """End a pending refund; one that has ended stays as it is.

    A failed refund gives the money back to the balance and to the charge.
    """
    refund = account.get("refund", refund_id, param="id")
    if refund["status"] != "pending":
        return refund
    refund.pop("pending_reason", None)
    if succeeded:
        refund["status"] = "succeeded"
        emit(account, "refund.updated", refund, previous={"status": "pending"})
    else:
        _give_back(account, refund)
        emit(account, "refund.failed", refund)
    return refund


def _charge_to_refund(account: Account, params: dict[str, Any]) -> StripeObject:
    if "charge" in params:
        charge = account.get("charge", params["charge"], param="charge")
    elif "payment_intent" in params:
        intent_id = params["payment_intent"]
        intent = account.get("payment_intent", intent_id, param="payment_intent")
        _require_paid(intent)
        charge = account.get("charge", intent["latest_charge"], param="charge")
    else:
        raise missing_parameter("payment_intent")
    if charge["status"] != "succeeded":
        raise no_such("charge", charge["id"], param="charge")
    return charge


def _require_paid(intent: StripeObject) -> None:
    if intent["status"] != "succeeded":
        message = (
            f"This PaymentIntent ({intent['id']}) does not have a successful charge "
            "to refund."
        )
        code = "payment_intent_unexpected_state"
        raise StripeError(400, message, code=code, param="payment_intent")


def _refundable_amount(
    account: Account, charge: StripeObject, requested: int | None
) -> int:
    remaining: int = charge["amount"] - charge["amount_refunded"]
    if remaining == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise StripeError(400, message, code="charge_already_refunded")
    _refuse_too_old(account, charge)
    if requested is None:
        return remaining
    if requested < 1:
        code = "parameter_invalid_integer"
        raise InvalidParameter("Invalid positive integer", param="amount", code=code)
    if requested > remaining:
        currency = charge["currency"]
        message = (
            f"Refund amount ({format_money(requested, currency)}) is greater than "
            f"unrefunded amount on charge ({format_money(remaining, currency)})"
        )
        raise StripeError(400, message, param="amount")
    return requested


def _refuse_too_old(account: Account, charge: StripeObject) -> None:
    method = charges.method_of(charge)
    days = _REFUND_DAYS.get(method)
    if days is not None and account.now() > charge["created"] + days * _DAY_S:
        message = f"{method} payments can be refunded up to {days} days after payment."
        raise StripeError(400, message, param="charge")


def _destination(charge: StripeObject) -> dict[str, Any]:
    method = charges.method_of(charge)
    if method in charges.WALLETS:
        return {"type": method, method: {}}
    card = {
        "reference_status": "pending",
        "reference_type": "acquirer_reference_number",
        "type": "refund",
    }
    return {"type": "card", "card": card}


def _move_money(
    account: Account, refund: StripeObject, charge: StripeObject, is_wallet: bool
) -> None:
    kind = "payment_refund" if is_wallet else "refund"
    moved = balance.post_movement(account, refund, kind=kind, amount=-refund["amount"])
    refund["balance_transaction"] = moved["id"]
    charge["amount_refunded"] += refund["amount"]
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    if is_wallet:
        refund["pending_reason"] = "processing"
        due = account.now() + account.runtime.settings.refund_delay_s
        account.schedule(due, "settle_refund", refund["id"])


def _give_back(account: Account, refund: StripeObject) -> None:
    kind = "payment_failure_refund"
    moved = balance.post_movement(account, refund, kind=kind, amount=refund["amount"])
    refund |= {
        "failure_balance_transaction": moved["id"],
        "failure_reason": "unknown",
        "status": "failed",
    }
    charge = account.get("charge", refund["charge"], param="charge")
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
