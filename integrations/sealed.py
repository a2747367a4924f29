"""Secrets at rest: encrypted with a key that only the settings hold."""

import base64
import hashlib

from cryptography.fernet import Fernet

from core.config import current_settings


def seal(secret: str) -> str:
    """`secret` as it may stand in the database."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """What `seal` was given. Raises InvalidToken under another SECRET_KEY."""
    return _box().decrypt(sealed.encode()).decode()


def _box() -> Fernet:
    material = b"tianbo sealed 1" + current_settings().secret_key.encode()
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(material).digest()))
