"""0002 copies a guarded table on SQLite: its rows and guards must outlive that."""

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.database import db, transaction
from models.ledger_guards import missing_guards
from models.live import LiveSession
from services.live import running
from tests.support.factories import Goods, Person, Place, actor_of
from tests.support.studio import make_room

SPEAK = text(
    "INSERT INTO live_event (session_id, seq, kind, detail, at)"
    " SELECT id, 9, :kind, '{}', starts_at FROM live_session"
)


@pytest.fixture
def session_id(context: Flask, place: Place, alice: Person, goods: Goods) -> int:
    with transaction():
        session = make_room(place, alice, goods)
        running.pin(actor_of(alice), session.id, goods.id)
        return session.id


def kinds() -> list[str]:
    query = text("SELECT kind FROM live_event ORDER BY seq")
    found = [str(kind) for kind in db.session.scalars(query)]
    db.session.remove()
    return found


def test_timelines_and_their_guards_outlive_the_change(session_id: int) -> None:
    db.session.remove()
    downgrade(revision="0001")
    before = kinds()
    upgrade()

    assert before == kinds() == ["go_live", "pin"]
    with db.engine.connect() as connection:
        assert missing_guards(connection) == []
    with pytest.raises(DBAPIError, match="insert only"), transaction() as session:
        session.execute(text("DELETE FROM live_event"))


def test_the_new_kinds_are_admitted_and_others_are_not(session_id: int) -> None:
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(SPEAK, {"kind": "shout"})
    with transaction() as session:
        session.execute(SPEAK, {"kind": "hide"})

    assert kinds() == ["go_live", "pin", "hide"]


def test_a_timeline_with_new_kinds_is_not_taken_back(session_id: int) -> None:
    with transaction() as session:
        session.execute(SPEAK, {"kind": "mute"})

    with pytest.raises(IntegrityError):
        downgrade(revision="0001")
    assert kinds() == ["go_live", "pin", "mute"]


def test_the_release_before_still_writes_sessions(session_id: int) -> None:
    columns = [
        column.name
        for column in LiveSession.__table__.columns
        if column.name not in ("id", "stream_key", "slug", "request_id")
    ]
    names = ", ".join(columns)
    with transaction() as session:
        session.execute(
            text(
                f"INSERT INTO live_session ({names}, slug, request_id)"
                f" SELECT {names}, 'other', 'other' FROM live_session"
            )
        )
        keys = session.scalars(text("SELECT stream_key FROM live_session"))
        assert list(keys) == [1, 1]
