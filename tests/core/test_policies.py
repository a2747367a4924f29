"""Every endpoint names who may call it, and nobody else gets in."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.access import (
    Actor,
    Grant,
    allow,
    check_every_endpoint,
    policy_of,
    public,
    signed_in,
)
from domain.roles import Role, ScopeKind
from tests.support.doors import Door, doors
from tests.support.people import sign_in
from tests.support.policies import GOLDEN, PLACES, table


def test_the_table_of_policies_is_as_reviewed(still_app: Flask) -> None:
    found, reviewed = table(still_app).splitlines(), GOLDEN.read_text().splitlines()

    gone = [line for line in reviewed if line not in found]
    new = [line for line in found if line not in reviewed]
    assert not gone + new, "\n".join(
        [
            "Review the change, then: python -m tests.support.policies",
            *(f"- {line}" for line in gone),
            *(f"+ {line}" for line in new),
        ]
    )


def test_an_app_with_an_endpoint_without_a_policy_does_not_start(
    own_app: Flask,
) -> None:
    own_app.add_url_rule("/bare", "bare", lambda: "in")
    own_app.add_url_rule("/bare/too", "bare_too", lambda: "in")

    with pytest.raises(RuntimeError, match="without a policy: bare, bare_too"):
        check_every_endpoint(own_app)


@pytest.mark.parametrize("decorate", [public, signed_in, allow(Role.MEMBER)])
def test_any_policy_will_do_to_start(own_app: Flask, decorate: object) -> None:
    assert callable(decorate)
    own_app.add_url_rule("/new", "new", decorate(lambda: "in"))

    check_every_endpoint(own_app)


def test_a_view_without_a_policy_is_refused_to_all(own_app: Flask) -> None:
    """It was added after the start: nothing has checked it."""
    own_app.add_url_rule("/bare", "bare", lambda: "in")

    assert own_app.test_client().get("/bare").status_code == 403


def closed_doors(app: Flask) -> list[Door]:
    views = app.view_functions
    return [
        door
        for door in doors(app, PLACES)
        if (policy := policy_of(views[door.endpoint])) and policy.needs_login
    ]


def test_who_is_not_logged_in_is_sent_to_the_login_page(still_app: Flask) -> None:
    client = still_app.test_client()
    for door in closed_doors(still_app):
        answer = client.open(door.path, method=door.method)

        place = urlsplit(answer.headers.get("Location", ""))
        assert (answer.status_code, place.path) == (303, "/account/login"), door
        back = parse_qs(place.query)["next"][0]
        assert back == (door.path if door.method == "GET" else "/"), door


def test_a_program_that_is_not_logged_in_is_told_so(still_app: Flask) -> None:
    client = still_app.test_client()
    for door in closed_doors(still_app):
        answer = client.open(
            door.path, method=door.method, headers={"Accept": "application/json"}
        )

        assert answer.status_code == 401, door
        assert answer.get_json()["error"] == "login_needed"


def test_an_account_without_the_role_is_refused(app: Flask, charlie: object) -> None:
    client: FlaskClient = sign_in(app.test_client(), charlie)  # type: ignore[arg-type]
    refused = [
        door
        for door in closed_doors(app)
        if (policy := policy_of(app.view_functions[door.endpoint])) and policy.roles
    ]

    for door in refused:
        assert client.open(door.path, method=door.method).status_code == 403, door
    assert len(refused) > 50


def test_who_sends_a_form_too_late_comes_back_to_its_page(still_app: Flask) -> None:
    client = still_app.test_client()

    def next_after(referer: str) -> list[str]:
        answer = client.post("/account/password", headers={"Referer": referer})
        return parse_qs(urlsplit(answer.headers["Location"]).query)["next"]

    assert next_after("http://localhost/account/password?a=1") == [
        "/account/password?a=1"
    ]
    assert next_after("http://localhost/account/password") == ["/account/password"]


def test_an_endless_address_is_not_carried_to_the_login_page(still_app: Flask) -> None:
    path = "/account/orders?page=" + "9" * 5_000
    answer = still_app.test_client().get(path)

    assert answer.headers["Location"] == "/account/login"


def test_roles_hold_in_their_scope_only() -> None:
    person = Actor(
        account_id=1,
        grants=(
            Grant(Role.MEMBER, ScopeKind.ALLIANCE, 3),
            Grant(Role.LEAD, ScopeKind.ALLIANCE, 4),
            Grant(Role.ACCOUNTANT, ScopeKind.COOPERATIVE, 3),
        ),
    )

    assert person.has_role(Role.CHAIR, Role.LEAD)
    assert not person.has_role(Role.CHAIR)
    assert person.scope_ids(ScopeKind.ALLIANCE, Role.MEMBER) == {3}
    assert person.scope_ids(ScopeKind.ALLIANCE, Role.MEMBER, Role.LEAD) == {3, 4}
    assert person.scope_ids(ScopeKind.COOPERATIVE, Role.LEAD) == frozenset()
