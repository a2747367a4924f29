"""Signed webhook deliveries, retried with growing pauses until answered 2xx."""

import hashlib
import hmac
import http.client
import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.description import StripeObject

_WORKERS = 4
_TIMEOUT_S = 10
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 60.0
_SHUFFLE_SPREAD_S = 0.5
_REMEMBERED_ATTEMPTS = 1_000


@dataclass(eq=False)
class Delivery:
    """One event on its way to one endpoint; `due` is on the monotonic clock."""

    account_key: str
    event: StripeObject
    endpoint: StripeObject
    secret: str
    due: float
    attempts: int = 0


class DeliveryQueue:
    """Deliveries waiting, and the threads that make them.

    `held` keeps everything back, `duplicates` sends each delivery that many times
    more, `shuffled` spreads deliveries at random over half a second.
    """

    def __init__(self, lock: threading.RLock, on_accepted: Callable[[], None]) -> None:
        """lock: guards events and endpoints; never held while sending."""
        self._ready = threading.Condition(lock)
        self._on_accepted = on_accepted
        self._waiting: list[Delivery] = []
        self._sending: list[Delivery] = []
        self._threads: list[threading.Thread] = []
        self._stopped = False
        self.attempts: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED_ATTEMPTS)
        self.reset()

    def reset(self) -> None:
        """Drop all deliveries and set the switches back."""
        with self._ready:
            self.held = False
            self.duplicates = 0
            self.shuffled = False
            self._waiting.clear()
            self._sending.clear()
            self.attempts.clear()
            self._ready.notify_all()

    def start(self) -> None:
        """Start the delivering threads."""
        self._stopped = False
        for _ in range(_WORKERS):
            thread = threading.Thread(target=self._work, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Take up no further delivery; what is unsent stays in `undelivered()`."""
        with self._ready:
            self._stopped = True
            self._ready.notify_all()
        self._threads.clear()

    def add(
        self, account_key: str, event: StripeObject, endpoint: StripeObject, secret: str
    ) -> None:
        """Queue `event` for `endpoint`, to be signed with its `secret`."""
        with self._ready:
            for _ in range(1 + self.duplicates):
                due = time.monotonic()
                if self.shuffled:
                    due += random.uniform(0, _SHUFFLE_SPREAD_S)  # noqa: S311 (order)
                self._waiting.append(
                    Delivery(account_key, event, endpoint, secret, due)
                )
            self._ready.notify_all()

    def release(self, *, shuffled: bool = False, seed: int | None = None) -> int:
        """Stop holding; send what was held, in random order when `shuffled`.

        Returns how many deliveries were waiting.
        """
        with self._ready:
            self.held = False
            if shuffled:
                random.Random(seed).shuffle(self._waiting)  # noqa: S311 (order)
                for place, delivery in enumerate(self._waiting):
                    delivery.due = time.monotonic() + place / 1000
            self._ready.notify_all()
            return len(self._waiting)

    def undelivered(self) -> list[Delivery]:
        """Deliveries no endpoint has accepted yet, oldest first."""
        with self._ready:
            return [*self._sending, *self._waiting]

    def drain(self, timeout_s: float) -> bool:
        """Wait until nothing is on its way; False when `timeout_s` was too short."""
        deadline = time.monotonic() + timeout_s
        with self._ready:
            return self._ready.wait_for(
                lambda: not (self._sending or self._waiting),
                max(0.0, deadline - time.monotonic()),
            )

    def _work(self) -> None:
        while (delivery := self._next()) is not None:
            status = _post(delivery, self._ready)
            with self._ready:
                # A reset meanwhile has taken it off the list for good.
                if delivery in self._sending:
                    self._sending.remove(delivery)
                    self._record(delivery, status)
                self._ready.notify_all()

    def _next(self) -> Delivery | None:
        with self._ready:
            while not self._stopped:
                delivery = self._first_due()
                if delivery is not None:
                    self._waiting.remove(delivery)
                    self._sending.append(delivery)
                    delivery.attempts += 1
                    return delivery
                self._ready.wait(self._pause())
        return None

    def _first_due(self) -> Delivery | None:
        if self.held or not self._waiting:
            return None
        first = min(self._waiting, key=lambda delivery: delivery.due)
        return first if first.due <= time.monotonic() else None

    def _pause(self) -> float | None:
        if self.held or not self._waiting:
            return None
        earliest = min(delivery.due for delivery in self._waiting)
        return max(0.0, earliest - time.monotonic())

    def _record(self, delivery: Delivery, status: int) -> None:
        self.attempts.append(
            {
                "at": int(time.time()),
                "event": delivery.event["id"],
                "type": delivery.event["type"],
                "url": delivery.endpoint["url"],
                "attempt": delivery.attempts,
                "status": status,
            }
        )
        if 200 <= status < 300:
            pending = delivery.event["pending_webhooks"]
            delivery.event["pending_webhooks"] = max(0, pending - 1)
            self._on_accepted()
            return
        pause = _FIRST_PAUSE_S * 2 ** min(delivery.attempts - 1, 10)
        delivery.due = time.monotonic() + min(pause, _LONGEST_PAUSE_S)
        self._waiting.append(delivery)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Stripe counts a redirect as a failed delivery."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


# Without the empty proxy list, proxies of the environment would see test events.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


def _post(delivery: Delivery, lock: threading.Condition) -> int:
    """Send once; the HTTP status, or 0 when there was no answer."""
    with lock:
        payload = json.dumps(delivery.event, indent=2, ensure_ascii=False).encode()
    # Signed in real time even when the sandbox's clock was pushed ahead, because
    # the receiver compares the timestamp with its own clock.
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature(payload, delivery.secret, int(time.time())),
        "User-Agent": "Tianbo-Stripe-Sandbox/1.0",
    }
    request = urllib.request.Request(  # noqa: S310 (endpoints are checked)
        delivery.endpoint["url"], payload, headers, method="POST"
    )
    try:
        with _OPENER.open(request, timeout=_TIMEOUT_S) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ValueError, http.client.HTTPException):
        return 0


def signature(payload: bytes, secret: str, timestamp: int) -> str:
    """The `Stripe-Signature` header for `payload`, sent at Unix second `timestamp`.

    Source: https://docs.stripe.com/webhooks#verify-manually
    """
    signed = b"%d." % timestamp + payload
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"
