"""Passwords hashed in no time; production's parameters take a tenth of a second."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from services.accounts import passwords
from tests.support.factories import password_hash

PRODUCTION = passwords.hasher
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def cheap_hashing() -> Iterator[None]:
    """What every app of this process hashes with."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "hasher", CHEAP)
        yield


@pytest.fixture
def production_hashing(
    cheap_hashing: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Hash as in production, from here on; ask for it before there are people."""
    monkeypatch.setattr(passwords, "hasher", PRODUCTION)
    _forget()
    yield
    _forget()


def _forget() -> None:
    password_hash.cache_clear()
    passwords._hash_of_nobody.cache_clear()
