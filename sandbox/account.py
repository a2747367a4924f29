"""One merchant account: everything that belongs to one secret key."""

import hashlib
import secrets
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sandbox import description
from sandbox.description import StripeObject
from sandbox.errors import no_such
from sandbox.idempotency import IdempotencyKeys
from sandbox.runtime import Runtime

_DEFAULT_NAME = "测试商户 Test merchant"


class Account:
    """Objects by kind and id in order of creation, plus what Stripe keeps hidden."""

    def __init__(self, key: str, runtime: Runtime, *, name: str | None = None) -> None:
        """key: a secret key `sk_test_…`; the account's id is derived from it."""
        self.key = key
        self.id = "acct_" + hashlib.sha256(key.encode()).hexdigest()[:16]
        self.name = name or _DEFAULT_NAME
        self.runtime = runtime
        self.objects: dict[str, dict[str, StripeObject]] = defaultdict(dict)
        self.hidden: dict[str, dict[str, Any]] = defaultdict(dict)
        self.idempotency = IdempotencyKeys()
        self.flag_endpoints: set[str] = set()

    def now(self) -> int:
        """Unix seconds on the sandbox's clock."""
        return self.runtime.clock.now()

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
        self.runtime.touch()
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

    def schedule(self, due: int, kind: str, object_id: str) -> None:
        """Have `timekeeper` do `kind` to our object at `due` (Unix seconds)."""
        self.runtime.schedule(due, kind, self.key, object_id)

    def deliver(self, event: StripeObject, endpoint_id: str) -> None:
        """Queue `event` for one of our endpoints, unless that is gone."""
        endpoint = self.objects["webhook_endpoint"].get(endpoint_id)
        if endpoint is not None:
            secret = self.hidden[endpoint_id]["secret"]
            self.runtime.deliveries.add(self.key, event, endpoint, secret)

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


@dataclass(frozen=True)
class Call:
    """One API request, authenticated and checked: what an operation works on.

    params: typed, `expand` left out; target: the id in the URL, if any.
    path: the request's path, such as `/v1/refunds`.
    """

    account: Account
    params: dict[str, Any]
    target: str
    path: str


def new_id(prefix: str) -> str:
    """A fresh id such as `pi_3f…`."""
    return f"{prefix}_{secrets.token_hex(12)}"
