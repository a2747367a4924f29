"""Tests here hold on SQLite and on PostgreSQL."""

import pytest


@pytest.fixture
def database_url(engine_url: str) -> str:
    """The database of `app`: each engine in turn."""
    return engine_url
