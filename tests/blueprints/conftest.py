"""Sessions and people that several files here need."""

import pytest
from flask import Flask

from core.access import Grant
from domain.roles import Role, ScopeKind
from models.live import LiveSession
from tests.support.factories import Goods, Person, Place, make_person
from tests.support.people import writing
from tests.support.studio import detached, make_room, make_session


@pytest.fixture
def planned(app: Flask, place: Place, alice: Person, goods: Goods) -> LiveSession:
    """A session of Alice's in our own room, in an hour."""
    return detached(app, lambda: make_session(place, alice, goods))


@pytest.fixture
def room(app: Flask, place: Place, alice: Person, goods: Goods) -> LiveSession:
    """A session of Alice's that is on air."""
    return detached(app, lambda: make_room(place, alice, goods))


@pytest.fixture
def dora(app: Flask, place: Place) -> Person:
    """A member of Alice's alliance who neither hosts nor leads."""
    with writing(app):
        grant = Grant(Role.MEMBER, ScopeKind.ALLIANCE, place.alliance_id)
        return make_person("朵拉", grant)
