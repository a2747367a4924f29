"""Live rooms: a house with a media server, and a session that is on air in it."""

import pytest

from tests.e2e.live.house import LiveHouse
from tests.e2e.live.rooms import Arrange, Room, open_room, plan_soon
from tests.support.factories import Goods, Person, Place, make_goods


@pytest.fixture(scope="module")
def house_kind() -> type[LiveHouse]:
    """A house with a media server."""
    return LiveHouse


@pytest.fixture
def ginger(arrange: Arrange, place: Place, alice: Person, goods: Goods) -> Goods:
    """A second product beside the sweet potatoes."""
    with arrange():
        return make_goods(place, alice, name="苗山大姜", price_fen=3_290, stock=46)


@pytest.fixture
def room(
    arrange: Arrange, place: Place, member: Person, goods: Goods, ginger: Goods
) -> Room:
    """A running session that shows the sweet potatoes."""
    with arrange():
        return open_room(place, member, goods, ginger)


@pytest.fixture
def planned(arrange: Arrange, place: Place, member: Person, goods: Goods) -> Room:
    """A session that starts in half an hour."""
    with arrange():
        return plan_soon(place, member, goods)
