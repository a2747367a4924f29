"""Invitations and roles, by the pages."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.access import Grant
from core.clock import today
from core.database import db
from domain.roles import Role, ScopeKind
from models.accounts import RoleGrant
from models.register import Invitation
from queries.accounts import current_grants
from tests.support.factories import Person, Place, make_person
from tests.support.people import sign_in, writing

FORM = {
    "request_id": "request-of-a-form",
    "name": "周晓雯",
    "phone": "13700000077",
    "role": "member",
}


@pytest.fixture
def lead(app: Flask, place: Place) -> FlaskClient:
    with writing(app):
        grant = Grant(Role.LEAD, ScopeKind.ALLIANCE, place.alliance_id)
        person = make_person("郑秀英", grant)
    return sign_in(app.test_client(), person)


@pytest.fixture
def form(place: Place) -> dict[str, str]:
    return {**FORM, "place": f"alliance:{place.alliance_id}"}


def invitations(app: Flask) -> list[Invitation]:
    with app.app_context():
        return list(db.session.scalars(select(Invitation)))


def test_a_form_sent_twice_invites_once(
    app: Flask, lead: FlaskClient, form: dict[str, str]
) -> None:
    first, again = (lead.post("/register/invitations/new", data=form) for _ in "12")

    assert first.status_code == 303
    assert first.location == again.location
    assert [row.phone for row in invitations(app)] == [FORM["phone"]]
    page = lead.get(first.location).text
    assert "137****0077" in page
    assert FORM["phone"] not in page


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("phone", "12", "11 位数字"),
        ("phone", "³³³", "11 位数字"),
        ("name", "", "请填姓名"),
        ("name", "\x00", "看不见的字符"),
        ("name", "王" * 31, "最多写 30 个字"),
        ("role", "chair", "请从列表里选一项"),
        ("role", "<b>", "请从列表里选一项"),
        ("place", "town:1", "请从列表里选一项"),
        ("place", f"alliance:{'9' * 40}", "请从列表里选一项"),
        ("place", "", "请从列表里选一项"),
    ],
)
def test_a_mistake_is_explained_and_what_was_typed_is_kept(
    app: Flask,
    lead: FlaskClient,
    form: dict[str, str],
    field: str,
    typed: str,
    sentence: str,
) -> None:
    answer = lead.post("/register/invitations/new", data={**form, field: typed})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{FORM["phone" if field == "name" else "name"]}"' in answer.text
    assert invitations(app) == []


def test_a_lead_offers_only_what_a_lead_gives(lead: FlaskClient, place: Place) -> None:
    page = lead.get("/register/invitations/new").text

    assert 'value="member"' in page
    assert 'value="chair"' not in page
    assert f'value="alliance:{place.alliance_id}"' in page
    assert page.count('value="alliance:') == 1


def test_who_is_invited_is_told_on_the_own_page(
    app: Flask, lead: FlaskClient, charlie: Person, form: dict[str, str], place: Place
) -> None:
    lead.post("/register/invitations/new", data={**form, "phone": charlie.phone})
    client = sign_in(app.test_client(), charlie)
    assert "有岗位邀请等您答复" in client.get("/account/").text
    (offered,) = invitations(app)

    answer = client.post(f"/register/invitations/{offered.id}/accept")
    assert answer.status_code == 303
    with app.app_context():
        held = current_grants(charlie.id)
    assert held == (Grant(Role.MEMBER, ScopeKind.ALLIANCE, place.alliance_id),)
    assert "有岗位邀请" not in client.get("/account/").text
    again = client.post(f"/register/invitations/{offered.id}/decline")
    assert again.status_code == 409


def test_a_lead_is_offered_no_end_of_what_others_give(
    app: Flask, lead: FlaskClient, place: Place
) -> None:
    assert "/end" not in lead.get("/register/roles?role=lead").text
    with app.app_context():
        [own] = db.session.scalars(select(RoleGrant.id))
    assert lead.get(f"/register/roles/{own}/end").status_code == 404
    assert lead.get(f"/register/mine/{own}/end").status_code == 200
    answer = lead.post(f"/register/mine/{own}/end", data={"reason": "累了"})
    assert answer.status_code == 409
    assert "只剩您一位" in answer.text


def test_a_reason_is_asked_before_a_role_ends(
    app: Flask, lead: FlaskClient, place: Place
) -> None:
    grant = Grant(Role.MEMBER, ScopeKind.ALLIANCE, place.alliance_id)
    with writing(app):
        person = make_person("王小田", grant)
    link = lead.get("/register/roles?role=member").text.split("/end")[0]
    address = f"/register/roles/{link.rsplit('/', 1)[1]}/end"

    assert "王小田" in lead.get(address).text
    assert lead.post(address, data={"reason": " "}).status_code == 422
    assert lead.post(address, data={"reason": "调走了"}).status_code == 303
    with app.app_context():
        assert current_grants(person.id) == ()
    assert lead.post(address, data={"reason": "调走了"}).status_code == 409


@pytest.mark.parametrize("kind", ["json", "csv", "xlsx", "pdf"])
@pytest.mark.parametrize("name", ["roles", "invitations"])
def test_lists_have_files_and_no_phones(
    lead: FlaskClient, form: dict[str, str], name: str, kind: str
) -> None:
    lead.post("/register/invitations/new", data=form)
    answer = lead.get(f"/register/{name}?format={kind}")

    assert answer.status_code == 200
    if kind in ("json", "csv"):
        assert "****" in answer.text
        assert FORM["phone"] not in answer.text


@pytest.mark.parametrize("name", ["roles", "invitations"])
def test_days_narrow_the_lists(
    lead: FlaskClient, form: dict[str, str], name: str
) -> None:
    lead.post("/register/invitations/new", data=form)

    def found(days: str) -> int:
        return int(lead.get(f"/register/{name}?format=json&{days}").get_json()["found"])

    day = today().isoformat()
    assert found("") == found(f"from={day}&to={day}") == 1
    assert found("from=2001-01-01&to=2001-01-31") == 0
    page = lead.get(f"/register/{name}?from=2001-01-01&to=2001-01-31")
    assert page.status_code == 200
