"""Sessions are planned and run by those who may, each on one timeline."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core import clock
from core.access import NOBODY, Actor, Grant
from core.clock import local_day, now, today
from core.database import db, transaction
from core.errors import Conflict, DomainError, NotFound
from domain.live import (
    NotInLineUp,
    NotTheHost,
    Platform,
    RoomLinkWrong,
    SessionMoved,
    SessionOver,
    StartsInThePast,
)
from domain.roles import Role, ScopeKind
from domain.training import CertificateExpired, CertificateMissing, CertificateRevoked
from models.alliances import AllianceMember
from models.catalogue import Product
from models.history import StateChange
from models.live import LiveEvent, LiveSession
from models.training import Certificate
from queries.live import cards, rooms
from services.live import chat
from services.live.planning import (
    HostNotMember,
    NothingToSell,
    NotPlanned,
    SessionDraft,
    change_session,
    plan_session,
)
from services.live.running import (
    cancel_session,
    end_session,
    go_live,
    pin,
    renew_key,
    unpin,
)
from tests.support.counter import in_threads
from tests.support.factories import (
    Goods,
    Person,
    Place,
    actor_of,
    make_goods,
    make_worker,
)
from tests.support.studio import make_room, session_draft, speak

Service = Callable[..., None]
Plan = Callable[[SessionDraft], int]
Act = Callable[..., None]


@pytest.fixture
def draft(alice: Person, goods: Goods) -> SessionDraft:
    return session_draft(alice, goods, starts_at=now() + timedelta(hours=2))


@pytest.fixture
def plan(place: Place, alice: Person) -> Plan:
    """Plan a session of `place` as Alice."""

    def plan(draft: SessionDraft) -> int:
        with transaction():
            return plan_session(actor_of(alice), place.alliance_id, draft)

    return plan


@pytest.fixture
def act(alice: Person) -> Act:
    """Have Alice do something with a session."""

    def act(service: Service, session_id: int, *given: object) -> None:
        with transaction():
            service(actor_of(alice), session_id, *given)

    return act


@pytest.fixture
def session_id(plan: Plan, draft: SessionDraft) -> int:
    """A session of Alice's, in two hours."""
    return plan(draft)


def kinds(session_id: int) -> list[tuple[int, str]]:
    rows = db.session.execute(
        select(LiveEvent.seq, LiveEvent.kind)
        .where(LiveEvent.session_id == session_id)
        .order_by(LiveEvent.seq)
    )
    return [(seq, str(kind)) for seq, kind in rows]


def test_a_session_is_planned_once_per_request(plan: Plan, draft: SessionDraft) -> None:
    first = plan(draft)

    assert plan(draft) == first


def test_of_two_equal_requests_at_once_one_plans_a_session(
    plan: Plan, draft: SessionDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = plan(draft)
    monkeypatch.setattr("services.live.planning.find_known", lambda *_asked: None)

    assert plan(draft) == first


def test_a_time_that_is_over_is_kept_and_never_chosen(
    plan: Plan, act: Act, session_id: int, draft: SessionDraft
) -> None:
    with clock.at(draft.starts_at + timedelta(hours=1)):
        late = replace(draft, title="来晚了")
        act(change_session, session_id, late)
        past = replace(draft, starts_at=now() - timedelta(minutes=11))
        with pytest.raises(StartsInThePast):
            act(change_session, session_id, past)
        with pytest.raises(StartsInThePast):
            plan(replace(past, request_id="another-session"))
        this_moment = replace(draft, starts_at=now() - timedelta(minutes=1))
        act(change_session, session_id, this_moment)


def test_the_studio_lists_what_is_on_air_then_what_comes_then_what_was(
    plan: Plan, act: Act, draft: SessionDraft, alice: Person
) -> None:
    hours = {"over": 1, "later": 48, "on air": 2, "next": 24, "older": 0}
    ids = {
        name: plan(
            replace(
                draft,
                request_id=f"session-of-{name}",
                starts_at=now() + timedelta(hours=start),
            ),
        )
        for name, start in hours.items()
    }
    for name in ("over", "older", "on air"):
        act(go_live, ids[name])
    for name in ("over", "older"):
        act(end_session, ids[name])

    listed = [row.id for row in cards.own_sessions(actor_of(alice), None, 1).items]
    order = ("on air", "next", "later", "over", "older")
    assert listed == [ids[name] for name in order]


def test_another_host_gets_another_key(
    act: Act, session_id: int, place: Place, draft: SessionDraft, alice: Person
) -> None:
    with transaction():
        other = make_worker(place, "萧玉芬").id
    for host_id, key in ((alice.id, 1), (other, 2), (other, 2), (alice.id, 3)):
        act(change_session, session_id, replace(draft, host_id=host_id))
        session = db.session.get_one(LiveSession, session_id, populate_existing=True)
        assert (session.host_id, session.stream_key) == (host_id, key)

    assert [kind for _, kind in kinds(session_id)] == ["key", "key"]


def test_a_session_runs_from_plan_to_end_on_one_timeline(
    act: Act, session_id: int, goods: Goods
) -> None:
    act(go_live, session_id)
    act(pin, session_id, goods.id)
    act(pin, session_id, goods.id)
    act(unpin, session_id)
    act(unpin, session_id)
    act(end_session, session_id)

    assert kinds(session_id) == [
        (1, "go_live"),
        (2, "pin"),
        (3, "unpin"),
        (4, "end"),
    ]
    moves = db.session.scalars(
        select(StateChange.to_state)
        .where(StateChange.record_kind == "live_session")
        .order_by(StateChange.id)
    )
    assert list(moves) == ["planned", "live", "ended"]


def test_the_room_shows_what_is_pinned_and_the_real_stock(
    act: Act, session_id: int, goods: Goods
) -> None:
    act(go_live, session_id)
    act(pin, session_id, goods.id)
    slug = db.session.get_one(LiveSession, session_id).slug

    room = rooms.get_room(NOBODY, slug)

    assert room.pinned is not None
    assert room.pinned.product_id == goods.id
    assert room.pinned.stock == 100
    assert room.view.pin_seq == 2


def test_a_host_is_a_member_on_that_day(
    plan: Plan, place: Place, draft: SessionDraft, bob: Person
) -> None:
    with transaction() as session:
        left = make_worker(place, "走了的人").id
        session.query(AllianceMember).filter_by(account_id=left).update(
            {"left_on": local_day(now() + timedelta(minutes=1))}
        )

    last_evening = now() + timedelta(minutes=1)
    for host_id, starts_at in (
        (bob.id, last_evening),
        (left, last_evening + timedelta(days=1)),
    ):
        with pytest.raises(HostNotMember):
            plan(replace(draft, host_id=host_id, starts_at=starts_at))
    assert plan(replace(draft, host_id=left, starts_at=last_evening))


def test_only_what_ones_own_alliance_has_on_sale_is_lined_up(
    plan: Plan, draft: SessionDraft, other_place: Place, bob: Person
) -> None:
    with transaction():
        foreign = make_goods(other_place, bob).id

    for product_ids in ((), (*draft.product_ids, foreign)):
        with pytest.raises(NothingToSell):
            plan(replace(draft, product_ids=product_ids))


def test_a_link_to_another_site_is_refused(plan: Plan, draft: SessionDraft) -> None:
    link = "https://douyin.com.evil.example/live"

    with pytest.raises(RoomLinkWrong):
        plan(replace(draft, place=Platform.DOUYIN, room_url=link))


def test_a_host_without_a_certificate_is_told_what_is_missing(
    plan: Plan, draft: SessionDraft
) -> None:
    with transaction() as session:
        session.query(Certificate).delete()

    with pytest.raises(CertificateMissing):
        plan(draft)


def test_a_certificate_must_hold_on_the_day_of_the_session(
    plan: Plan, draft: SessionDraft
) -> None:
    with transaction() as session:
        session.query(Certificate).update({"valid_until": today()})

    with pytest.raises(CertificateExpired):
        plan(replace(draft, starts_at=now() + timedelta(days=1)))


def test_a_certificate_revoked_after_planning_stops_going_live(
    act: Act, session_id: int
) -> None:
    with transaction() as session:
        session.query(Certificate).update({"revoked_on": today()})

    with pytest.raises(CertificateRevoked):
        act(go_live, session_id)
    assert kinds(session_id) == []


def test_only_a_planned_session_is_changed_or_called_off(
    act: Act, session_id: int, draft: SessionDraft
) -> None:
    act(change_session, session_id, replace(draft, title="改名"))
    act(go_live, session_id)

    with pytest.raises(NotPlanned):
        act(change_session, session_id, draft)
    with pytest.raises(SessionMoved):
        act(cancel_session, session_id, "下雨")
    assert db.session.get_one(LiveSession, session_id).title == "改名"


def test_a_cancelled_session_cannot_go_live(act: Act, session_id: int) -> None:
    act(cancel_session, session_id, "下雨")

    with pytest.raises(SessionMoved):
        act(go_live, session_id)


def test_nothing_is_pinned_after_the_end(
    act: Act, session_id: int, goods: Goods
) -> None:
    act(go_live, session_id)
    act(end_session, session_id)

    with pytest.raises(SessionOver):
        act(pin, session_id, goods.id)


def test_only_the_line_up_can_be_pinned(
    act: Act, session_id: int, place: Place, alice: Person
) -> None:
    with transaction():
        other = make_goods(place, alice, name="大姜")

    with pytest.raises(NotInLineUp):
        act(pin, session_id, other.id)


def test_a_withdrawn_product_stays_in_the_line_up_but_is_not_for_sale(
    session_id: int,
) -> None:
    with transaction() as session:
        session.query(Product).update({"state": "withdrawn"})
    slug = db.session.get_one(LiveSession, session_id).slug

    [offer] = rooms.get_room(NOBODY, slug).offers

    assert not offer.is_listed
    assert offer.stock == 0


def test_the_timeline_cannot_be_rewritten(act: Act, session_id: int) -> None:
    act(go_live, session_id)

    for statement in ("UPDATE live_event SET seq = 9", "DELETE FROM live_event"):
        with pytest.raises(DBAPIError), transaction() as session:
            session.execute(text(statement))


def test_of_two_who_go_live_at_once_one_loses(
    app: Flask, act: Act, session_id: int
) -> None:
    results = in_threads(app, *[partial(act, go_live, session_id)] * 2)

    assert {type(result) for result in results} == {type(None), SessionMoved}
    assert kinds(session_id) == [(1, "go_live")]


def test_what_happens_at_once_is_numbered_one_after_another(
    app: Flask, act: Act, session_id: int
) -> None:
    acts = [partial(act, renew_key, session_id)] * 8

    assert in_threads(app, *acts) == [None] * 8
    assert kinds(session_id) == [(seq, "key") for seq in range(1, 9)]
    assert db.session.get_one(LiveSession, session_id).stream_key == 9


SERVICES: Sequence[Service] = (
    go_live,
    end_session,
    cancel_session,
    change_session,
    pin,
    unpin,
    renew_key,
    chat.hide,
    chat.mute,
    chat.unmute,
)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.__name__)
def test_the_host_and_the_lead_run_a_session_and_nobody_else(
    place: Place,
    draft: SessionDraft,
    alice: Person,
    bob: Person,
    goods: Goods,
    service: Service,
) -> None:
    with transaction():
        room = make_room(place, alice, goods).id
        said = speak(room, alice, "开播啦")
    given = {
        cancel_session: ("下雨",),
        change_session: (draft,),
        pin: (goods.id,),
        chat.hide: (said.seq,),
        chat.mute: (said.author,),
        chat.unmute: (said.author,),
    }.get(service, ())

    def refusal(actor: Actor) -> type[DomainError] | None:
        """Who may may still come too early or too late: no matter here."""
        try:
            with transaction():
                service(actor, room, *given)
        except (NotTheHost, NotFound) as error:
            return type(error)
        except Conflict:
            return None
        return None

    alliance = (ScopeKind.ALLIANCE, place.alliance_id)
    member, lead = Grant(Role.MEMBER, *alliance), Grant(Role.LEAD, *alliance)
    abroad = actor_of(bob).grants
    assert refusal(NOBODY) is NotFound
    assert refusal(actor_of(bob)) is NotFound
    assert refusal(Actor(alice.id, grants=abroad)) is NotFound
    assert refusal(Actor(bob.id, grants=(*abroad, member))) is NotTheHost
    assert refusal(Actor(alice.id, grants=(member,))) is None
    assert refusal(Actor(bob.id, grants=(*abroad, lead))) is None


def test_a_session_is_planned_for_ones_own_alliance(
    place: Place, draft: SessionDraft, bob: Person
) -> None:
    for actor in (actor_of(bob), NOBODY):
        with pytest.raises(NotFound), transaction():
            plan_session(actor, place.alliance_id, draft)
