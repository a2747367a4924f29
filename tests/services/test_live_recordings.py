"""What was recorded of a session becomes its replay, with its pins as chapters."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from commands.worker.cli import load_handlers
from commands.worker.deadline import Stopper
from commands.worker.loop import work_until_empty
from core import clock
from core.database import db, forget_reads, transaction
from domain.live import Platform
from models.live import LiveRecording
from models.outbox import Job
from queries.live.replays import Replay, replay_of
from services.live.running import end_session, go_live, pin
from tests.support.factories import Goods, Person, Place, actor_of, make_goods
from tests.support.listener import Listener
from tests.support.studio import make_session, session_of

START = clock.now().replace(microsecond=0)
"""Passes are made at the moments of the tests and read by a server of real time: none
may have run out, however late in a long run the tests are reached."""

MINUTE = timedelta(minutes=1)
END = START + 60 * MINUTE


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here depends on the engine."""
    return sqlite_url


@pytest.fixture
def app(make_app: Callable[..., Flask], database_url: str, listener: Listener) -> Flask:
    return make_app(database_url, MEDIA_URL=listener.url)


def take(begins: timedelta, lasts: timedelta) -> dict[str, int]:
    started_at = START + begins
    return {
        "started_at_ms": int(started_at.timestamp() * 1000),
        "duration_ms": int(lasts.total_seconds() * 1000),
    }


def recorded(*takes: dict[str, int]) -> dict[str, Any]:
    length = sum(one["duration_ms"] for one in takes)
    return {"ready": True, "duration_ms": length, "takes": list(takes)}


def hold_a_session(
    place: Place, host: Person, *goods: Goods, where: Platform = Platform.ROOM
) -> int:
    """An hour that showed one thing after another, ten minutes each."""
    with clock.at(START - MINUTE), transaction():
        session_id = make_session(place, host, *goods, where=where).id
    with clock.at(START), transaction():
        go_live(actor_of(host), session_id)
    for number, shown in enumerate(goods, 1):
        with clock.at(START + 10 * number * MINUTE), transaction():
            pin(actor_of(host), session_id, shown.id)
    with clock.at(END), transaction():
        end_session(actor_of(host), session_id)
    return session_id


def work_at(moment: datetime) -> None:
    load_handlers()
    with clock.at(moment):
        work_until_empty(Stopper())


def job() -> Job:
    found = db.session.scalars(select(Job).where(Job.kind == "keep_recording")).one()
    db.session.expunge(found)
    forget_reads()
    return found


def replay(session_id: int) -> Replay | None:
    found = replay_of(session_of(session_id))
    forget_reads()
    return found


def test_a_recording_becomes_the_replay(
    place: Place, alice: Person, goods: Goods, listener: Listener
) -> None:
    with transaction():
        ginger = make_goods(place, alice, name="大姜")
    listener.recording = recorded(take(5 * MINUTE, 50 * MINUTE))
    session_id = hold_a_session(place, alice, goods, ginger)

    work_at(END + MINUTE)

    found = replay(session_id)
    slug = session_of(session_id).slug
    assert found is not None
    assert found.url == f"{listener.url}/rooms/{slug}/replay.mp4"
    assert found.clock == "50:00"
    assert [(one.product_id, one.at_s, one.clock) for one in found.chapters] == [
        (goods.id, 300, "5:00"),
        (ginger.id, 900, "15:00"),
    ]
    assert found.find_chapter(found.chapters[1].seq) == found.chapters[1]
    assert found.find_chapter(99) == found.chapters[1]
    assert found.find_chapter(1) is None
    assert job().done_at is not None


def test_takes_follow_one_another(
    place: Place, alice: Person, goods: Goods, listener: Listener
) -> None:
    with transaction():
        ginger = make_goods(place, alice, name="大姜")
    listener.recording = recorded(
        take(timedelta(), 12 * MINUTE), take(30 * MINUTE, 65 * MINUTE)
    )
    session_id = hold_a_session(place, alice, goods, ginger)
    work_at(END + MINUTE)

    found = replay(session_id)
    assert found is not None
    assert found.clock == "1:17:00"
    assert [one.clock for one in found.chapters] == ["10:00", "12:00"]


def test_the_worker_asks_until_it_is_ready(
    place: Place, alice: Person, goods: Goods, listener: Listener
) -> None:
    listener.recording = {"ready": False}
    session_id = hold_a_session(place, alice, goods)
    moment = END
    waits = []
    for _time in range(8):
        due = job().due_at
        waits.append((due - moment).total_seconds())
        moment = due
        work_at(moment)
    assert replay(session_id) is None
    listener.recording = recorded(take(timedelta(), MINUTE))
    work_at(job().due_at)

    assert waits[0] == 10
    assert waits == sorted(waits)
    assert waits[-1] > 30
    assert replay(session_id) is not None
    assert job().done_at is not None


@pytest.mark.parametrize("answer", ["nonsense", {"ready": False, "held": True}])
def test_a_media_server_that_cannot_yet_is_asked_for_days(
    place: Place, alice: Person, goods: Goods, listener: Listener, answer: object
) -> None:
    """It is away, or its disk has no room for the film of what was recorded."""
    listener.recording = recorded(take(timedelta(), MINUTE))
    session_id = hold_a_session(place, alice, goods)
    listener.recording = answer
    work_at(END + timedelta(days=3))

    assert (job().done_at, job().parked_at) == (None, None)
    assert job().due_at == END + timedelta(days=3, hours=1)
    listener.recording = recorded(take(timedelta(), MINUTE))
    work_at(job().due_at)
    assert replay(session_id) is not None


@pytest.mark.parametrize("answer", [None, {"ready": False}, recorded()])
def test_what_was_never_recorded_is_not_waited_for(
    place: Place, alice: Person, goods: Goods, listener: Listener, answer: object
) -> None:
    listener.recording = answer
    session_id = hold_a_session(place, alice, goods)
    work_at(END + timedelta(days=1))

    assert job().done_at is not None
    assert replay(session_id) is None


def test_a_recording_is_kept_once(
    place: Place, alice: Person, goods: Goods, listener: Listener
) -> None:
    listener.recording = recorded(take(timedelta(), MINUTE))
    session_id = hold_a_session(place, alice, goods)
    handler = load_handler()
    for answer in (listener.recording, "nobody asks again"):
        listener.recording = answer
        handler({"session_id": session_id})
        forget_reads()

    assert db.session.scalar(select(func.count()).select_from(LiveRecording)) == 1


def load_handler() -> Callable[[dict[str, Any]], None]:
    from services.jobs import HANDLERS

    load_handlers()
    return HANDLERS["keep_recording"]


def test_the_handler_may_meet_anything(listener: Listener) -> None:
    load_handler()({"session_id": 999})

    assert listener.posts == 0


def test_another_platform_records_for_itself(
    place: Place, alice: Person, goods: Goods, listener: Listener
) -> None:
    hold_a_session(place, alice, goods, where=Platform.DOUYIN)

    assert db.session.scalar(select(func.count()).select_from(Job)) == 0


def test_before_the_end_there_is_no_replay(
    place: Place, alice: Person, goods: Goods
) -> None:
    with transaction():
        session_id = make_session(place, alice, goods).id
        go_live(actor_of(alice), session_id)

    assert replay(session_id) is None
