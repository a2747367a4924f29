"""0006 asks who has proven their phone; nobody else's password outlives the answer."""

from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from core.database import db, transaction
from models.accounts import Account
from queries.accounts import find_session_actor
from services.accounts import sessions
from services.accounts.sessions import NO_PASSWORD
from tests.support.factories import Person

WRITE = (
    "INSERT INTO one_time_code"
    " (phone, code_digest, created_at, expires_at, used_at, attempts) VALUES"
    " (:phone, 'digest', :at, :at, :used, 1)"
)
AHEAD = "2126-03-10 08:00:00.000000"
LONG_AGO = "2001-03-10 08:00:00.000000"


def write_code(person: Person, at: str, used: str | None) -> None:
    """A code of the release before, which knows no browsers."""
    with transaction() as session:
        session.execute(text(WRITE), {"phone": person.phone, "at": at, "used": used})


def test_who_used_a_code_of_their_account_has_proven_it(
    context: Flask, alice: Person, bob: Person, charlie: Person
) -> None:
    with transaction():
        tokens = {one.id: sessions.open_session(one.id) for one in (alice, bob)}
    db.session.remove()
    downgrade(revision="0005")
    write_code(alice, AHEAD, AHEAD)
    write_code(bob, AHEAD, None)
    write_code(charlie, LONG_AGO, LONG_AGO)
    upgrade()

    people = (alice, bob, charlie)
    accounts = [db.session.get_one(Account, person.id) for person in people]
    is_shut = [one.password_hash == NO_PASSWORD for one in accounts]
    assert [one.phone_proven_at is not None for one in accounts] == is_shut
    assert is_shut == [True, False, False]
    assert find_session_actor(tokens[alice.id]) is None
    others = find_session_actor(tokens[bob.id])
    assert others
    assert not others.grants


def test_the_release_before_still_writes_codes(context: Flask, charlie: Person) -> None:
    write_code(charlie, AHEAD, None)
