"""A session's stream keys: one more on request, and whenever its host loses a right."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from core.access import NOBODY, Grant
from core.database import db, transaction
from domain.live import EventKind, SessionMoved
from domain.roles import Role, ScopeKind
from models.live import LiveEvent
from queries.live.rooms import get_room
from services.accounts import sessions
from services.live import running
from tests.support.factories import Goods, Person, Place, actor_of, make_worker
from tests.support.studio import make_room, make_session, session_of

Dismiss = Callable[[Person, Place], None]


def leave_the_alliance(person: Person, place: Place) -> None:
    member = Grant(Role.MEMBER, ScopeKind.ALLIANCE, place.alliance_id)
    sessions.revoke_role(person.id, member)


def be_disabled(person: Person, _place: Place) -> None:
    sessions.disable_account(person.id)


@pytest.fixture
def room(place: Place, alice: Person, goods: Goods) -> int:
    with transaction():
        return make_room(place, alice, goods).id


def key_of(session_id: int) -> int:
    return session_of(session_id).stream_key


def keys_written(session_id: int) -> list[tuple[int | None, dict[str, int]]]:
    events = (
        select(LiveEvent.account_id, LiveEvent.detail)
        .where(LiveEvent.session_id == session_id, LiveEvent.kind == EventKind.KEY)
        .order_by(LiveEvent.seq)
    )
    return [(row.account_id, row.detail) for row in db.session.execute(events)]


def test_a_new_key_is_one_more(room: int, alice: Person) -> None:
    for _time in range(2):
        with transaction():
            running.renew_key(actor_of(alice), room)

    assert get_room(NOBODY, session_of(room).slug).session.stream_key == 3
    assert keys_written(room) == [(alice.id, {"key": 2}), (alice.id, {"key": 3})]


def test_a_session_that_is_over_needs_no_key(room: int, alice: Person) -> None:
    with transaction():
        running.end_session(actor_of(alice), room)

    with pytest.raises(SessionMoved), transaction():
        running.renew_key(actor_of(alice), room)


@pytest.mark.parametrize("dismiss", [leave_the_alliance, be_disabled])
def test_who_loses_a_right_loses_the_keys_of_running_and_planned_sessions(
    place: Place, alice: Person, goods: Goods, room: int, dismiss: Dismiss
) -> None:
    with transaction():
        planned = make_session(place, alice, goods).id

    with transaction():
        dismiss(alice, place)

    assert [key_of(each) for each in (room, planned)] == [2, 2]
    assert keys_written(room) == keys_written(planned) == [(None, {"key": 2})]


def test_what_is_over_and_what_others_host_keeps_its_key(
    place: Place, alice: Person, goods: Goods, room: int
) -> None:
    with transaction():
        colleague = make_worker(place, "李小红")
        others = make_room(place, colleague, goods).id
        called_off = make_session(place, alice, goods).id
        running.cancel_session(actor_of(alice), called_off, "下雨")
        running.end_session(actor_of(alice), room)

    with transaction():
        be_disabled(alice, place)

    assert [key_of(each) for each in (room, called_off, others)] == [1, 1, 1]
