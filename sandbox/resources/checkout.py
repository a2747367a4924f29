"""Checkout Sessions: a hosted page where a buyer pays."""

from typing import Any
from urllib.parse import urlsplit

from sandbox import description
from sandbox.account import Account, Call
from sandbox.description import StripeObject
from sandbox.errors import InvalidParameter, StripeError, missing_parameter
from sandbox.resources import payment_intents
from sandbox.resources.events import emit
from sandbox.resources.line_items import build_line_items

# Source: https://docs.stripe.com/api/checkout/sessions/create (expires_at). Stripe
# forgives clocks that differ a little.
_SHORTEST_S, _LONGEST_S, _SLACK_S = 30 * 60, 24 * 60 * 60, 60
_COPIED = ("cancel_url", "client_reference_id", "customer_email", "locale")


def create_session(call: Call) -> StripeObject:
    """`POST /v1/checkout/sessions` in payment mode with inline prices."""
    account, params = call.account, call.params
    _check_mode(params)
    urls = [_checked_url(params, key) for key in ("success_url", "cancel_url")]
    items = build_line_items(account, params.get("line_items"))
    total = sum(item["amount_total"] for item in items)
    _check_total(total)
    payment_intents.check_capture(
        params.get("payment_intent_data", {}).get("capture_method")
    )
    session = account.create(
        "checkout.session",
        "cs_test",
        **{key: params[key] for key in _COPIED if key in params},
        **_payment_fields(params),
        amount_subtotal=total,
        amount_total=total,
        currency=items[0]["currency"],
        expires_at=_expiry(account, params.get("expires_at")),
        metadata=params.get("metadata", {}),
        mode="payment",
        status="open",
        success_url=urls[0],
        ui_mode="hosted_page",
    )
    session |= _fixed_fields() | {"url": page_url(account, session["id"])}
    account.hidden[session["id"]] |= {
        "line_items": items,
        "payment_intent_data": params.get("payment_intent_data", {}),
    }
    account.schedule(session["expires_at"], "expire_session", session["id"])
    return session


def expire_session_call(call: Call) -> StripeObject:
    """`POST …/expire`: only an open session can be expired."""
    session = call.account.get("checkout.session", call.target, param="session")
    if session["status"] != "open":
        message = (
            'Only Checkout Sessions with a status in ["open"] can be expired. This '
            f"Checkout Session has a status of {session['status']}."
        )
        raise StripeError(400, message)
    expire_session(call.account, session["id"])
    return session


def expire_session(account: Account, session_id: str) -> None:
    """End an open session and its unpaid intent; others stay as they are."""
    session = account.get("checkout.session", session_id, param="session")
    if session["status"] != "open":
        return
    session |= {"status": "expired", "url": None}
    if session["payment_intent"] is not None:
        intent = _intent_of(account, session)
        payment_intents.cancel(account, intent, "expired")
    emit(account, "checkout.session.expired", session)


def pay_session(account: Account, session: StripeObject, method: str) -> bool:
    """The buyer pays an open session by `method`.

    False when the session is no longer open; then nothing happens, so that a second
    click cannot charge twice.
    """
    if session["status"] != "open":
        return False
    payment_intents.pay(account, _intent_of(account, session), method)
    session |= {"payment_status": "paid", "status": "complete", "url": None}
    session["customer_details"] = _customer_details(session)
    emit(account, "checkout.session.completed", session)
    return True


def decline_session(account: Account, session: StripeObject, method: str) -> bool:
    """An attempt by `method` is declined; the session stays open for another.

    False when the session is no longer open.
    """
    if session["status"] != "open":
        return False
    intent = _intent_of(account, session)
    payment_intents.decline(account, intent, method, "generic_decline")
    return True


def page_url(account: Account, session_id: str) -> str:
    """Where the buyer pays."""
    return f"{account.runtime.public_url}/c/pay/{session_id}"


def return_url(session: StripeObject) -> str:
    """`success_url` with its placeholder filled in."""
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def _check_mode(params: dict[str, Any]) -> None:
    if "mode" not in params:
        raise missing_parameter("mode")
    if params["mode"] != "payment":
        message = "The local sandbox implements mode=payment only."
        raise InvalidParameter(message, param="mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        message = "The local sandbox implements ui_mode=hosted_page only."
        raise InvalidParameter(message, param="ui_mode")


def _checked_url(params: dict[str, Any], key: str) -> str | None:
    if key not in params:
        if key == "success_url":
            raise missing_parameter(key)
        return None
    url: str = params[key]
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidParameter("Not a valid URL", param=key, code="url_invalid")
    return url


def _check_total(total: int) -> None:
    if total < 1:
        message = "The Checkout Session's total amount due must be more than zero."
        raise InvalidParameter(message, param="line_items", code="amount_too_small")
    if total > payment_intents.MAX_AMOUNT:
        message = "The Checkout Session's total must be no more than 999,999.99."
        raise InvalidParameter(message, param="line_items", code="amount_too_large")


def _payment_fields(params: dict[str, Any]) -> dict[str, Any]:
    methods = payment_intents.check_methods(params.get("payment_method_types"))
    options = params.get("payment_method_options", {})
    client = options.get("wechat_pay", {}).get("client")
    named = "wechat_pay" in params.get("payment_method_types", [])
    if named and client != "web":
        raise missing_parameter("payment_method_options[wechat_pay][client]")
    card = {"card": {"request_three_d_secure": "automatic"} | options.get("card", {})}
    return {
        "payment_method_types": methods,
        "payment_method_options": options | (card if "card" in methods else {}),
        "payment_status": "unpaid",
    }


def _expiry(account: Account, requested: int | None) -> int:
    now = account.now()
    if requested is None:
        return now + _LONGEST_S
    if not _SHORTEST_S - _SLACK_S <= requested - now <= _LONGEST_S + _SLACK_S:
        message = (
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from "
            "Checkout Session creation."
        )
        raise InvalidParameter(message, param="expires_at")
    return requested


def _fixed_fields() -> dict[str, Any]:
    return {
        "customer_creation": "if_required",
        "payment_method_collection": "if_required",
        "phone_number_collection": {"enabled": False},
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    }


def _intent_of(account: Account, session: StripeObject) -> StripeObject:
    """The session's intent, opened at the first attempt to pay, as Stripe does."""
    if session["payment_intent"] is None:
        details = account.hidden[session["id"]]["payment_intent_data"]
        intent = payment_intents.open_intent(
            account,
            amount=session["amount_total"],
            currency=session["currency"],
            methods=session["payment_method_types"],
            details=details,
        )
        account.hidden[intent["id"]]["session"] = session["id"]
        session["payment_intent"] = intent["id"]
    return account.get("payment_intent", session["payment_intent"], param="intent")


def _customer_details(session: StripeObject) -> dict[str, Any]:
    details = description.skeleton("payment_pages_checkout_session_customer_details")
    return details | {"email": session["customer_email"], "tax_exempt": "none"}
