"""Secrets are kept as digests: who reads the table can open nothing."""

import hashlib


def digest_of(token: str) -> str:
    """What is stored in place of a secret token: SHA-256, 64 hex digits."""
    return hashlib.sha256(token.encode()).hexdigest()
