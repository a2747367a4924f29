"""One merchant account: everything that belongs to one secret key."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sandbox import description
from sandbox.description import StripeObject
from sandbox.errors import no_such
from sandbox.idempotency import IdempotencyKeys

if TYPE_CHECKING:
    from sandbox.world import World

_DEFAULT_NAME = "测试商户 Test merchant"


class Account:
    """Objects by kind and id in order of creation, plus what Stripe keeps hidden."""

    def __init__(self, key: str, world: World, *, name: str | None = None) -> None:
        """key: a secret key `sk_test_…`; the account's id is derived from it."""
        self.key = key
        self.id = "acct_" + hashlib.sha256(key.encode()).hexdigest()[:16]
        self.name = name or _DEFAULT_NAME
        self.world = world
        self.objects: dict[str, dict[str, StripeObject]] = defaultdict(dict)
        self.hidden: dict[str, dict[str, Any]] = defaultdict(dict)
        self.idempotency = IdempotencyKeys()
        self.flag_endpoints: set[str] = set()

    def now(self) -> int:
        """Unix seconds on the sandbox's clock."""
        return self.world.clock.now()

    def create(self, kind: str, prefix: str, **fields: Any) -> StripeObject:
        """Build a valid object of `kind`, set `fields`, store and return it."""
        built = description.skeleton(kind)
        known = description.schema_of(kind)["properties"]
        built |= {"id": new_id(prefix), "object": kind}
        if "created" in known:
            built["created"] = self.now()
        if "livemode" in known:
            built["livemode"] = False
        return self.store(kind, built | fields)

    def store(self, kind: str, built: StripeObject) -> StripeObject:
        """Keep `built` under its id and return it."""
        self.objects[kind][built["id"]] = built
        self.world.touch()
        return built

    def get(self, kind: str, object_id: str, *, param: str) -> StripeObject:
        """The object; StripeError 404 `resource_missing` naming `param`."""
        found = self.objects[kind].get(object_id)
        if found is None:
            raise no_such(kind, object_id, param=param)
        return found

    def find_any(self, object_id: str) -> StripeObject | None:
        """The object with this id, of whatever kind."""
        for objects in self.objects.values():
            if object_id in objects:
                return objects[object_id]
        return None

    def clear(self) -> None:
        """Forget all objects and keys except endpoints given by flags."""
        kept = {
            endpoint_id: endpoint
            for endpoint_id, endpoint in self.objects["webhook_endpoint"].items()
            if endpoint_id in self.flag_endpoints
        }
        secrets_kept = {endpoint_id: self.hidden[endpoint_id] for endpoint_id in kept}
        self.objects.clear()
        self.hidden.clear()
        self.idempotency = IdempotencyKeys()
        self.objects["webhook_endpoint"] = kept
        self.hidden.update(secrets_kept)


def new_id(prefix: str) -> str:
    """A fresh id such as `pi_3f…`."""
    return f"{prefix}_{secrets.token_hex(12)}"
