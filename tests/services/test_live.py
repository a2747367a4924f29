from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core import clock
from core.clock import now, today
from core.database import db, transaction
from domain.live import (
    NotInLineUp,
    Platform,
    RoomLinkWrong,
    SessionMoved,
    SessionOver,
    StartsInThePast,
)
from domain.training import CertificateExpired, CertificateMissing, CertificateRevoked
from models.catalogue import Product
from models.history import StateChange
from models.live import LiveEvent, LiveSession
from models.training import Certificate
from queries.live import cards, rooms
from services.live import planning, running
from services.live.planning import (
    HostNotMember,
    NothingToSell,
    NotPlanned,
    SessionDraft,
)
from tests.support.factories import (
    Goods,
    Person,
    Place,
    actor_of,
    make_goods,
    make_person,
    make_worker,
)
from tests.support.studio import session_draft


@pytest.fixture
def draft(alice: Person, goods: Goods) -> SessionDraft:
    return session_draft(alice, goods, starts_at=now() + timedelta(hours=2))


def plan(place: Place, draft: SessionDraft) -> int:
    with transaction():
        return planning.plan_session(place.alliance_id, draft, by=draft.host_id).id


def act(session_id: int, verb: str, alice: Person, *arguments: object) -> None:
    with transaction():
        session = db.session.get_one(LiveSession, session_id)
        getattr(running if hasattr(running, verb) else planning, verb)(
            session, *arguments, by=alice.id
        )


def kinds(session_id: int) -> list[tuple[int, str]]:
    rows = db.session.execute(
        select(LiveEvent.seq, LiveEvent.kind)
        .where(LiveEvent.session_id == session_id)
        .order_by(LiveEvent.seq)
    )
    return [(seq, str(kind)) for seq, kind in rows]


def test_a_session_is_planned_once_per_request(
    place: Place, draft: SessionDraft
) -> None:
    first = plan(place, draft)

    assert plan(place, draft) == first


def test_of_two_equal_requests_at_once_one_plans_a_session(
    monkeypatch: pytest.MonkeyPatch, place: Place, draft: SessionDraft
) -> None:
    first = plan(place, draft)
    monkeypatch.setattr("services.live.planning.find_known", lambda *_asked: None)

    assert plan(place, draft) == first


def test_a_time_that_is_over_is_kept_and_never_chosen(
    place: Place, draft: SessionDraft, alice: Person
) -> None:
    session_id = plan(place, draft)
    with clock.at(draft.starts_at + timedelta(hours=1)):
        late = replace(draft, title="来晚了")
        act(session_id, "change_session", alice, late)
        past = replace(draft, starts_at=now() - timedelta(minutes=11))
        with pytest.raises(StartsInThePast):
            act(session_id, "change_session", alice, past)
        with pytest.raises(StartsInThePast):
            plan(place, replace(past, request_id="another-session"))
        this_moment = replace(draft, starts_at=now() - timedelta(minutes=1))
        act(session_id, "change_session", alice, this_moment)


def test_the_studio_lists_what_is_on_air_then_what_comes_then_what_was(
    place: Place, draft: SessionDraft, alice: Person
) -> None:
    hours = {"over": 1, "later": 48, "on air": 2, "next": 24, "older": 0}
    ids = {
        name: plan(
            place,
            replace(
                draft,
                request_id=f"session-of-{name}",
                starts_at=now() + timedelta(hours=start),
            ),
        )
        for name, start in hours.items()
    }
    for name in ("over", "older", "on air"):
        act(ids[name], "go_live", alice)
    for name in ("over", "older"):
        act(ids[name], "end", alice)

    listed = [row.id for row in cards.own_sessions(actor_of(alice), None, 1).items]
    order = ("on air", "next", "later", "over", "older")
    assert listed == [ids[name] for name in order]


def test_another_host_gets_another_key(
    place: Place, draft: SessionDraft, alice: Person
) -> None:
    session_id = plan(place, draft)
    with transaction():
        other = make_worker(place, "萧玉芬").id
    for host_id, key in ((alice.id, 1), (other, 2), (other, 2), (alice.id, 3)):
        act(session_id, "change_session", alice, replace(draft, host_id=host_id))
        session = db.session.get_one(LiveSession, session_id, populate_existing=True)
        assert (session.host_id, session.stream_key) == (host_id, key)

    assert [kind for _, kind in kinds(session_id)] == ["key", "key"]


def test_a_session_runs_from_plan_to_end_on_one_timeline(
    place: Place, draft: SessionDraft, alice: Person, goods: Goods
) -> None:
    session_id = plan(place, draft)

    act(session_id, "go_live", alice)
    act(session_id, "pin", alice, goods.id)
    act(session_id, "pin", alice, goods.id)
    act(session_id, "unpin", alice)
    act(session_id, "unpin", alice)
    act(session_id, "end", alice)

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
    place: Place, draft: SessionDraft, alice: Person, goods: Goods
) -> None:
    session_id = plan(place, draft)
    act(session_id, "go_live", alice)
    act(session_id, "pin", alice, goods.id)
    slug = db.session.get_one(LiveSession, session_id).slug

    room = rooms.get_room(slug)

    assert room.pinned is not None
    assert room.pinned.product_id == goods.id
    assert room.pinned.stock == 100
    assert room.view.pin_seq == 2


def test_a_host_without_a_certificate_is_told_what_is_missing(
    place: Place, draft: SessionDraft, alice: Person
) -> None:
    with transaction() as session:
        session.query(Certificate).delete()

    with pytest.raises(CertificateMissing):
        plan(place, draft)


def test_a_certificate_must_hold_on_the_day_of_the_session(
    place: Place, draft: SessionDraft, alice: Person
) -> None:
    with transaction() as session:
        session.query(Certificate).update({"valid_until": today()})

    with pytest.raises(CertificateExpired):
        plan(place, replace(draft, starts_at=now() + timedelta(days=1)))


def test_a_certificate_revoked_after_planning_stops_going_live(
    place: Place, draft: SessionDraft, alice: Person
) -> None:
    session_id = plan(place, draft)
    with transaction() as session:
        session.query(Certificate).update({"revoked_on": today()})

    with pytest.raises(CertificateRevoked):
        act(session_id, "go_live", alice)
    assert kinds(session_id) == []


def test_a_host_must_be_a_member_on_that_day(
    place: Place, draft: SessionDraft, bob: Person
) -> None:
    with pytest.raises(HostNotMember):
        plan(place, replace(draft, host_id=bob.id))


def test_another_alliances_product_cannot_be_sold(
    place: Place, draft: SessionDraft, other_place: Place, bob: Person
) -> None:
    with transaction():
        foreign = make_goods(other_place, bob)

    with pytest.raises(NothingToSell):
        plan(place, replace(draft, product_ids=(*draft.product_ids, foreign.id)))


def test_a_line_up_is_never_empty(place: Place, draft: SessionDraft) -> None:
    with pytest.raises(NothingToSell):
        plan(place, replace(draft, product_ids=()))


def test_a_link_to_another_site_is_refused(place: Place, draft: SessionDraft) -> None:
    link = "https://douyin.com.evil.example/live"

    with pytest.raises(RoomLinkWrong):
        plan(place, replace(draft, place=Platform.DOUYIN, room_url=link))


def test_only_a_planned_session_can_be_changed(
    place: Place, draft: SessionDraft, alice: Person
) -> None:
    session_id = plan(place, draft)
    with transaction():
        session = db.session.get_one(LiveSession, session_id)
        planning.change_session(session, replace(draft, title="改名"), by=alice.id)
    act(session_id, "go_live", alice)

    stale = db.session.get_one(LiveSession, session_id)
    with pytest.raises(NotPlanned), transaction():
        planning.change_session(stale, draft, by=alice.id)
    assert db.session.get_one(LiveSession, session_id).title == "改名"


def test_a_cancelled_session_cannot_go_live(
    place: Place, draft: SessionDraft, alice: Person
) -> None:
    session_id = plan(place, draft)
    with transaction():
        session = db.session.get_one(LiveSession, session_id)
        running.cancel(session, by=alice.id, reason="下雨")

    with pytest.raises(SessionMoved):
        act(session_id, "go_live", alice)


def test_nothing_is_pinned_after_the_end(
    place: Place, draft: SessionDraft, alice: Person, goods: Goods
) -> None:
    session_id = plan(place, draft)
    act(session_id, "go_live", alice)
    act(session_id, "end", alice)

    with pytest.raises(SessionOver):
        act(session_id, "pin", alice, goods.id)


def test_only_the_line_up_can_be_pinned(
    place: Place, draft: SessionDraft, alice: Person
) -> None:
    session_id = plan(place, draft)
    with transaction():
        other = make_goods(place, alice, name="大姜")

    with pytest.raises(NotInLineUp):
        act(session_id, "pin", alice, other.id)


def test_of_two_who_go_live_at_once_one_loses(
    place: Place, draft: SessionDraft, alice: Person
) -> None:
    session_id = plan(place, draft)
    stale = db.session.get_one(LiveSession, session_id)
    db.session.expunge(stale)
    act(session_id, "go_live", alice)

    with pytest.raises(SessionMoved), transaction():
        running.go_live(stale, by=alice.id)
    assert kinds(session_id) == [(1, "go_live")]


def test_a_withdrawn_product_stays_in_the_line_up_but_is_not_for_sale(
    place: Place, draft: SessionDraft, alice: Person, goods: Goods
) -> None:
    session_id = plan(place, draft)
    with transaction() as session:
        session.query(Product).update({"state": "withdrawn"})
    slug = db.session.get_one(LiveSession, session_id).slug

    [offer] = rooms.get_room(slug).offers

    assert not offer.is_listed
    assert offer.stock == 0


def test_the_timeline_cannot_be_rewritten(
    place: Place, draft: SessionDraft, alice: Person
) -> None:
    session_id = plan(place, draft)
    act(session_id, "go_live", alice)

    for statement in ("UPDATE live_event SET seq = 9", "DELETE FROM live_event"):
        with pytest.raises(DBAPIError), transaction() as session:
            session.execute(text(statement))


def test_a_member_who_left_is_no_host_any_more(
    place: Place, draft: SessionDraft, context: Flask
) -> None:
    with transaction():
        outsider = make_person("外人")

    with pytest.raises(HostNotMember), clock.at(now()):
        plan(place, replace(draft, host_id=outsider.id))
