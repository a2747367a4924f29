"""The accountant's forms: vouchers and employment, entered and taken back."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core.access import Grant
from core.clock import today
from core.database import db
from domain.roles import Role, ScopeKind
from models.income import Employment, IncomeVoucher
from tests.support.factories import Person, Place, make_person
from tests.support.people import writing

Browser = Callable[[Person], FlaskClient]


@pytest.fixture
def desk(alice: Person, browser_of: Browser) -> FlaskClient:
    return browser_of(alice)


def voucher(place: Place, **changes: str) -> dict[str, str]:
    return {
        "request_id": "request-voucher-1",
        "village": str(place.village_id),
        "kind": "operating",
        "amount": "１，２００.50",
        "received_on": "2026-03-05",
        "number": "苗凭001",
        "memo": "冷库租金",
        **changes,
    }


def employment(place: Place, **changes: str) -> dict[str, str]:
    return {
        "request_id": "request-work-1",
        "cooperative": str(place.cooperative_id),
        "village": str(place.village_id),
        "month": "2026-03",
        "person_name": "李秀英",
        "identity_hint": "123x",
        "days": "１２",
        "wages": "960",
        **changes,
    }


def count(app: Flask, table: Any) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_a_voucher_reaches_the_report(
    app: Flask, desk: FlaskClient, place: Place
) -> None:
    assert desk.get("/coop/income/vouchers/new").status_code == 200
    first = desk.post("/coop/income/vouchers/new", data=voucher(place))
    again = desk.post("/coop/income/vouchers/new", data=voucher(place))

    assert (first.status_code, again.status_code) == (303, 303)
    assert count(app, IncomeVoucher) == 1
    assert "1,200.50" in desk.get("/coop/income/vouchers").text
    body = desk.get("/coop/income?from=2026-03-05&to=2026-03-05&format=json").get_json()
    assert body["figures"]["village_other_operating_fen"]["value"] == 120_050
    [village] = body["villages"]
    assert village["village_other_operating_fen"] == 120_050
    assert village["village_subsidy_fen"] == 0


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("amount", "0"),
        ("amount", "-1"),
        ("amount", "³"),
        ("amount", "1" * 21),
        ("amount", ""),
        ("received_on", "2026-02-30"),
        ("received_on", "2090-01-01"),
        ("received_on", "1990-01-01"),
        ("number", ""),
        ("number", "a" * 41),
        ("memo", ""),
        ("memo", "x\0y"),
        ("village", "999"),
        ("village", "³"),
        ("kind", "gift"),
        ("request_id", "<b>"),
    ],
)
def test_a_wrong_voucher_is_explained_and_nothing_typed_is_lost(
    app: Flask, desk: FlaskClient, place: Place, field: str, typed: str
) -> None:
    data = voucher(place, memo="=SUM(A1) <b>租金</b>") | {field: typed}
    page = desk.post("/coop/income/vouchers/new", data=data)
    assert page.status_code == 422
    assert "这几处要改一下" in page.text
    if field != "memo":
        assert 'value="=SUM(A1) &lt;b&gt;租金&lt;/b&gt;"' in page.text
    if field != "number":
        assert 'value="苗凭001"' in page.text
    assert count(app, IncomeVoucher) == 0


def test_a_number_used_before_is_said_at_its_field(
    app: Flask, desk: FlaskClient, place: Place
) -> None:
    desk.post("/coop/income/vouchers/new", data=voucher(place))
    data = voucher(place, request_id="request-voucher-2")
    page = desk.post("/coop/income/vouchers/new", data=data)
    assert page.status_code == 422
    assert "凭证号 苗凭001 已经登记过" in page.text
    assert count(app, IncomeVoucher) == 1


def test_a_voucher_is_taken_back_with_a_reason(
    app: Flask, desk: FlaskClient, place: Place
) -> None:
    desk.post("/coop/income/vouchers/new", data=voucher(place))
    with app.app_context():
        path = f"/coop/income/vouchers/{db.session.scalar(select(IncomeVoucher.id))}"
    assert desk.get(f"{path}/void").status_code == 200
    assert desk.post(f"{path}/void", data={"reason": " "}).status_code == 422
    assert desk.post(f"{path}/void", data={"reason": "记重了"}).status_code == 303
    assert desk.post(f"{path}/void", data={"reason": "再来"}).status_code == 409
    assert "已作废" in desk.get("/coop/income/vouchers").text
    body = desk.get("/coop/income?from=2026-03-01&to=2026-03-31&format=json").get_json()
    assert body["figures"]["village_other_operating_fen"]["value"] == 0


def test_employment_counts_people_and_keeps_no_number(
    app: Flask, desk: FlaskClient, place: Place
) -> None:
    assert desk.get("/coop/income/employment/new").status_code == 200
    for _ in range(2):
        answer = desk.post("/coop/income/employment/new", data=employment(place))
        assert answer.status_code == 303
    other = employment(place, request_id="request-work-2", month="2026-04")
    assert desk.post("/coop/income/employment/new", data=other).status_code == 303

    with app.app_context():
        rows = db.session.scalars(select(Employment)).all()
        assert len(rows) == 2
        assert len({row.person_key for row in rows}) == 1
        assert not any("123" in (row.person_name + row.person_key[:4]) for row in rows)
    body = desk.get("/coop/income?from=2026-03-01&to=2026-04-30&format=json").get_json()
    assert body["figures"]["people_employed"]["value"] == 1
    assert body["figures"]["wages_fen"]["value"] == 192_000
    assert "李秀英" in desk.get("/coop/income/employment").text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("days", "0"),
        ("days", "32"),
        ("days", "-1"),
        ("days", "³"),
        ("days", "1" * 21),
        ("wages", "100001"),
        ("wages", "abc"),
        ("month", "2026-13"),
        ("month", "2026"),
        ("month", "2090-01"),
        ("month", "202-601"),
        ("person_name", ""),
        ("person_name", "王\x07"),
        ("identity_hint", "12"),
        ("identity_hint", "³³³³"),
        ("identity_hint", "X123"),
        ("village", "0"),
        ("cooperative", "10" * 12),
    ],
)
def test_wrong_employment_is_explained_and_nothing_typed_is_lost(
    app: Flask, desk: FlaskClient, place: Place, field: str, typed: str
) -> None:
    page = desk.post(
        "/coop/income/employment/new", data=employment(place) | {field: typed}
    )
    assert page.status_code == 422
    assert "这几处要改一下" in page.text
    if field != "days":
        assert 'value="１２"' in page.text
    assert count(app, Employment) == 0


def test_the_same_person_twice_in_a_month_is_said(
    desk: FlaskClient, place: Place
) -> None:
    desk.post("/coop/income/employment/new", data=employment(place))
    again = employment(place, request_id="request-work-2", days="3")
    page = desk.post("/coop/income/employment/new", data=again)
    assert page.status_code == 422
    assert "李秀英 这个月在这个村的用工已经登记过" in page.text


def test_employment_is_taken_back(app: Flask, desk: FlaskClient, place: Place) -> None:
    desk.post("/coop/income/employment/new", data=employment(place))
    with app.app_context():
        path = f"/coop/income/employment/{db.session.scalar(select(Employment.id))}"
    assert desk.get(f"{path}/void").status_code == 200
    assert desk.post(f"{path}/void", data={"reason": "写错了"}).status_code == 303
    assert desk.post(f"{path}/void", data={"reason": "写错了"}).status_code == 409


def test_others_can_neither_see_nor_touch(
    app: Flask,
    desk: FlaskClient,
    place: Place,
    client: FlaskClient,
    bob: Person,
    charlie: Person,
    browser_of: Browser,
) -> None:
    desk.post("/coop/income/vouchers/new", data=voucher(place))
    desk.post("/coop/income/employment/new", data=employment(place))
    with app.app_context():
        paths = [
            f"/coop/income/vouchers/{db.session.scalar(select(IncomeVoucher.id))}/void",
            f"/coop/income/employment/{db.session.scalar(select(Employment.id))}/void",
        ]
    elsewhere = browser_of(bob)
    for path in paths:
        assert client.get(path).status_code == 303
        assert browser_of(charlie).get(path).status_code == 403
        assert elsewhere.get(path).status_code == 404
        assert elsewhere.post(path, data={"reason": "不该"}).status_code == 404
        assert desk.delete(path).status_code == 405
    assert "苗凭001" not in elsewhere.get("/coop/income/vouchers").text
    assert "李秀英" not in elsewhere.get("/coop/income/employment").text
    for bad in ("0", "³", "9" * 19, "9" * 25, "-1"):
        assert desk.get(f"/coop/income/vouchers/{bad}/void").status_code == 404
    foreign = desk.post(
        "/coop/income/vouchers/new",
        data=voucher(place, request_id="request-voucher-9", number="999"),
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert foreign.status_code == 403


def test_the_chair_reads_and_enters_nothing(
    app: Flask, place: Place, browser_of: Browser
) -> None:
    with writing(app):
        grant = Grant(Role.CHAIR, ScopeKind.COOPERATIVE, place.cooperative_id)
        person = make_person("理事长", grant)
    chair = browser_of(person)
    assert chair.get("/coop/income/vouchers").status_code == 200
    assert chair.get("/coop/income/vouchers/new").status_code == 403
    assert "登记凭证" not in chair.get("/coop/income/vouchers").text
    day = today().isoformat()
    assert chair.get(f"/coop/income?from={day}&to={day}").status_code == 200
