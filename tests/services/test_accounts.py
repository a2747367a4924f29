"""Accounts: passwords, one-time codes, sessions and roles, on both engines."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import TypeVar

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import func, select, update

from core import clock
from core.access import HOUSE, Grant
from core.database import db, transaction
from domain.passwords import WeakPassword
from domain.roles import Role, ScopeKind
from models.accounts import Account, AccountSession, OneTimeCode
from models.outbox import Job
from queries.accounts import current_grants, find_session_actor
from services.accounts import codes, passwords, sessions
from tests.support.factories import PASSWORD, Person, make_person

START = datetime(2026, 3, 10, 8, tzinfo=UTC)
UNKNOWN = "15900000009"
BROWSER, STRANGERS = "the browser that asked", "another browser"
MEMBER = (Role.MEMBER, ScopeKind.ALLIANCE, 1)
CHOSEN = passwords.NewPassword("-")
Result = TypeVar("Result")


@pytest.fixture
def person() -> Person:
    with transaction():
        return make_person("王小明")


def at_once(app: Flask, count: int, act: Callable[[], Result]) -> list[Result]:
    """What `count` threads get that all do `act` in a transaction at the same time."""
    barrier = Barrier(count)

    def run(_number: int) -> Result:
        with app.app_context():
            barrier.wait()
            with transaction():
                return act()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def stored_hash(person: Person) -> str:
    db.session.rollback()
    found = select(Account.password_hash).where(Account.id == person.id)
    return db.session.scalars(found).one()


@pytest.mark.usefixtures("production_hashing")
def test_a_password_is_kept_as_argon2id(person: Person) -> None:
    assert stored_hash(person).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.hash_password(PASSWORD) != stored_hash(person)


def test_phone_and_password_open_the_account(person: Person) -> None:
    assert passwords.check_password(person.phone, PASSWORD) == person.id


def test_another_password_does_not(person: Person) -> None:
    with pytest.raises(passwords.WrongLogin):
        passwords.check_password(person.phone, PASSWORD.upper())


def test_a_hash_that_nobody_can_read_lets_nobody_in(person: Person) -> None:
    with transaction() as session:
        session.execute(update(Account).values(password_hash="-"))

    with pytest.raises(passwords.WrongLogin):
        passwords.check_password(person.phone, "-")


def test_a_phone_has_one_account() -> None:
    with transaction():
        passwords.register(UNKNOWN, "王", CHOSEN)

    with pytest.raises(passwords.PhoneTaken), transaction():
        passwords.register(UNKNOWN, "李", CHOSEN)


def test_of_many_who_register_a_phone_at_once_one_gets_it(app: Flask) -> None:
    def register() -> bool:
        try:
            passwords.register(UNKNOWN, "王", CHOSEN)
        except passwords.PhoneTaken:
            db.session.rollback()
            return False
        return True

    assert sum(at_once(app, 3, register)) == 1


@pytest.mark.parametrize("password", ["short", "12345678", UNKNOWN])
def test_a_weak_password_opens_no_account(password: str) -> None:
    with pytest.raises(WeakPassword):
        passwords.new_password(UNKNOWN, password)


def test_a_changed_password_ends_every_session(person: Person) -> None:
    with transaction():
        tokens = [sessions.open_session(person.id) for _ in range(3)]
    chosen = passwords.new_password(person.phone, "another secret")
    with transaction():
        passwords.set_password(person.id, chosen)

    assert [find_session_actor(token) for token in tokens] == [None] * 3
    assert passwords.check_password(person.phone, "another secret") == person.id
    with pytest.raises(passwords.WrongLogin):
        passwords.check_password(person.phone, PASSWORD)


def test_a_renewed_hash_replaces_only_the_one_it_was_made_of(person: Person) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1)
    with transaction() as session:
        session.execute(update(Account).values(password_hash=old.hash(PASSWORD)))
    renewal = passwords.renewed(person.id, PASSWORD)
    assert renewal is not None

    with transaction():
        passwords.set_password(person.id, passwords.NewPassword("changed"))
        passwords.keep_renewal(renewal)
    assert stored_hash(person) == "changed"
    with transaction() as session:
        session.execute(update(Account).values(password_hash=renewal.replaces))
        passwords.keep_renewal(renewal)
    assert passwords.renewed(person.id, PASSWORD) is None
    assert passwords.check_password(person.phone, PASSWORD) == person.id


def send(
    phone: str, browser: str = BROWSER, purpose: codes.Purpose = codes.Purpose.LOGIN
) -> str:
    """Send a code to `phone`; returns it."""
    with transaction():
        codes.send_code(phone, browser, purpose)
    body = str(messages()[-1].payload["body"])
    return str(re.findall(r"\d{6}", body)[0])


def messages() -> list[Job]:
    db.session.rollback()
    return list(db.session.scalars(select(Job).order_by(Job.id)))


def use(phone: str, code: str, browser: str = BROWSER) -> int | None:
    with transaction():
        return codes.find_proven_account(phone, code, browser)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_opens_the_account_once(person: Person) -> None:
    code = send(person.phone)

    assert messages()[0].payload["to"] == person.phone
    assert use(person.phone, code) == person.id
    assert use(person.phone, code) is None


def test_a_code_is_kept_as_a_digest_only(person: Person) -> None:
    code = send(person.phone)

    row = db.session.scalars(select(OneTimeCode)).one()
    assert code not in row.code_digest
    assert len(row.code_digest) == 64


def test_a_code_is_of_its_phone(person: Person) -> None:
    with transaction():
        other = make_person("李")
    code = send(person.phone)
    send(other.phone)

    assert use(other.phone, code) is None


def test_a_stranger_neither_uses_nor_spoils_a_code(person: Person) -> None:
    code = send(person.phone)
    for _ in range(codes.CODE_ATTEMPTS):
        assert use(person.phone, code, STRANGERS) is None
    theirs = send(person.phone, STRANGERS)
    for _ in range(codes.CODE_ATTEMPTS):
        use(person.phone, wrong(theirs), STRANGERS)

    assert use(person.phone, code) == person.id


def test_a_code_is_of_what_it_was_asked_for(person: Person) -> None:
    code = send(person.phone, purpose=codes.Purpose.REGISTER)

    assert use(person.phone, code) is None


def unproven(person: Person) -> None:
    is_person = Account.id == person.id
    with transaction() as session:
        session.execute(update(Account).where(is_person).values(phone_proven_at=None))


def test_nobody_gets_a_right_by_a_number_that_was_only_typed(person: Person) -> None:
    unproven(person)
    with pytest.raises(sessions.PhoneUnproven), transaction():
        sessions.grant_role(HOUSE, person.id, Grant(*MEMBER))

    assert current_grants(person.id) == ()


def test_a_right_rests_until_the_phone_is_proven(person: Person) -> None:
    with transaction():
        sessions.grant_role(HOUSE, person.id, Grant(*MEMBER))
        token = sessions.open_session(person.id)
    unproven(person)

    actor = find_session_actor(token)
    assert actor
    assert not actor.grants


def test_the_first_code_throws_out_who_opened_the_account(person: Person) -> None:
    """The stranger knows the password; the second code ends nothing any more."""
    unproven(person)
    with transaction():
        strangers = sessions.open_session(person.id)
    use(person.phone, send(person.phone))

    assert find_session_actor(strangers) is None
    with pytest.raises(passwords.WrongLogin):
        passwords.check_password(person.phone, PASSWORD)
    with transaction():
        passwords.set_password(person.id, passwords.new_password(UNKNOWN, PASSWORD))
        own = sessions.open_session(person.id)
    use(person.phone, send(person.phone))
    assert find_session_actor(own)
    assert passwords.check_password(person.phone, PASSWORD) == person.id


def test_a_code_lasts_five_minutes(person: Person) -> None:
    with clock.at(START):
        code = send(person.phone)
    with clock.at(START + codes.CODE_LENGTH):
        assert use(person.phone, code) is None
    with clock.at(START + codes.CODE_LENGTH - timedelta(seconds=1)):
        assert use(person.phone, code) == person.id


def test_a_code_bears_five_tries(person: Person) -> None:
    code = send(person.phone)

    for _ in range(codes.CODE_ATTEMPTS):
        assert use(person.phone, wrong(code)) is None
    assert use(person.phone, code) is None


def test_the_fifth_try_may_be_the_right_one(person: Person) -> None:
    code = send(person.phone)

    for _ in range(codes.CODE_ATTEMPTS - 1):
        use(person.phone, wrong(code))
    assert use(person.phone, code) == person.id


def test_a_newer_code_makes_the_older_worthless(person: Person) -> None:
    older, newer = send(person.phone), send(person.phone)

    if older != newer:
        assert use(person.phone, older) is None
    assert use(person.phone, newer) == person.id
    assert use(person.phone, older) is None


def test_of_many_who_use_a_code_at_once_one_gets_in(app: Flask, person: Person) -> None:
    code = send(person.phone)
    results = at_once(
        app, 6, lambda: codes.find_proven_account(person.phone, code, BROWSER)
    )

    assert [result for result in results if result] == [person.id]


def test_tries_at_once_are_all_counted(app: Flask, person: Person) -> None:
    code = send(person.phone)
    at_once(
        app, 8, lambda: codes.find_proven_account(person.phone, wrong(code), BROWSER)
    )

    db.session.rollback()
    attempts = db.session.scalars(select(OneTimeCode.attempts)).one()
    assert attempts == codes.CODE_ATTEMPTS
    assert use(person.phone, code) is None


@pytest.mark.parametrize("code", ["", "0", "1234567", "³³³³³³", "x" * 500])
def test_what_is_no_code_opens_nothing(person: Person, code: str) -> None:
    send(person.phone)

    assert use(person.phone, code) is None


def test_an_unknown_phone_costs_a_code_and_no_message() -> None:
    with transaction():
        codes.send_code(UNKNOWN, BROWSER)

    assert db.session.scalar(select(func.count(OneTimeCode.id))) == 1
    assert messages() == []
    assert use(UNKNOWN, "000000") is None


def test_a_disabled_account_is_closed_to_password_code_and_session(
    person: Person,
) -> None:
    code = send(person.phone)
    with transaction():
        token = sessions.open_session(person.id)
    with transaction():
        sessions.disable_account(person.id)

    assert find_session_actor(token) is None
    assert use(person.phone, code) is None
    with pytest.raises(passwords.WrongLogin):
        passwords.check_password(person.phone, PASSWORD)
    with transaction():
        codes.send_code(person.phone, BROWSER)
    assert len(messages()) == 1


def test_an_enabled_account_logs_in_anew(person: Person) -> None:
    with transaction():
        token = sessions.open_session(person.id)
        sessions.disable_account(person.id)
    with transaction():
        sessions.enable_account(person.id)

    assert find_session_actor(token) is None
    assert passwords.check_password(person.phone, PASSWORD) == person.id


def test_a_session_is_its_person(person: Person) -> None:
    with clock.at(START), transaction():
        token = sessions.open_session(person.id)
        sessions.grant_role(HOUSE, person.id, Grant(*MEMBER))

    with clock.at(START + timedelta(minutes=29)):
        actor = find_session_actor(token)
        assert actor is not None
        assert (actor.account_id, actor.name, actor.phone) == (
            person.id,
            person.name,
            person.phone,
        )
        assert actor.grants == (Grant(*MEMBER),)
        assert actor.is_fresh
    with clock.at(START + timedelta(minutes=30)):
        assert not actor.is_fresh


def test_a_session_lasts_thirty_days(person: Person) -> None:
    with clock.at(START), transaction():
        token = sessions.open_session(person.id)

    with clock.at(START + sessions.SESSION_LENGTH - timedelta(seconds=1)):
        assert find_session_actor(token)
    with clock.at(START + sessions.SESSION_LENGTH):
        assert find_session_actor(token) is None


def test_a_sessions_token_is_kept_as_a_digest_only(person: Person) -> None:
    with transaction():
        token = sessions.open_session(person.id)

    digest = db.session.scalars(select(AccountSession.token_digest)).one()
    assert token not in digest
    assert find_session_actor(digest) is None


def test_one_browser_is_logged_out_and_the_other_stays(person: Person) -> None:
    with transaction():
        here, there = (sessions.open_session(person.id) for _ in range(2))
    with transaction():
        sessions.end_session(here)

    assert find_session_actor(here) is None
    assert find_session_actor(there)


@pytest.mark.parametrize("token", ["", "x", "\x00", "x" * 10_000, "蜜薯"])
def test_no_other_token_is_a_session(person: Person, token: str) -> None:
    assert find_session_actor(token) is None


def test_who_loses_a_role_is_logged_out(person: Person) -> None:
    with transaction():
        sessions.grant_role(HOUSE, person.id, Grant(*MEMBER))
        token = sessions.open_session(person.id)
    with transaction():
        sessions.revoke_role(person.id, Grant(*MEMBER))

    assert find_session_actor(token) is None
    assert current_grants(person.id) == ()


def test_a_role_is_held_once_and_can_come_back(person: Person) -> None:
    for _ in range(2):
        with transaction():
            sessions.grant_role(HOUSE, person.id, Grant(*MEMBER))
            sessions.grant_role(HOUSE, person.id, Grant(*MEMBER))
        assert current_grants(person.id) == (Grant(*MEMBER),)
        with transaction():
            sessions.revoke_role(person.id, Grant(*MEMBER))
    assert current_grants(person.id) == ()


@contextmanager
def days_after(days: float) -> Iterator[None]:
    with clock.at(START + timedelta(days=days)), transaction():
        yield


def test_what_ended_a_week_ago_is_forgotten(person: Person) -> None:
    with days_after(0):
        ended = sessions.open_session(person.id)
        sessions.open_session(person.id)
        codes.send_code(person.phone, BROWSER)
    with days_after(1):
        sessions.end_session(ended)
    left = []
    for days in (6, 7.5, 8.5, 36, 38):
        with days_after(days):
            sessions.forget_ended_sessions()
        counts = [
            db.session.scalar(select(func.count(table.id)))
            for table in (AccountSession, OneTimeCode)
        ]
        left.append(counts)

    assert left == [[2, 1], [2, 0], [1, 0], [1, 0], [0, 0]]
