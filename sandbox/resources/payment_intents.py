"""PaymentIntents: one sum to be paid, over as many attempts as it takes."""

from typing import Any

from sandbox import description
from sandbox.account import Account, Call, new_id
from sandbox.description import StripeObject
from sandbox.errors import InvalidParameter, StripeError, missing_parameter
from sandbox.resources import charges
from sandbox.resources.events import emit

MAX_AMOUNT = 99_999_999
COPIED = (
    "description",
    "metadata",
    "receipt_email",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)

# Source: https://docs.stripe.com/testing#declined-payments
_DECLINES = {
    "pm_card_chargeDeclined": "generic_decline",
    "pm_card_visa_chargeDeclined": "generic_decline",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_visa_chargeDeclinedLostCard": "lost_card",
    "pm_card_visa_chargeDeclinedStolenCard": "stolen_card",
}
_CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


def create_payment_intent(call: Call) -> StripeObject:
    """`POST /v1/payment_intents`, confirmed at once with `confirm=true`."""
    params = call.params
    methods = check_methods(params.get("payment_method_types"))
    intent = open_intent(
        call.account,
        amount=check_amount(params["amount"]),
        currency=check_currency(params["currency"]),
        methods=methods,
        details=params,
    )
    if params.get("confirm"):
        _confirm(call.account, intent, params)
    return intent


def confirm_payment_intent(call: Call) -> StripeObject:
    """`POST …/confirm`: cards are decided at once, wallets need the hosted page."""
    intent = call.account.get("payment_intent", call.target, param="intent")
    _refuse_checkout(call.account, intent, "confirm")
    _confirm(call.account, intent, call.params)
    return intent


def cancel_payment_intent(call: Call) -> StripeObject:
    """`POST …/cancel`; a Checkout Session's intent ends by expiring the session."""
    intent = call.account.get("payment_intent", call.target, param="intent")
    _refuse_checkout(call.account, intent, "cancel")
    _require_status(intent, _CONFIRMABLE, "cancel")
    cancel(call.account, intent, call.params.get("cancellation_reason"))
    return intent


def open_intent(
    account: Account,
    *,
    amount: int,
    currency: str,
    methods: list[str],
    details: dict[str, Any],
) -> StripeObject:
    """Create an intent for `amount` smallest units.

    details: parameters of which COPIED, `shipping` and the capture method are kept.
    """
    check_capture(details.get("capture_method"))
    intent = account.create(
        "payment_intent",
        "pi",
        amount=amount,
        amount_capturable=0,
        amount_details={"tip": {}},
        amount_received=0,
        capture_method=details.get("capture_method", "automatic_async"),
        confirmation_method="automatic",
        currency=currency,
        payment_method_types=methods,
        payment_method_options={},
        status="requires_payment_method",
        **{"metadata": {}, **{k: details[k] for k in COPIED if k in details}},
    )
    intent["client_secret"] = f"{intent['id']}_secret_{new_id('x')[2:]}"
    intent["shipping"] = _shipping(details.get("shipping"))
    emit(account, "payment_intent.created", intent)
    return intent


def pay(account: Account, intent: StripeObject, method: str) -> None:
    """The buyer pays: a charge, and the intent has succeeded."""
    charge = charges.succeed(account, intent, method)
    intent |= {
        "amount_received": intent["amount"],
        "last_payment_error": None,
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": charge["payment_method"],
        "status": "succeeded",
    }
    emit(account, "payment_intent.succeeded", intent)


def decline(
    account: Account, intent: StripeObject, method: str, reason: str
) -> StripeObject:
    """The attempt is declined; the intent waits for another. Returns the charge."""
    charge = charges.fail(account, intent, method, reason)
    intent |= {
        "last_payment_error": _payment_error(charge, method, reason),
        "latest_charge": charge["id"],
        "next_action": None,
        "status": "requires_payment_method",
    }
    emit(account, "payment_intent.payment_failed", intent)
    return charge


def cancel(account: Account, intent: StripeObject, reason: str | None) -> None:
    """End an unpaid intent; `reason` is one of Stripe's cancellation reasons."""
    intent |= {
        "canceled_at": account.now(),
        "cancellation_reason": reason,
        "next_action": None,
        "status": "canceled",
    }
    emit(account, "payment_intent.canceled", intent)


def check_amount(amount: int) -> int:
    """Return `amount`; InvalidParameter when it is not between 1 and MAX_AMOUNT."""
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        code = "parameter_invalid_integer"
        raise InvalidParameter(message, param="amount", code=code)
    if amount > MAX_AMOUNT:
        message = "Amount must be no more than 999,999.99"
        raise InvalidParameter(message, param="amount", code="amount_too_large")
    return amount


def check_currency(currency: str) -> str:
    """Return `currency` in lower case; InvalidParameter unless three letters."""
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise InvalidParameter(f"Invalid currency: {currency}", param="currency")
    return currency.lower()


def check_methods(requested: list[str] | None) -> list[str]:
    """The payment methods asked for, all of them when none were named."""
    for method in requested or []:
        if method not in charges.METHODS:
            message = (
                f'The payment method type "{method}" is invalid. Please ensure the '
                "provided type is activated in your dashboard and your account is "
                "enabled for any preview features that you are trying to use."
            )
            raise InvalidParameter(message, param="payment_method_types")
    return requested or list(charges.METHODS)


def check_capture(capture_method: str | None) -> None:
    """Refuse manual capture: wallets cannot, and the sandbox has no capture."""
    if capture_method == "manual":
        message = (
            "alipay and wechat_pay do not support capture_method=manual, and the "
            "local sandbox captures cards at once."
        )
        raise InvalidParameter(message, param="capture_method")


def _confirm(account: Account, intent: StripeObject, params: dict[str, Any]) -> None:
    _require_status(intent, _CONFIRMABLE, "confirm")
    method, reason = _chosen_method(params)
    if method not in intent["payment_method_types"]:
        message = (
            f"The PaymentMethod provided ({method}) is not allowed for this "
            "PaymentIntent."
        )
        raise StripeError(400, message, param="payment_method")
    if method in charges.WALLETS:
        _ask_for_authorisation(account, intent, method, params)
    elif reason is None:
        pay(account, intent, method)
    else:
        charge = decline(account, intent, method, reason)
        raise _card_error(intent, charge, reason)


def _chosen_method(params: dict[str, Any]) -> tuple[str, str | None]:
    """The method and, for test cards that decline, the decline code."""
    if "payment_method_data" in params:
        return params["payment_method_data"]["type"], None
    chosen: str = params.get("payment_method", "")
    if not chosen:
        raise missing_parameter("payment_method")
    for wallet in charges.WALLETS:
        if chosen == f"pm_{wallet}":
            return wallet, None
    return "card", _DECLINES.get(chosen)


def _ask_for_authorisation(
    account: Account, intent: StripeObject, method: str, params: dict[str, Any]
) -> None:
    if "return_url" not in params:
        raise missing_parameter("return_url")
    account.hidden[intent["id"]] |= {
        "method": method,
        "return_url": params["return_url"],
    }
    page = f"{account.runtime.public_url}/c/authorize/{intent['id']}"
    intent |= {
        "next_action": _next_action(method, page, params["return_url"]),
        "status": "requires_action",
    }
    emit(account, "payment_intent.requires_action", intent)


def _next_action(method: str, page: str, return_url: str) -> dict[str, Any]:
    if method == "alipay":
        kind = "alipay_handle_redirect"
        details = {"url": page, "return_url": return_url}
        skeleton = description.skeleton(f"payment_intent_next_action_{kind}")
        return {"type": kind, kind: skeleton | details}
    kind = "wechat_pay_display_qr_code"
    pictures = dict.fromkeys(("image_data_url", "image_url_png", "image_url_svg"), "")
    details = {"data": page, "hosted_instructions_url": page} | pictures
    return {"type": kind, kind: details}


def _payment_error(charge: StripeObject, method: str, reason: str) -> dict[str, Any]:
    wallet = method in charges.WALLETS
    error = {
        "charge": charge["id"],
        "message": charge["failure_message"],
        "type": "invalid_request_error" if wallet else "card_error",
        "code": "payment_intent_payment_attempt_failed" if wallet else "card_declined",
    }
    return error if wallet else error | {"decline_code": reason}


def _card_error(intent: StripeObject, charge: StripeObject, reason: str) -> StripeError:
    return StripeError(
        402,
        charge["failure_message"],
        kind="card_error",
        code="card_declined",
        decline_code=reason,
        charge=charge["id"],
        payment_intent=dict(intent),
    )


def _refuse_checkout(account: Account, intent: StripeObject, verb: str) -> None:
    if "session" in account.hidden.get(intent["id"], {}):
        message = (
            f"You cannot {verb} a PaymentIntent created by a Checkout Session. "
            "To cancel, expire the Checkout Session instead."
        )
        raise StripeError(400, message, code="payment_intent_unexpected_state")


def _require_status(intent: StripeObject, allowed: tuple[str, ...], verb: str) -> None:
    if intent["status"] not in allowed:
        message = (
            f"You cannot {verb} this PaymentIntent because it has a status of "
            f"{intent['status']}. Only a PaymentIntent with one of the following "
            f"statuses may be {verb}ed: {', '.join(allowed)}."
        )
        code = "payment_intent_unexpected_state"
        raise StripeError(400, message, code=code, payment_intent=dict(intent))


def _shipping(given: dict[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    address = description.skeleton("address") | given.get("address", {})
    return description.skeleton("shipping") | given | {"address": address}
