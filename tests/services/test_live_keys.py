"""A session's stream keys: one more on request, and whenever its host loses a right."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from core.access import HOUSE, NOBODY, Actor, Grant
from core.database import db, transaction
from core.errors import NotFound
from domain.live import EventKind, NotTheHost, SessionMoved
from domain.roles import Role, ScopeKind
from models.accounts import Account
from models.live import LiveEvent
from queries.accounts import current_grants
from queries.live.rooms import get_own_room, get_room
from queries.live.runners import find_runner, runners_of
from services.accounts import passwords, sessions
from services.live import running
from tests.support.factories import (
    Goods,
    Person,
    Place,
    actor_of,
    make_person,
    make_worker,
)
from tests.support.studio import make_room, make_session, session_of

Dismiss = Callable[[Person, Place], None]


def leave_the_alliance(person: Person, place: Place) -> None:
    member = Grant(Role.MEMBER, ScopeKind.ALLIANCE, place.alliance_id)
    sessions.revoke_role(person.id, member)


def leads_no_more(person: Person, place: Place) -> None:
    lead = Grant(Role.LEAD, ScopeKind.ALLIANCE, place.alliance_id)
    sessions.revoke_role(person.id, lead)


def be_disabled(person: Person, _place: Place) -> None:
    sessions.disable_account(person.id)


def choose_a_password(person: Person, _place: Place) -> None:
    passwords.set_password(person.id, passwords.NewPassword("of their own"))


@pytest.fixture
def room(place: Place, alice: Person, goods: Goods) -> int:
    with transaction():
        return make_room(place, alice, goods).id


def make_member(place: Place, name: str) -> Person:
    """Who may host, and leads nobody."""
    member = make_worker(place, name)
    leads_no_more(member, place)
    return member


def may_run(person: Person, session_id: int) -> bool:
    """Whether the console opens to somebody with the rights they hold now."""
    actor = Actor(account_id=person.id, grants=current_grants(person.id))
    if db.session.get_one(Account, person.id).disabled_at is not None:
        return False
    try:
        get_own_room(actor, session_id)
    except (NotFound, NotTheHost):
        return False
    return True


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


@pytest.mark.parametrize(
    "dismiss", [leave_the_alliance, be_disabled, choose_a_password]
)
def test_who_loses_a_right_loses_the_keys_of_running_and_planned_sessions(
    place: Place, alice: Person, goods: Goods, room: int, dismiss: Dismiss
) -> None:
    with transaction():
        planned = make_session(place, alice, goods).id

    with transaction():
        dismiss(alice, place)

    assert [key_of(each) for each in (room, planned)] == [2, 2]
    assert keys_written(room) == keys_written(planned) == [(None, {"key": 2})]


@pytest.mark.parametrize("dismiss", [leave_the_alliance, leads_no_more, be_disabled])
def test_runners_are_those_who_may_open_the_console(
    place: Place, other_place: Place, goods: Goods, alice: Person, dismiss: Dismiss
) -> None:
    """Whoever runs a session finds a runner of their own in what media is told."""
    with transaction():
        host, colleague = make_member(place, "张小雨"), make_member(place, "陈小禾")
        lead, stranger = make_worker(place, "李小红"), make_worker(other_place)
        session_id = make_room(place, host, goods).id
    everyone = [alice, host, colleague, lead, stranger]

    for dismissed in [*everyone, None]:
        runners = runners_of(session_id)
        found = {one.name: find_runner(session_id, one.id) for one in everyone}
        assert set(filter(None, found.values())) <= set(runners)
        assert {name for name, runner in found.items() if runner} == {
            one.name for one in everyone if may_run(one, session_id)
        }
        if dismissed:
            with transaction():
                dismiss(dismissed, place)


def test_a_right_given_anew_is_another_runner(
    place: Place, goods: Goods, alice: Person
) -> None:
    lead = Grant(Role.LEAD, ScopeKind.ALLIANCE, place.alliance_id)
    with transaction():
        session_id = make_room(place, alice, goods).id
        other = make_person("李小红", lead)
    before = find_runner(session_id, other.id)

    with transaction():
        sessions.revoke_role(other.id, lead)
        sessions.grant_role(HOUSE, other.id, lead)

    assert before not in {*runners_of(session_id), ""}
    assert find_runner(session_id, other.id) in runners_of(session_id)


def test_who_has_a_new_password_is_another_runner(
    place: Place, goods: Goods, alice: Person
) -> None:
    """A thief who was in by the old one may hold passes to what a lead runs."""
    lead = Grant(Role.LEAD, ScopeKind.ALLIANCE, place.alliance_id)
    with transaction():
        session_id = make_room(place, alice, goods).id
        other = make_person("李小红", lead)
    before = find_runner(session_id, other.id)

    with transaction():
        choose_a_password(other, place)

    assert before not in {*runners_of(session_id), ""}


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
