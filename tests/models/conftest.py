"""Tests here hold on both engines and run inside an app context."""

import pytest
from flask import Flask


@pytest.fixture
def database_url(engine_url: str) -> str:
    return engine_url


@pytest.fixture(autouse=True)
def inside(context: Flask) -> Flask:
    return context
