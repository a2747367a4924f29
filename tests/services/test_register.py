"""Roles offered, taken up and ended, on both engines."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from core import clock
from core.access import HOUSE, Actor, Grant
from core.database import db, transaction
from core.errors import DomainError, NotFound, StateChanged
from domain.periods import Period
from domain.register import InvitationMoved, InvitationState
from domain.roles import Role, ScopeKind, givers_of
from models.accounts import Account, RoleGrant
from models.alliances import AllianceMember
from models.outbox import Job
from models.register import Invitation
from queries.accounts import current_grants, find_session_actor
from queries.register import roles_held
from services import register
from services.accounts import sessions
from tests.support.factories import Person, Place, actor_of, make_person, make_place

START = datetime(2026, 3, 10, 8, tzinfo=UTC)
A, C, T, D = (
    ScopeKind.ALLIANCE,
    ScopeKind.COOPERATIVE,
    ScopeKind.TOWN,
    ScopeKind.DISTRICT,
)


@pytest.fixture
def place() -> Place:
    with transaction():
        return make_place("苗山")


@pytest.fixture
def newcomer() -> Person:
    with transaction():
        return make_person("周晓雯")


def member_of(place: Place) -> Grant:
    return Grant(Role.MEMBER, A, place.alliance_id)


def holder(*grants: Grant) -> Actor:
    with transaction():
        return actor_of(make_person("任何人", *grants))


def lead_of(place: Place) -> Actor:
    return holder(Grant(Role.LEAD, A, place.alliance_id))


def invite(actor: Actor, person: Person, grant: Grant, **more: str) -> int:
    offered = Invitation(phone=person.phone, name=person.name, **vars(grant), **more)
    with transaction():
        return register.invite(actor, offered)


def act(step: Callable[[Actor, int], None], actor: Actor, invitation_id: int) -> None:
    with transaction():
        step(actor, invitation_id)


def state_of(invitation_id: int) -> str:
    db.session.rollback()
    found = select(Invitation.state).where(Invitation.id == invitation_id)
    return db.session.scalars(found).one()


@contextmanager
def refused(error: type[DomainError]) -> Iterator[None]:
    with pytest.raises(error), transaction():
        yield


def grant_id_of(account_id: int, grant: Grant) -> int:
    found = select(RoleGrant.id).filter_by(
        account_id=account_id, revoked_at=None, **vars(grant)
    )
    return db.session.scalars(found).one()


def test_who_is_invited_and_says_yes_holds_the_role(
    place: Place, newcomer: Person
) -> None:
    lead = lead_of(place)
    offered = invite(lead, newcomer, member_of(place))
    told = db.session.scalars(select(Job.payload)).one()
    assert told["to"] == newcomer.phone
    assert "苗山联盟联盟成员" in told["body"]
    assert current_grants(newcomer.id) == ()

    act(register.accept, actor_of(newcomer), offered)

    assert current_grants(newcomer.id) == (member_of(place),)
    stay = db.session.scalars(
        select(AllianceMember).filter_by(account_id=newcomer.id)
    ).one()
    assert (stay.alliance_id, stay.left_on) == (place.alliance_id, None)
    with refused(InvitationMoved):
        register.accept(actor_of(newcomer), offered)


def test_an_invitation_is_of_its_phone(place: Place, newcomer: Person) -> None:
    """Forwarded it is worth nothing, nor to who only typed the number."""
    offered = invite(lead_of(place), newcomer, member_of(place))
    stranger = holder()
    for answer in (register.accept, register.decline):
        with refused(NotFound):
            answer(stranger, offered)
    with transaction() as session:
        session.get_one(Account, newcomer.id).phone_proven_at = None

    with refused(NotFound):
        register.accept(actor_of(newcomer), offered)


@pytest.mark.parametrize("after", [timedelta(days=7), timedelta(days=300)])
def test_an_invitation_ends_after_a_week(
    place: Place, newcomer: Person, after: timedelta
) -> None:
    lead = lead_of(place)
    with clock.at(START):
        offered = invite(lead, newcomer, member_of(place))
    with clock.at(START + after):
        with refused(register.InvitationOver):
            register.accept(actor_of(newcomer), offered)
        invite(lead, newcomer, member_of(place))


def test_who_lost_the_right_to_give_gives_nothing(
    place: Place, newcomer: Person
) -> None:
    lead = lead_of(place)
    offered = invite(lead, newcomer, member_of(place))
    with transaction():
        sessions.revoke_role(lead.account_id or 0, lead.grants[0])

    with refused(register.InvitationOver):
        register.accept(actor_of(newcomer), offered)
    assert current_grants(newcomer.id) == ()


def test_the_same_is_offered_once(place: Place, newcomer: Person) -> None:
    lead = lead_of(place)
    first = invite(lead, newcomer, member_of(place), request_id="the-same-form")
    again = invite(lead, newcomer, member_of(place), request_id="the-same-form")
    assert first == again
    with pytest.raises(register.InvitedAlready):
        invite(lead, newcomer, member_of(place))

    act(register.withdraw, lead, first)
    assert state_of(first) == InvitationState.WITHDRAWN
    second = invite(lead, newcomer, member_of(place))
    act(register.accept, actor_of(newcomer), second)
    with pytest.raises(register.HeldAlready):
        invite(lead, newcomer, member_of(place))


def test_a_no_is_a_no(place: Place, newcomer: Person) -> None:
    offered = invite(lead_of(place), newcomer, member_of(place))
    act(register.decline, actor_of(newcomer), offered)

    assert state_of(offered) == InvitationState.DECLINED
    with refused(InvitationMoved):
        register.accept(actor_of(newcomer), offered)


def test_a_role_has_its_kind_of_place(place: Place, newcomer: Person) -> None:
    officer = holder(Grant(Role.DISTRICT_OFFICER, D, 0))
    with pytest.raises(register.WrongPlace):
        invite(officer, newcomer, Grant(Role.CHAIR, A, place.alliance_id))


def test_nobody_gives_what_stands_beside_or_above(newcomer: Person) -> None:
    """Every role, in every kind of place, asked of every role there and elsewhere."""
    with transaction():
        here, there = make_place("苗山"), make_place("雪野")

    def grants(place: Place) -> list[Grant]:
        ids = {A: place.alliance_id, C: place.cooperative_id, T: place.town_id, D: 0}
        ids[ScopeKind.VILLAGE] = place.village_id
        return [Grant(r, k, ids[k]) for r in Role for k in r.scopes if k in ids]

    theirs, wrong = grants(there), []
    for wanted in grants(here):
        kind = ScopeKind(wanted.scope_kind)
        for held in (*grants(here), *theirs):
            reaches = held.scope_kind in ((D,) if kind is D else (D, T, kind))
            elsewhere = held in theirs and held.scope_kind != D
            may = held.role in givers_of(Role(wanted.role), kind)
            if gives(newcomer, held, wanted) != (may and reaches and not elsewhere):
                wrong.append((held, wanted))
    assert not wrong


def gives(person: Person, held: Grant, wanted: Grant) -> bool:
    actor = Actor(person.id, grants=(held,))
    try:
        with transaction():
            register._check_giver(actor, Invitation(**vars(wanted)))
    except NotFound:
        return False
    return True


def test_what_holds_in_the_whole_district_needs_two_officers(newcomer: Person) -> None:
    officer = Grant(Role.DISTRICT_OFFICER, D, 0)
    first, other = holder(officer), holder(officer)
    offered = invite(first, newcomer, officer)
    assert db.session.scalars(select(Job)).all() == []
    with refused(InvitationMoved):
        register.accept(actor_of(newcomer), offered)
    with refused(register.OwnProposal):
        register.second(first, offered)

    act(register.second, other, offered)
    act(register.accept, actor_of(newcomer), offered)
    assert current_grants(newcomer.id) == (officer,)


def test_a_role_that_ends_takes_logins_and_membership(
    place: Place, newcomer: Person
) -> None:
    lead = lead_of(place)
    act(register.accept, actor_of(newcomer), invite(lead, newcomer, member_of(place)))
    with transaction():
        token = sessions.open_session(newcomer.id)
    held = grant_id_of(newcomer.id, member_of(place))
    with transaction():
        register.end_role(lead, held, "调走了")

    assert current_grants(newcomer.id) == ()
    assert find_session_actor(token) is None
    stay = db.session.scalars(
        select(AllianceMember).filter_by(account_id=newcomer.id)
    ).one()
    assert stay.left_on == clock.today()
    with refused(StateChanged):
        register.end_role(lead, held, "再来一次")


def test_the_last_who_holds_a_role_cannot_leave(place: Place) -> None:
    chair = Grant(Role.CHAIR, C, place.cooperative_id)
    first = holder(chair)
    own = grant_id_of(first.account_id or 0, chair)
    with refused(register.LastHolder):
        register.lay_down(first, own, "退休")
    holder(chair)

    with transaction():
        register.lay_down(first, own, "退休")
    assert current_grants(first.account_id or 0) == ()


def test_a_role_is_laid_down_by_its_holder_only(place: Place) -> None:
    chair = Grant(Role.CHAIR, C, place.cooperative_id)
    first, other = holder(chair), holder(chair)
    with refused(NotFound):
        register.lay_down(other, grant_id_of(first.account_id or 0, chair), "抢权")


def test_who_could_do_what_last_spring(place: Place, newcomer: Person) -> None:
    auditor = holder(Grant(Role.AUDITOR, T, place.town_id))
    grant = member_of(place)
    with clock.at(START), transaction():
        sessions.grant_role(HOUSE, newcomer.id, grant)
    with clock.at(START + timedelta(days=30)), transaction():
        sessions.revoke_role(newcomer.id, grant)

    def held_on(day: str | None) -> list[str]:
        one = datetime.fromisoformat(day).date() if day else None
        period = Period(one, one) if one else None
        return [
            row.person for row in roles_held(auditor, [Role.MEMBER], period, 1, 9).items
        ]

    days = ("2026-03-09", "2026-03-10", "2026-04-09", "2026-04-10", None)
    assert [held_on(day) for day in days] == [[], ["周晓雯"], ["周晓雯"], [], []]
