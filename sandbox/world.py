"""Everything the sandbox holds: accounts, faults, and what its accounts share."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from sandbox.account import Account
from sandbox.description import StripeObject
from sandbox.faults import FaultTable
from sandbox.runtime import Runtime

_REMEMBERED_REQUESTS = 1_000


class World(Runtime):
    """One sandbox; names: merchants' names by secret key."""

    def __init__(self, names: Mapping[str, str] = {}) -> None:
        super().__init__()
        self.names = dict(names)
        self.accounts: dict[str, Account] = {}
        self.faults = FaultTable()
        self.requests: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED_REQUESTS)

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

    def reset(self) -> None:
        """Forget every object, fault, request, delivery and set value.

        Merchants' names and webhook endpoints given by flags stay.
        """
        super().reset()
        for account in self.accounts.values():
            account.clear()
        self.faults.clear()
        self.requests.clear()
