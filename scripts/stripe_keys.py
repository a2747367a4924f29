"""Test keys for the local Stripe, kept so that its accounts outlive a restart."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class StripeKeys:
    """What the shop and the sandbox must agree on."""

    api_key: str
    webhook_secret: str


def load_keys(path: Path) -> StripeKeys:
    """The keys kept at `path`, made there (readable by us alone) at first."""
    if path.exists():
        return StripeKeys(**json.loads(path.read_text()))
    keys = StripeKeys(
        api_key=f"sk_test_{secrets.token_hex(16)}",
        webhook_secret=f"whsec_{secrets.token_hex(16)}",
    )
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        json.dump(asdict(keys), file)
    return keys
