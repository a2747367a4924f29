"""Which of Stripe's operations the sandbox speaks, and what each takes."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox import description
from sandbox.account import Call
from sandbox.description import StripeObject
from sandbox.listing import PAGING, list_events, lister, retriever
from sandbox.resources.balance import retrieve_balance
from sandbox.resources.checkout import create_session, expire_session_call
from sandbox.resources.events import create_webhook_endpoint
from sandbox.resources.payment_intents import (
    COPIED,
    cancel_payment_intent,
    confirm_payment_intent,
    create_payment_intent,
)
from sandbox.resources.payouts import create_payout
from sandbox.resources.refunds import create_refund


@dataclass(frozen=True)
class Operation:
    """A method and path of the description, and the function that performs it.

    takes: the parameters it heeds; others of Stripe's are refused, not ignored.
    """

    method: str
    path: str
    perform: Callable[[Call], StripeObject]
    takes: frozenset[str] = frozenset()


def _retrieve_account(call: Call) -> StripeObject:
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


_SESSION = frozenset(
    "cancel_url client_reference_id customer_email expires_at line_items locale "
    "metadata mode payment_intent_data payment_method_options payment_method_types "
    "success_url ui_mode".split()
)
_CONFIRM = frozenset(("payment_method", "payment_method_data", "return_url"))
_INTENT = _CONFIRM | {
    *COPIED,
    "amount",
    "automatic_payment_methods",
    "capture_method",
    "confirm",
    "currency",
    "payment_method_types",
    "shipping",
}
_REFUND = frozenset(("amount", "charge", "metadata", "payment_intent", "reason"))
_PAYOUT = frozenset(
    ("amount", "currency", "description", "metadata", "statement_descriptor")
)
_ENDPOINT = frozenset(("description", "enabled_events", "metadata", "url"))


def _post(
    path: str, perform: Callable[[Call], StripeObject], takes: frozenset[str]
) -> Operation:
    return Operation("post", path, perform, takes)


def _get(path: str, kind: str, param: str) -> Operation:
    return Operation("get", path, retriever(kind, param))


def _list(path: str, kind: str, *filters: str) -> Operation:
    return Operation("get", path, lister(kind, *filters), PAGING | set(filters))


OPERATIONS = (
    _post("/v1/checkout/sessions", create_session, _SESSION),
    _list("/v1/checkout/sessions", "checkout.session", "payment_intent", "status"),
    _get("/v1/checkout/sessions/{session}", "checkout.session", param="session"),
    _post("/v1/checkout/sessions/{session}/expire", expire_session_call, frozenset()),
    _post("/v1/payment_intents", create_payment_intent, _INTENT),
    _list("/v1/payment_intents", "payment_intent"),
    _get("/v1/payment_intents/{intent}", "payment_intent", param="intent"),
    _post("/v1/payment_intents/{intent}/confirm", confirm_payment_intent, _CONFIRM),
    _post(
        "/v1/payment_intents/{intent}/cancel",
        cancel_payment_intent,
        frozenset(("cancellation_reason",)),
    ),
    _get("/v1/charges/{charge}", "charge", param="id"),
    _post("/v1/refunds", create_refund, _REFUND),
    _list("/v1/refunds", "refund", "charge", "payment_intent"),
    _get("/v1/refunds/{refund}", "refund", param="id"),
    Operation("get", "/v1/balance", retrieve_balance),
    _list(
        "/v1/balance_transactions",
        "balance_transaction",
        *("currency", "source", "type"),
    ),
    Operation(
        "get",
        "/v1/events",
        list_events,
        PAGING | {"delivery_success", "type", "types"},
    ),
    _get("/v1/events/{id}", "event", param="id"),
    _post("/v1/webhook_endpoints", create_webhook_endpoint, _ENDPOINT),
    Operation("get", "/v1/account", _retrieve_account),
    _post("/v1/payouts", create_payout, _PAYOUT),
    _list("/v1/payouts", "payout", "status"),
    _get("/v1/payouts/{payout}", "payout", param="payout"),
)
