"""Rights as people meet them: what a role opens, and when it closes."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core import clock
from core.access import FRESH_FOR, HOUSE, Grant
from core.clock import now
from domain.roles import Role, ScopeKind
from services.accounts.sessions import grant_role, revoke_role
from tests.support.factories import PASSWORD, Person, Place
from tests.support.people import sign_in, writing

BrowserOf = Callable[[Person], FlaskClient]


def chair_of(place: Place) -> Grant:
    return Grant(Role.CHAIR, ScopeKind.COOPERATIVE, place.cooperative_id)


def test_a_new_role_counts_at_the_next_click(
    app: Flask, place: Place, charlie: Person, browser_of: BrowserOf
) -> None:
    client = browser_of(charlie)
    assert client.get("/coop/orders").status_code == 403

    with writing(app):
        grant_role(HOUSE, charlie.id, chair_of(place))
    assert client.get("/coop/orders").status_code == 200


def test_a_lost_role_closes_every_page(
    app: Flask, place: Place, charlie: Person, browser_of: BrowserOf
) -> None:
    chair = chair_of(place)
    with writing(app):
        grant_role(HOUSE, charlie.id, chair)
    client = browser_of(charlie)
    with writing(app):
        revoke_role(charlie.id, chair)

    assert client.get("/coop/orders").status_code == 303
    assert client.get("/account/").status_code == 303


def test_who_is_refused_is_told_what_to_do(
    charlie: Person, browser_of: BrowserOf
) -> None:
    page = browser_of(charlie).get("/coop/orders").text

    assert "这块地不归您管" in page
    assert "请联盟负责人、合作社给您开通" in page


def test_a_page_leads_through_the_login_and_back(
    client: FlaskClient, alice: Person
) -> None:
    """As a browser does: the page, the login page, its form, the page."""
    asked = client.get("/coop/orders?tab=waiting")
    assert asked.status_code == 303
    back = parse_qs(urlsplit(asked.location).query)["next"][0]
    assert back in client.get(asked.location).text

    data = {"phone": alice.phone, "password": PASSWORD, "next": back}
    answer = client.post("/account/login", data=data)
    assert answer.location == "/coop/orders?tab=waiting"
    assert client.get(answer.location).status_code == 200


def test_money_moves_only_soon_after_the_password(
    app: Flask, alice: Person, browser_of: BrowserOf
) -> None:
    client = browser_of(alice)
    approve = "/coop/refunds/1/approve"
    assert client.post(approve).status_code == 404

    with clock.at(now() + FRESH_FOR + timedelta(seconds=1)):
        answer = client.post(
            approve, headers={"Referer": "http://localhost/coop/refunds/1"}
        )
        assert answer.status_code == 303
        assert urlsplit(answer.location).path == "/account/login"
        assert parse_qs(urlsplit(answer.location).query)["next"] == ["/coop/refunds/1"]
        assert client.get("/coop/refunds").status_code == 200

        data = {"phone": alice.phone, "password": PASSWORD}
        client.post("/account/login", data=data)
        assert client.post(approve).status_code == 404


@pytest.mark.parametrize(
    "door",
    [
        "orders/CO2411250000/transfer",
        "orders/CO2411250000/surplus",
        "orders/CO2411250000/remittance",
        "orders/CO2411250000/cancel",
        "orders/CO2411250000/refunds/new",
        "refunds/1/approve",
        "refunds/1/settle",
        "attention/payments/1/return",
    ],
)
def test_every_door_to_money_asks_for_the_password_again(
    alice: Person, browser_of: BrowserOf, door: str
) -> None:
    client = browser_of(alice)
    assert client.post(f"/coop/{door}").status_code == 404

    with clock.at(now() + FRESH_FOR + timedelta(seconds=1)):
        answer = client.post(f"/coop/{door}")
    assert urlsplit(answer.location or "").path == "/account/login"


def test_somebody_elses_form_does_nothing_with_our_session(
    app: Flask, charlie: Person
) -> None:
    client = sign_in(app.test_client(), charlie)
    answer = client.post("/account/logout", headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403
    assert client.get("/account/").status_code == 200
