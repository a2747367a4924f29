"""Which of Stripe's operations the sandbox speaks, and what each takes."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.call import Call
from sandbox.description import StripeObject
from sandbox.listing import PAGING, list_events, lister
from sandbox.resources.balance import retrieve_balance
from sandbox.resources.charges import retrieve_charge
from sandbox.resources.checkout import (
    create_session,
    expire_session_call,
    retrieve_session,
)
from sandbox.resources.merchants import retrieve_account
from sandbox.resources.payment_intents import (
    COPIED,
    cancel_payment_intent,
    confirm_payment_intent,
    create_payment_intent,
    retrieve_payment_intent,
)
from sandbox.resources.payouts import create_payout, retrieve_payout
from sandbox.resources.refunds import create_refund, retrieve_refund
from sandbox.resources.webhook_endpoints import create_webhook_endpoint


@dataclass(frozen=True)
class Operation:
    """A method and path of the description, and the function that performs it.

    takes: the parameters it heeds; others of Stripe's are refused, not ignored.
    """

    method: str
    path: str
    perform: Callable[[Call], StripeObject]
    takes: frozenset[str] = frozenset()


def _retrieve_event(call: Call) -> StripeObject:
    return call.account.get("event", call.target, param="id")


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


def _get(path: str, perform: Callable[[Call], StripeObject]) -> Operation:
    return Operation("get", path, perform)


def _list(path: str, kind: str, *filters: str) -> Operation:
    return Operation("get", path, lister(kind, *filters), PAGING | set(filters))


OPERATIONS = (
    _post("/v1/checkout/sessions", create_session, _SESSION),
    _list("/v1/checkout/sessions", "checkout.session", "payment_intent", "status"),
    _get("/v1/checkout/sessions/{session}", retrieve_session),
    _post("/v1/checkout/sessions/{session}/expire", expire_session_call, frozenset()),
    _post("/v1/payment_intents", create_payment_intent, _INTENT),
    _list("/v1/payment_intents", "payment_intent"),
    _get("/v1/payment_intents/{intent}", retrieve_payment_intent),
    _post("/v1/payment_intents/{intent}/confirm", confirm_payment_intent, _CONFIRM),
    _post(
        "/v1/payment_intents/{intent}/cancel",
        cancel_payment_intent,
        frozenset(("cancellation_reason",)),
    ),
    _get("/v1/charges/{charge}", retrieve_charge),
    _post("/v1/refunds", create_refund, _REFUND),
    _list("/v1/refunds", "refund", "charge", "payment_intent"),
    _get("/v1/refunds/{refund}", retrieve_refund),
    _get("/v1/balance", retrieve_balance),
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
    _get("/v1/events/{id}", _retrieve_event),
    _post("/v1/webhook_endpoints", create_webhook_endpoint, _ENDPOINT),
    _get("/v1/account", retrieve_account),
    _post("/v1/payouts", create_payout, _PAYOUT),
    _list("/v1/payouts", "payout", "status"),
    _get("/v1/payouts/{payout}", retrieve_payout),
)
