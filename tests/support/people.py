"""Alice, Bob and Charlie: who may, who may elsewhere, and who may not.

Fixtures write in an app context of their own, so they serve HTTP tests and service
tests alike.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core.database import transaction
from sandbox.server import SandboxServer
from services.accounts.sessions import open_session
from tests.support.counter import Counter
from tests.support.factories import (
    Goods,
    Person,
    Place,
    make_goods,
    make_person,
    make_place,
    make_worker,
)


@contextmanager
def writing(app: Flask) -> Iterator[Session]:
    """A transaction outside any request: for what a test arranges."""
    with app.app_context(), transaction() as session:
        yield session


def sign_in(client: FlaskClient, person: Person) -> FlaskClient:
    """Let `client` be the browser of `person`, just logged in."""
    with writing(client.application):
        token = open_session(person.id)
    with client.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True
    return client


@pytest.fixture
def place(app: Flask) -> Place:
    """Where Alice works."""
    with writing(app):
        return make_place("苗山")


@pytest.fixture
def other_place(app: Flask) -> Place:
    """Where Bob works."""
    with writing(app):
        return make_place("雪野")


@pytest.fixture
def alice(app: Flask, place: Place) -> Person:
    """May do everything in `place`."""
    with writing(app):
        return make_worker(place, "爱丽丝")


@pytest.fixture
def bob(app: Flask, other_place: Place) -> Person:
    """May do everything in `other_place`, and must not see `place`."""
    with writing(app):
        return make_worker(other_place, "鲍勃")


@pytest.fixture
def charlie(app: Flask) -> Person:
    """Has an account and no role."""
    with writing(app):
        return make_person("查理")


@pytest.fixture
def goods(app: Flask, place: Place, alice: Person) -> Goods:
    """A product of `place` in the shop: 100 boxes at ¥29.90."""
    with writing(app):
        return make_goods(place, alice)


@pytest.fixture
def browser_of(app: Flask) -> Callable[[Person], FlaskClient]:
    """A logged-in test client for a person."""
    return lambda person: sign_in(app.test_client(), person)


@pytest.fixture
def counter(stripe_sandbox: SandboxServer) -> Counter:
    """Sells, is paid through the sandbox, and does the worker's work."""
    return Counter(stripe_sandbox)
