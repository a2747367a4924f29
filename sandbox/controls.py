"""What a test or a developer may do to the sandbox from outside Stripe's API."""

from typing import Any

from sandbox import history
from sandbox.account import Account
from sandbox.description import StripeObject
from sandbox.faults import Fault
from sandbox.resources import balance, charges, checkout, payouts, refunds
from sandbox.resources.events import register_endpoint
from sandbox.timekeeper import run_due
from sandbox.world import World


class Controls:
    """The switches of one world; every method is safe from any thread.

    LookupError: there is no such object. ValueError: a value makes no sense.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def status(self) -> dict[str, Any]:
        """Clock, settings, faults, accounts, and webhooks on their way."""
        world = self._world
        with world.lock:
            return {
                "now": world.clock.now(),
                "settings": vars(world.settings),
                "faults": world.faults.list(),
                "waiting": world.faults.waiting,
                "accounts": {account.id: account.name for account in self._accounts()},
                "webhooks": self._webhooks(),
            }

    def reset(self) -> None:
        """Forget everything but endpoints and names given by flags."""
        with self._world.lock:
            self._world.reset()

    def set(self, **settings: int) -> None:
        """Change settings: fee_rate_bp, fee_fixed, refund_delay_s, …"""
        with self._world.lock:
            self._world.settings.update(settings)
            self._world.touch()

    def add_fault(self, **fault: Any) -> None:
        """Queue a Fault; see its fields."""
        try:
            self._world.faults.add(Fault(**fault))
        except TypeError as error:
            raise ValueError(str(error)) from error

    def clear_faults(self) -> None:
        """No more faults."""
        self._world.faults.clear()

    def advance_clock(self, seconds: int) -> int:
        """Move the clock ahead and do what fell due; returns the new time."""
        with self._world.lock:
            self._world.clock.advance(seconds)
            self._world.touch()
            run_due(self._world)
            return self._world.clock.now()

    def hold_webhooks(self) -> None:
        """Keep webhooks back until `release_webhooks`."""
        with self._world.lock:
            self._world.deliveries.held = True

    def release_webhooks(
        self, *, shuffled: bool = False, seed: int | None = None
    ) -> int:
        """Send what was held, in random order when `shuffled`; returns how many."""
        return self._world.deliveries.release(shuffled=shuffled, seed=seed)

    def set_webhooks(self, *, duplicates: int, shuffled: bool) -> None:
        """From now on send each event `duplicates` times more, in mixed order."""
        if type(duplicates) is not int or duplicates < 0:
            raise ValueError("duplicates must be a whole number, zero or more")
        with self._world.lock:
            self._world.deliveries.duplicates = duplicates
            self._world.deliveries.shuffled = shuffled

    def replay_webhooks(self, *, event_type: str | None = None) -> int:
        """Send past events again to every endpoint; returns how many deliveries."""
        sent = 0
        with self._world.lock:
            for account in self._accounts():
                for event in account.objects["event"].values():
                    if event_type in (None, event["type"]):
                        for endpoint_id in account.objects["webhook_endpoint"]:
                            account.deliver(event, endpoint_id)
                            sent += 1
        return sent

    def webhook_attempts(self) -> list[dict[str, Any]]:
        """The latest attempts to deliver: event, type, url, attempt, status."""
        with self._world.lock:
            return list(self._world.deliveries.attempts)

    def requests(self) -> list[dict[str, Any]]:
        """The latest API requests, oldest first."""
        with self._world.lock:
            return list(self._world.requests)

    def forget_requests(self) -> None:
        """Start the list of requests anew."""
        with self._world.lock:
            self._world.requests.clear()

    def add_endpoint(self, key: str, url: str, secret: str) -> str:
        """Send events of the account of `key` to `url`; returns the endpoint's id."""
        with self._world.lock:
            endpoint = register_endpoint(self._world.account(key), url, secret)
        return str(endpoint["id"])

    def name_merchant(self, key: str, name: str) -> None:
        """Show `name` on the pages of the account of `key`."""
        with self._world.lock:
            self._world.names[key] = name
            self._world.account(key).name = name
            self._world.touch()

    def pay_session(self, session_id: str, *, method: str = "card") -> StripeObject:
        """Pay as if on the hosted page; ValueError when it is no longer open."""
        with self._world.lock:
            account, session = self._find("checkout.session", session_id)
            _check_method(method)
            if not checkout.pay_session(account, session, method):
                raise ValueError(f"the session is {session['status']}")
            return dict(session)

    def record_payment(
        self, *, key: str, reference: str, amount: int, currency: str, paid_at: int
    ) -> StripeObject:
        """A session that was paid in the past; see `history.record_payment`."""
        with self._world.lock:
            session = history.record_payment(
                self._world,
                key,
                reference=reference,
                amount=amount,
                currency=currency,
                paid_at=paid_at,
            )
            return dict(session)

    def decline_session(self, session_id: str, *, method: str = "card") -> StripeObject:
        """Decline an attempt; ValueError when the session is no longer open."""
        with self._world.lock:
            account, session = self._find("checkout.session", session_id)
            _check_method(method)
            if not checkout.decline_session(account, session, method):
                raise ValueError(f"the session is {session['status']}")
            return dict(session)

    def expire_session(self, session_id: str) -> StripeObject:
        """Expire an open session now; others stay as they are."""
        with self._world.lock:
            account, session = self._find("checkout.session", session_id)
            checkout.expire_session(account, session_id)
            return dict(session)

    def settle_refund(self, refund_id: str, *, succeeded: bool = True) -> StripeObject:
        """End a pending refund now, well or badly."""
        with self._world.lock:
            account, _ = self._find("refund", refund_id)
            refund = refunds.settle_refund(account, refund_id, succeeded=succeeded)
            return dict(refund)

    def settle_payout(self, payout_id: str, *, succeeded: bool = True) -> StripeObject:
        """End a pending payout now, well or badly."""
        with self._world.lock:
            account, _ = self._find("payout", payout_id)
            payout = payouts.settle_payout(account, payout_id, succeeded=succeeded)
            return dict(payout)

    def release_balance(self) -> None:
        """Make every pending balance transaction available."""
        with self._world.lock:
            for account in self._accounts():
                for transaction_id in account.objects["balance_transaction"]:
                    balance.release_funds(account, transaction_id)

    def _accounts(self) -> list[Account]:
        return list(self._world.accounts.values())

    def _find(self, kind: str, object_id: str) -> tuple[Account, StripeObject]:
        run_due(self._world)
        found = self._world.find(kind, object_id)
        if found is None:
            raise LookupError(f"No such {kind}: '{object_id}'")
        return found

    def _webhooks(self) -> dict[str, Any]:
        queue = self._world.deliveries
        return {
            "held": queue.held,
            "duplicates": queue.duplicates,
            "shuffled": queue.shuffled,
            "undelivered": len(queue.undelivered()),
        }


def _check_method(method: str) -> None:
    if method not in charges.METHODS:
        raise ValueError(f"method must be one of {', '.join(charges.METHODS)}")
