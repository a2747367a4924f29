"""A demo that is started again after a week is as lively as on its first day."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from commands.demo.on_air import RUNNING_TITLE, open_room
from core import clock
from core.clock import now
from core.database import db, transaction
from domain.live import SessionState
from models.accounts import Account
from models.catalogue import Product
from models.live import LiveSession
from queries.demo.logins import DEMO_PASSWORD
from queries.demo.sessions import SESSION_MARK, find_room_on_air
from services.accounts import passwords, sessions
from services.live import planning, running
from tests.support.factories import Goods, Person, Place, actor_of
from tests.support.studio import make_room, session_draft

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)
Run = Callable[..., Result]


@pytest.fixture
def opened(app: Flask, place: Place, alice: Person, goods: Goods) -> int:
    """The session that ran when the demo was loaded."""
    with app.app_context(), transaction():
        return open_room(place.alliance_id, alice.id, [goods.id]).session_id


def start_again(run: Run) -> None:
    result = run("demo", "load", "--if-empty")
    assert (result.exit_code, result.output) == (0, "")


def states(app: Flask) -> list[tuple[int, str]]:
    with app.app_context():
        rows = db.session.execute(
            select(LiveSession.id, LiveSession.state).order_by(LiveSession.id)
        )
        return [(key, str(state)) for key, state in rows]


def test_within_the_hour_the_same_session_goes_on(
    app: Flask, opened: int, run: Run
) -> None:
    with clock.at(now() + HOUR):
        start_again(run)

    assert states(app) == [(opened, "live")]


def test_a_session_that_somebody_tries_out_gets_no_film_and_takes_none_away(
    app: Flask, opened: int, run: Run, alice: Person, place: Place, goods: Goods
) -> None:
    with clock.at(now() + timedelta(minutes=5)), app.app_context(), transaction():
        theirs = make_room(place, alice, goods).slug
    with app.app_context():
        room = find_room_on_air()
        assert room
        assert room.slug == db.session.get_one(LiveSession, opened).slug != theirs
    with clock.at(now() + WEEK):
        start_again(run)
        with app.app_context():
            room = find_room_on_air()
            assert room
            assert room.slug != theirs


def test_after_a_week_a_new_session_is_on_air_and_the_old_one_ended_that_day(
    app: Flask, opened: int, run: Run, goods: Goods
) -> None:
    with clock.at(now() + WEEK):
        start_again(run)
        start_again(run)

        (_, first), (_, second) = states(app)
        assert (first, second) == ("ended", "live")
        with app.app_context():
            new = db.session.scalars(
                select(LiveSession).where(LiveSession.state == SessionState.LIVE)
            ).one()
            old = db.session.get_one(LiveSession, opened)
            assert new.title == RUNNING_TITLE
            assert now() - new.starts_at < HOUR
            assert old.ended_at
            assert old.ended_at - old.starts_at == timedelta(minutes=75)
            assert find_room_on_air()


def test_a_session_that_somebody_ended_is_followed_by_another(
    app: Flask, opened: int, run: Run, alice: Person
) -> None:
    with app.app_context(), transaction():
        running.end_session(actor_of(alice), opened)

    with clock.at(now() + timedelta(minutes=1)):
        start_again(run)

    assert [state for _, state in states(app)] == ["ended", "live"]


def test_a_plan_that_was_missed_is_put_off_at_its_hour(
    app: Flask, opened: int, run: Run, place: Place, alice: Person, goods: Goods
) -> None:
    starts_at = now() + HOUR
    mark = f"{SESSION_MARK}to-come"
    draft = session_draft(alice, goods, request_id=mark, starts_at=starts_at)
    with app.app_context(), transaction():
        planned = planning.plan_session(actor_of(alice), place.alliance_id, draft)

    with clock.at(now() + WEEK):
        start_again(run)
        with app.app_context():
            session = db.session.get_one(LiveSession, planned)
            assert session.starts_at == starts_at + WEEK


def test_what_no_rule_allows_any_more_stops_nothing(
    app: Flask, opened: int, run: Run, goods: Goods
) -> None:
    with app.app_context(), transaction():
        db.session.get_one(Product, goods.id).state = "withdrawn"

    with clock.at(now() + WEEK):
        result = run("demo", "load", "--if-empty")

    assert result.exit_code == 0
    assert "nothing_to_sell" in result.stderr
    assert states(app) == [(opened, "ended")]


def test_sessions_that_people_made_themselves_are_left_alone(
    app: Flask, run: Run, place: Place, alice: Person, goods: Goods
) -> None:
    with app.app_context(), transaction():
        own = make_room(place, alice, goods).id

    with clock.at(now() + WEEK):
        start_again(run)

    assert states(app) == [(own, "live")]


def test_a_demo_of_before_phones_were_proven_lets_its_people_in_again(
    make_app: Callable[..., Flask], database_url: str
) -> None:
    """Their roles would rest, or the shown password be gone; real people's stay so."""
    app = make_app(database_url, TIANBO_DEMO="1")
    phones = ("13800000002", "13800000003", "13900000099")
    hashes = ("as it was", sessions.NO_PASSWORD, sessions.NO_PASSWORD)
    with app.app_context(), transaction() as session:
        for phone, hashed in zip(phones, hashes, strict=True):
            session.add(Account(phone=phone, name="某人", password_hash=hashed))

    for _ in range(2):
        app.test_cli_runner().invoke(args=["demo", "load", "--if-empty"])
    with app.app_context():
        rows = db.session.scalars(select(Account).order_by(Account.phone)).all()
        assert [row.phone_proven_at is not None for row in rows] == [True, True, False]
        for phone in phones[:2]:
            assert passwords.check_password(phone, DEMO_PASSWORD)
