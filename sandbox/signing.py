"""Stripe's webhook signature (https://docs.stripe.com/webhooks#verify-manually)."""

import hashlib
import hmac


def signature(payload: bytes, secret: str, timestamp: int) -> str:
    """The `Stripe-Signature` header for `payload`, sent at Unix second `timestamp`."""
    signed = b"%d." % timestamp + payload
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"
