"""What the accounts of one sandbox share: clock, settings, appointments, deliveries."""

import dataclasses
import heapq
import threading
import time
from dataclasses import dataclass
from typing import Any

from sandbox.webhooks import DeliveryQueue


class Clock:
    """Unix seconds: real time and how far a test has pushed it ahead."""

    def __init__(self) -> None:
        self.offset_s = 0

    def now(self) -> int:
        """Unix seconds on the sandbox's clock."""
        return int(time.time()) + self.offset_s

    def advance(self, seconds: int) -> None:
        """Move `seconds` ahead; ValueError when negative."""
        if seconds < 0:
            raise ValueError("the clock only moves forward")
        self.offset_s += seconds


@dataclass
class Settings:
    """What a developer may set: amounts in smallest units, rates in basis points."""

    fee_rate_bp: int = 340
    fee_fixed: int = 235
    refund_delay_s: int = 5
    available_delay_s: int = 2 * 86_400
    payout_delay_s: int = 86_400

    def update(self, changes: dict[str, Any]) -> None:
        """Apply `changes`; ValueError on an unknown name or a bad value."""
        known = {field.name for field in dataclasses.fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"unknown setting {name}")
            if type(value) is not int or value < 0:
                raise ValueError(f"{name} must be a whole number, zero or more")
        for name, value in changes.items():
            setattr(self, name, value)


@dataclass(order=True, frozen=True)
class Appointment:
    """Something that happens to an object when the clock reaches `due`."""

    due: int
    kind: str
    account_key: str
    object_id: str


class Runtime:
    """Hold `lock` while reading or changing anything of the sandbox.

    public_url: where buyers reach it. changes: a count; the state is saved when it
    has grown.
    """

    def __init__(self) -> None:
        self.public_url = "http://127.0.0.1"
        self.lock = threading.RLock()
        self.clock = Clock()
        self.settings = Settings()
        self.agenda: list[Appointment] = []
        self.deliveries = DeliveryQueue(self.lock, on_accepted=self.touch)
        self.changes = 0

    def touch(self) -> None:
        """Note that something changed."""
        self.changes += 1

    def schedule(self, due: int, kind: str, account_key: str, object_id: str) -> None:
        """Have `timekeeper` do `kind` to the object at `due` (Unix seconds)."""
        heapq.heappush(self.agenda, Appointment(due, kind, account_key, object_id))

    def due_appointments(self) -> list[Appointment]:
        """Take the appointments whose time has come, earliest first."""
        now, due = self.clock.now(), []
        while self.agenda and self.agenda[0].due <= now:
            due.append(heapq.heappop(self.agenda))
        return due

    def reset(self) -> None:
        """Set all of it back, as at the start."""
        self.agenda.clear()
        self.deliveries.reset()
        self.settings = Settings()
        self.clock.offset_s = 0
        self.touch()
