"""Stripe Checkout as the shop's payment provider, through the `stripe` library."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import stripe
import structlog

from integrations.bounded_http import answered_within, bounded_session
from integrations.circuit import Circuit
from integrations.gateway import (
    Event,
    KeySpent,
    PaymentDown,
    PaymentNotSetUp,
    PaymentSession,
    ProviderRefund,
    ProviderRefusal,
    RefundRequest,
    SessionRequest,
    WindowOver,
)
from integrations.stripe_objects import (
    EXPANDED,
    read_refund,
    read_session,
    session_params,
)
from integrations.stripe_webhooks import read_event

log = structlog.get_logger("tianbo")

LISTED = 100
STILL_WORKING = 409
"""The first request with this key has not been answered yet."""

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """How long one call may take with all its tries, and how many are made at once."""

    connect_s: float
    limit_s: float
    retries: int
    at_once: int


IN_A_PAGE = Patience(connect_s=1.5, limit_s=4.0, retries=0, at_once=4)
"""Somebody waits, and holds a thread: at most half of the eight that a web process has
(deploy/systemd), so that the other half serves all other pages."""
IN_A_JOB = Patience(connect_s=3.0, limit_s=12.0, retries=2, at_once=16)
CIRCUITS: dict[tuple[str, Patience], Circuit] = {}


class StripeGateway:
    """One merchant account with Stripe."""

    def __init__(
        self,
        secret_key: str,
        webhook_secret: str | None,
        base: str | None,
        patience: Patience = IN_A_JOB,
    ) -> None:
        """base: where Stripe answers; None for Stripe itself."""
        self._client = _client(secret_key, base, patience)
        self._circuit = _circuit(base, patience)
        self._limit_s = patience.limit_s
        self._webhook_secret = webhook_secret

    def open_session(self, request: SessionRequest) -> PaymentSession:
        """Open a Checkout Session, or answer the one this key opened before."""
        params = session_params(request)
        sessions = self._client.v1.checkout.sessions
        try:
            return read_session(
                self._ask(
                    lambda: sessions.create(params, {"idempotency_key": request.key})
                )
            )
        except ProviderRefusal as error:
            if error.param == "expires_at":
                raise WindowOver() from error
            raise PaymentNotSetUp() from error

    def find_session(self, request: SessionRequest) -> PaymentSession | None:
        """Look through the sessions made since the order for the order's own."""
        params: Any = {
            "created": {"gte": int(request.not_before.timestamp()) - 60},
            "limit": LISTED,
        }

        found = self._find(
            lambda: self._client.v1.checkout.sessions.list(params),
            ("payment_id", str(request.payment_id)),
        )
        return read_session(found) if found else None

    def fetch_session(self, session_id: str) -> PaymentSession:
        """The session as it is now."""
        sessions = self._client.v1.checkout.sessions
        params: Any = {"expand": [EXPANDED]}
        try:
            return read_session(
                self._ask(lambda: sessions.retrieve(session_id, params))
            )
        except ProviderRefusal as error:
            raise PaymentNotSetUp() from error

    def close_session(self, session_id: str) -> PaymentSession:
        """Expire an open session; one that is no longer open is left as it is."""
        try:
            self._ask(lambda: self._client.v1.checkout.sessions.expire(session_id))
        except ProviderRefusal:
            # Stripe answers 400 for one that was paid or has ended.
            log.info("session was not open", session=session_id)
        return self.fetch_session(session_id)

    def refund(self, request: RefundRequest) -> ProviderRefund:
        """Refund part of a PaymentIntent, or answer what this key refunded.

        Raises ProviderRefusal when Stripe will never do it.
        """
        params: Any = {
            "payment_intent": request.intent_id,
            "amount": request.amount_fen,
            "metadata": {"refund_id": str(request.refund_id), "key": request.key},
        }
        refunds = self._client.v1.refunds
        return read_refund(
            self._ask(lambda: refunds.create(params, {"idempotency_key": request.key}))
        )

    def find_refund(self, request: RefundRequest) -> ProviderRefund | None:
        """Look through the PaymentIntent's refunds for this request's own."""
        params: Any = {"payment_intent": request.intent_id, "limit": LISTED}
        found = self._find(
            lambda: self._client.v1.refunds.list(params), ("key", request.key)
        )
        return read_refund(found) if found else None

    def fetch_refund(self, refund_id: str) -> ProviderRefund:
        """The refund as it is now."""
        try:
            return read_refund(
                self._ask(lambda: self._client.v1.refunds.retrieve(refund_id))
            )
        except ProviderRefusal as error:
            raise PaymentNotSetUp() from error

    def read_event(self, body: bytes, signature: str) -> Event:
        """The event in a signed webhook. Raises ForgedEvent."""
        return read_event(body, signature, self._webhook_secret)

    def _find(self, pages: Callable[[], Any], mark: tuple[str, str]) -> Any:
        """The listed object whose metadata holds `mark`, or None.

        Not searched for: Stripe's search learns of a new object within a minute, its
        lists at once.
        """
        key, value = mark

        def search() -> Any:
            for listed in pages().auto_paging_iter():
                if (listed.to_dict().get("metadata") or {}).get(key) == value:
                    return listed
            return None

        return self._ask(search)

    def _ask(self, call: Callable[[], T]) -> T:
        """The one way to Stripe: bounded in time, and not taken while it is away."""

        def bounded() -> T:
            with answered_within(self._limit_s):
                return _translated(call)

        return self._circuit.call(bounded)


@lru_cache(maxsize=64)
def _client(
    secret_key: str, base: str | None, patience: Patience
) -> stripe.StripeClient:
    bases: Any = (
        dict.fromkeys(("api", "connect", "files", "meter_events"), base)
        if base
        else None
    )
    return stripe.StripeClient(
        secret_key,
        base_addresses=bases,
        max_network_retries=patience.retries,
        http_client=stripe.RequestsClient(
            timeout=(patience.connect_s, patience.limit_s), session=bounded_session()
        ),
    )


def _circuit(base: str | None, patience: Patience) -> Circuit:
    """The way to Stripe of this process, the same for every merchant account."""
    name = base or stripe.DEFAULT_API_BASE
    made = Circuit(name, at_once=patience.at_once, away=PaymentDown)
    return CIRCUITS.setdefault((name, patience), made)


def _translated(call: Callable[[], T]) -> T:
    """Call Stripe and put its errors into the gateway's words."""
    try:
        return call()
    except stripe.InvalidRequestError as error:
        _note("stripe refused", error)
        raise ProviderRefusal(error.code or "", error.param or "") from error
    except stripe.IdempotencyError as error:
        if error.http_status == STILL_WORKING:
            raise PaymentDown() from error
        raise KeySpent() from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        _note("stripe does not know us", error)
        raise PaymentNotSetUp() from error
    except stripe.StripeError as error:
        # Stripe keeps the first answer for the life of a key, also when it is a 500.
        if (error.headers or {}).get("Idempotent-Replayed") == "true":
            raise KeySpent() from error
        _note("stripe did not answer", error)
        raise PaymentDown() from error


def _note(sentence: str, error: stripe.StripeError) -> None:
    log.warning(sentence, status=error.http_status, code=error.code)
