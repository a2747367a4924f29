"""What happens when the sandbox's clock reaches an appointment."""

import threading
from collections.abc import Callable

from sandbox.account import Account
from sandbox.resources.balance import release_funds
from sandbox.resources.checkout import expire_session
from sandbox.resources.payouts import settle_payout
from sandbox.resources.refunds import settle_refund
from sandbox.world import World

_TICK_S = 0.2


def run_due(world: World) -> None:
    """Do everything whose time has come; doing it again changes nothing."""
    with world.lock:
        for appointment in world.due_appointments():
            account = world.account(appointment.account_key)
            _KEPT_BY[appointment.kind](account, appointment.object_id)


class Timekeeper:
    """A thread that keeps appointments even when no request comes.

    after_tick: called after every round, for the state file.
    """

    def __init__(self, world: World, after_tick: Callable[[], None]) -> None:
        self._world = world
        self._after_tick = after_tick
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Start ticking."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the round under way."""
        self._stopping.set()
        self._thread.join(timeout=1)

    def _run(self) -> None:
        while not self._stopping.wait(_TICK_S):
            run_due(self._world)
            self._after_tick()


def _refund_succeeds(account: Account, refund_id: str) -> None:
    settle_refund(account, refund_id, succeeded=True)


def _payout_arrives(account: Account, payout_id: str) -> None:
    settle_payout(account, payout_id, succeeded=True)


_KEPT_BY: dict[str, Callable[[Account, str], None]] = {
    "expire_session": expire_session,
    "release_funds": release_funds,
    "settle_payout": _payout_arrives,
    "settle_refund": _refund_succeeds,
}
