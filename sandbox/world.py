"""Everything the sandbox holds: accounts, clock, settings, faults, deliveries."""

import heapq
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from sandbox.account import Account
from sandbox.clock import Clock
from sandbox.description import StripeObject
from sandbox.faults import FaultTable
from sandbox.settings import Settings
from sandbox.webhooks import Outbox

_REMEMBERED_REQUESTS = 1_000


@dataclass(order=True, frozen=True)
class Appointment:
    """Something that happens to an object when the clock reaches `due`."""

    due: int
    kind: str
    account_key: str
    object_id: str


@dataclass
class World:
    """One sandbox. Hold `lock` while reading or changing anything in it.

    public_url: where buyers reach it; names: merchants' names by secret key.
    """

    settings: Settings = field(default_factory=Settings)
    clock: Clock = field(default_factory=Clock)
    public_url: str = "http://127.0.0.1"
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.accounts: dict[str, Account] = {}
        self.agenda: list[Appointment] = []
        self.faults = FaultTable()
        self.outbox = Outbox(self.lock)
        self.requests: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED_REQUESTS)
        self.changes = 0

    def account(self, key: str) -> Account:
        """The account of secret key `key`, opened at its first use."""
        if key not in self.accounts:
            self.accounts[key] = Account(key, self, name=self.names.get(key))
        return self.accounts[key]

    def find(self, kind: str, object_id: str) -> tuple[Account, StripeObject] | None:
        """The object with this id and its account, whoever owns it."""
        for account in self.accounts.values():
            found = account.objects[kind].get(object_id)
            if found is not None:
                return account, found
        return None

    def schedule(self, due: int, kind: str, account: Account, object_id: str) -> None:
        """Have `timekeeper` do `kind` to the object at `due` (Unix seconds)."""
        heapq.heappush(self.agenda, Appointment(due, kind, account.key, object_id))

    def due_appointments(self) -> list[Appointment]:
        """Take the appointments whose time has come, earliest first."""
        now, due = self.clock.now(), []
        while self.agenda and self.agenda[0].due <= now:
            due.append(heapq.heappop(self.agenda))
        return due

    def touch(self) -> None:
        """Note that something changed, so that the state is saved again."""
        self.changes += 1

    def reset(self) -> None:
        """Forget every object, fault, request, delivery and set value.

        Merchants' names and webhook endpoints given by flags stay.
        """
        for account in self.accounts.values():
            account.clear()
        self.agenda.clear()
        self.faults.clear()
        self.requests.clear()
        self.outbox.reset()
        self.settings = Settings()
        self.clock.offset_s = 0
        self.touch()
