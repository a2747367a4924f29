"""`flask user`: accounts and roles, one clear line for every mistake."""

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask

from core.access import HOUSE, Grant
from core.database import transaction
from domain.roles import Role, ScopeKind
from models.accounts import Account
from queries.accounts import current_grants, find_session_actor
from services.accounts import passwords, sessions
from tests.support.opening import open_books
from tests.support.scopes import held

ALICE = "13900000001"
Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """Run `flask ...` in a district with an alliance, two co-ops and villages."""
    with app.app_context(), transaction():
        open_books()
    runner = app.test_cli_runner()
    return lambda *words, **options: runner.invoke(args=list(words), **options)


@pytest.fixture
def alice(app: Flask, run: Run) -> int:
    chosen = passwords.new_password(ALICE, "long enough")
    with app.app_context(), transaction():
        return passwords.register(ALICE, "张三", chosen).id


def grants(app: Flask, account_id: int) -> set[tuple[str, str]]:
    with app.app_context():
        held = current_grants(account_id)
    return {(grant.role, grant.scope_kind) for grant in held}


def test_nobody_gets_a_role_by_a_number_that_was_only_typed(
    app: Flask, run: Run, alice: int
) -> None:
    """Until it is proven, by a code or the operator's word: strangers are out."""
    words = ("user", "grant", ALICE, "lead", "alliance:miaoshan")
    with app.app_context(), transaction() as session:
        session.get_one(Account, alice).phone_proven_at = None
        strangers = sessions.open_session(alice)

    refused = run(*words)
    assert refused.exit_code == 1
    assert f"flask user prove {ALICE}" in refused.stderr
    assert grants(app, alice) == set()

    password = run("user", "prove", ALICE).output.strip().rpartition(" ")[2]
    assert run(*words).exit_code == 0
    with app.app_context():
        assert find_session_actor(strangers) is None
        assert passwords.check_password(ALICE, password) == alice


def test_a_new_account_can_log_in_with_the_password_shown(app: Flask, run: Run) -> None:
    done = run("user", "create", ALICE, "张三")

    password = done.output.strip().rpartition(" ")[2]
    assert done.exit_code == 0
    with app.app_context():
        assert passwords.check_password(ALICE, password)


def test_a_password_may_come_from_stdin(app: Flask, run: Run) -> None:
    done = run(
        "user", "create", ALICE, "张三", "--password-stdin", input="good secret\n"
    )

    assert "good secret" not in done.output
    with app.app_context():
        assert passwords.check_password(ALICE, "good secret")


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        (("1390000000", "张三"), None),
        (("²3900000001", "张三"), None),
        ((ALICE, "张三", "--password-stdin"), "short\n"),
        ((ALICE, "张三", "--password-stdin"), "12345678\n"),
        ((ALICE, "张三", "--password-stdin"), f"my{ALICE}\n"),
    ],
)
def test_what_cannot_be_an_account_is_refused(
    run: Run, words: tuple[str, ...], typed: str | None
) -> None:
    done = run("user", "create", *words, input=typed)

    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1


def test_a_phone_is_taken_once(run: Run, alice: int) -> None:
    done = run("user", "create", ALICE, "李四")

    assert done.exit_code == 1
    assert "already" in done.stderr


NAMES = {
    ScopeKind.ALLIANCE: "alliance:miaoshan",
    ScopeKind.COOPERATIVE: "cooperative:wucai",
    ScopeKind.VILLAGE: "village:miaoshan-1",
    ScopeKind.TOWN: "town:苗山镇",
    ScopeKind.DISTRICT: "district",
}


def test_every_role_is_given_and_taken_in_every_kind_of_scope(
    app: Flask, run: Run, alice: int
) -> None:
    for role, kind in held():
        scope = NAMES.get(kind, f"{kind}:first")
        given = [run("user", "grant", ALICE, role.value, scope) for _ in range(2)]
        if kind in NAMES:
            assert [done.exit_code for done in given] == [0, 0]
            assert grants(app, alice) == {(role, kind)}
            assert run("user", "revoke", ALICE, role.value, scope).exit_code == 0
        else:
            assert "none yet" in given[0].stderr, scope
        assert grants(app, alice) == set()


def test_the_help_names_every_role_and_kind_that_there_is(run: Run) -> None:
    told = run("user", "grant", "--help").output
    assert all(role in told for role in Role)
    assert all(scope.partition(":")[0] in told for scope in NAMES.values())


def test_taking_a_role_ends_every_session(app: Flask, run: Run, alice: int) -> None:
    with app.app_context(), transaction():
        sessions.grant_role(HOUSE, alice, Grant(Role.AUDITOR, ScopeKind.DISTRICT, 0))
        token = sessions.open_session(alice)

    run("user", "revoke", ALICE, "auditor", "district")

    with app.app_context():
        assert find_session_actor(token) is None
        assert Grant(Role.AUDITOR, ScopeKind.DISTRICT, 0) not in (current_grants(alice))


def test_a_disabled_account_lets_nobody_in(app: Flask, run: Run, alice: int) -> None:
    with app.app_context(), transaction():
        token = sessions.open_session(alice)

    assert run("user", "disable", ALICE).exit_code == 0
    with app.app_context():
        assert find_session_actor(token) is None
        with pytest.raises(passwords.WrongLogin):
            passwords.check_password(ALICE, "long enough")

    assert run("user", "enable", ALICE).exit_code == 0
    with app.app_context():
        assert find_session_actor(token) is None
        assert passwords.check_password(ALICE, "long enough") == alice


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("grant", "13900000009", "lead", "alliance:miaoshan"), "no account"),
        (("disable", "13900000009"), "no account"),
        (("enable", "13900000009"), "no account"),
        (("prove", "13900000009"), "no account"),
        (("grant", ALICE, "lead", "alliance:nowhere"), "miaoshan"),
        (("grant", ALICE, "lead", "cooperative:wucai"), "alliance"),
        (("grant", ALICE, "lead", "galaxy"), "alliance"),
        (("revoke", ALICE, "lead", "alliance:miaoshan"), "is not lead"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    run: Run, alice: int, words: tuple[str, ...], told: str
) -> None:
    done = run("user", *words)

    assert done.exit_code == 1
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_unknown_role_is_refused(run: Run, alice: int) -> None:
    assert run("user", "grant", ALICE, "king", "district").exit_code == 2
