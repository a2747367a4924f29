"""Stripe's objects in the shop's words, both ways."""

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import stripe

from domain.orders.sessions import SessionSnapshot
from integrations.gateway import PaymentSession, ProviderRefund, SessionRequest

METHODS = ["card", "alipay", "wechat_pay"]
EXPANDED = "payment_intent.latest_charge.balance_transaction"
REFUND_STATUS = {
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "failed",
    "pending": "pending",
    "requires_action": "pending",
}


def session_params(request: SessionRequest) -> Any:
    """The parameters of a Checkout Session; the same request gives the same ones."""
    metadata = {"order": request.reference, "payment_id": str(request.payment_id)}
    return {
        "mode": "payment",
        "client_reference_id": request.reference,
        "metadata": metadata,
        "payment_intent_data": {
            "metadata": metadata,
            "description": request.reference,
        },
        "payment_method_types": METHODS,
        # Stripe demands it of wechat_pay, and knows no other value.
        "payment_method_options": {"wechat_pay": {"client": "web"}},
        "line_items": [
            {
                "quantity": item.quantity,
                "price_data": {
                    "currency": request.currency,
                    "unit_amount": item.amount_fen,
                    "product_data": {"name": item.name},
                },
            }
            for item in request.items
        ],
        "locale": "zh",
        "expires_at": int(request.expires_at.timestamp()),
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
    }


def read_session(session: stripe.checkout.Session) -> PaymentSession:
    """A Checkout Session; charge and fee only when they were expanded."""
    plain: dict[str, Any] = session.to_dict()
    intent = _expanded(plain.get("payment_intent"))
    charge = _expanded(intent.get("latest_charge"))
    balance = _expanded(charge.get("balance_transaction"))
    return PaymentSession(
        id=plain["id"],
        reference=plain.get("client_reference_id") or "",
        url=plain.get("url"),
        snapshot=SessionSnapshot(
            status=plain.get("status") or "",
            payment_status=plain["payment_status"],
            amount_total_fen=plain.get("amount_total") or 0,
            currency=plain.get("currency") or "",
        ),
        expires_at=_moment(plain.get("expires_at")),
        intent_id=intent.get("id") or plain.get("payment_intent"),
        charge_id=charge.get("id") or intent.get("latest_charge"),
        fee_fen=_fee_fen(balance, plain.get("currency")),
        available_at=_moment(balance.get("available_on")),
        is_available=balance.get("status") == "available",
    )


def read_refund(refund: stripe.Refund) -> ProviderRefund:
    """A refund; states we do not know count as pending and are asked for again."""
    plain: dict[str, Any] = refund.to_dict()
    return ProviderRefund(
        id=plain["id"],
        status=REFUND_STATUS.get(plain.get("status") or "", "pending"),
        reason=plain.get("failure_reason") or "",
    )


def _fee_fen(balance: Mapping[str, Any], currency: str | None) -> int | None:
    """The fee in the session's currency; the account may be kept in another."""
    if "fee" not in balance:
        return None
    if balance.get("currency") == currency or not balance.get("exchange_rate"):
        return int(balance["fee"])
    rate = Fraction(str(balance["exchange_rate"]))
    return round(int(balance["fee"]) / rate)


def _expanded(value: Any) -> Mapping[str, Any]:
    """An expanded object, or nothing when there is only an id or none."""
    return value if isinstance(value, dict) else {}


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
