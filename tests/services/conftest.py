"""Tests here hold on both engines and run inside an app context."""

import pytest
from flask import Flask

from services.orders.drafts import PlacedOrder
from tests.support.counter import Counter
from tests.support.factories import Goods, Person


@pytest.fixture
def database_url(engine_url: str) -> str:
    return engine_url


@pytest.fixture(autouse=True)
def inside(context: Flask) -> Flask:
    return context


@pytest.fixture
def order(counter: Counter, charlie: Person, goods: Goods) -> PlacedOrder:
    """Two boxes, not yet paid: ¥59.80 and ¥8.00 freight."""
    return counter.place(charlie, goods, quantity=2)
