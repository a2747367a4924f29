"""Portfolios, the officers' forms, and the page behind a certificate's code."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core.access import Grant
from core.clock import today
from core.database import db
from domain.roles import Role, ScopeKind
from models.alliances import AllianceMember
from models.training import Certificate, TrainingRecord
from tests.support.factories import FOUNDED, Person, Place, make_person
from tests.support.people import writing
from tests.support.queries import count_queries

Browser = Callable[[Person], FlaskClient]


@pytest.fixture
def member(app: Flask, place: Place) -> Person:
    """A member of Alice's alliance with no other role."""
    with writing(app) as session:
        grant = Grant(Role.MEMBER, ScopeKind.ALLIANCE, place.alliance_id)
        person = make_person("周晓雯", grant)
        session.add(
            AllianceMember(
                alliance_id=place.alliance_id, account_id=person.id, joined_on=FOUNDED
            )
        )
        return person


@pytest.fixture
def desk(alice: Person, browser_of: Browser) -> FlaskClient:
    """The alliance lead's browser."""
    return browser_of(alice)


def record(member: Person, **changes: object) -> dict[str, object]:
    return {
        "request_id": "request-record-1",
        "member": str(member.id),
        "kind": "business",
        "title": "农产品标签与广告法",
        "started_on": "2026-03-10",
        "ended_on": "",
        "place": "区融媒体中心",
        "hours": "２",
        "abilities": ["theory", "service"],
        "mentor": "",
        "note": "带了笔记",
        **changes,
    }


def certificate(member: Person, **changes: str) -> dict[str, str]:
    return {
        "request_id": "request-certificate-1",
        "member": str(member.id),
        "kind": "live_host",
        "number": "ｌｗ-2026-0912",
        "issuer": "区人社局",
        "valid_from": "2026-01-01",
        "valid_until": "2099-12-31",
        **changes,
    }


def enter(desk: FlaskClient, member: Person, **changes: object) -> str:
    answer = desk.post("/training/records/new", data=record(member, **changes))
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def count(app: Flask, table: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_the_own_portfolio_shows_records_and_certificates(
    desk: FlaskClient, member: Person, browser_of: Browser
) -> None:
    enter(desk, member)
    desk.post("/training/certificates/new", data=certificate(member))

    page = browser_of(member).get("/training")
    assert page.status_code == 200
    for words in (
        "周晓雯",
        "农产品标签与广告法",
        "业务培训",
        "帮带",
        "一线锻炼",
        "LW-2026-0912",
        "有效，还有",
        "到现在参加了业务培训 1 次，一共 2 课时。",
        "<svg",
    ):
        assert words in page.text
    assert "/training/records/" not in page.text
    assert "收回证书" not in page.text
    assert "还没有记录" in browser_of(member).get("/training?kind=mentoring").text


def test_anyone_with_an_account_has_a_portfolio(
    client: FlaskClient, charlie: Person, browser_of: Browser
) -> None:
    assert client.get("/training").status_code == 303
    page = browser_of(charlie).get("/training")
    assert page.status_code == 200
    assert "还没有证书" in page.text


def test_a_record_is_entered_once_and_taken_through_its_life(
    app: Flask, desk: FlaskClient, member: Person
) -> None:
    assert desk.get(f"/training/records/new?member={member.id}").status_code == 200
    path = enter(desk, member)
    assert enter(desk, member) == path
    assert count(app, TrainingRecord) == 1

    page = desk.get(path)
    assert "记到课" in page.text
    assert desk.post(f"{path}/state", data={"state": "attended"}).status_code == 303
    assert desk.post(f"{path}/state", data={"state": "attended"}).status_code == 409
    assert desk.post(f"{path}/state", data={"state": "passed"}).status_code == 303
    assert desk.post(f"{path}/state", data={"state": "absent"}).status_code == 409
    history = desk.get(path).text
    for words in ("报了名", "到课了", "合格", "爱丽丝"):
        assert words in history
    assert "农产品标签与广告法" in desk.get("/training/records?kind=business").text
    assert "农产品标签与广告法" not in desk.get("/training/records?kind=practice").text


def test_stopping_asks_for_the_reason(desk: FlaskClient, member: Person) -> None:
    path = enter(desk, member, kind="practice")
    page = desk.post(f"{path}/state", data={"state": "stopped", "reason": " "})
    assert page.status_code == 422
    assert "请写明原因" in page.text
    data = {"state": "stopped", "reason": "调走了"}
    assert desk.post(f"{path}/state", data=data).status_code == 303
    assert "调走了" in desk.get(path).text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("member", ""),
        ("member", "³"),
        ("member", "999999"),
        ("kind", "rank"),
        ("title", ""),
        ("title", "x" * 81),
        ("title", "a\0b"),
        ("started_on", "2026-02-30"),
        ("started_on", ""),
        ("ended_on", "2026-03-09"),
        ("hours", "³"),
        ("hours", "-1"),
        ("hours", "2001"),
        ("hours", "1" * 21),
        ("abilities", []),
        ("abilities", ["theory", "charm"]),
        ("mentor", "999"),
        ("note", "y" * 1001),
        ("request_id", "<b>"),
    ],
)
def test_a_wrong_record_is_explained_and_nothing_typed_is_lost(
    app: Flask, desk: FlaskClient, member: Person, field: str, typed: object
) -> None:
    data = record(member, place="<b>=SUM</b>") | {field: typed}
    page = desk.post("/training/records/new", data=data)
    assert page.status_code == 422
    assert "这几处要改一下" in page.text
    assert 'value="&lt;b&gt;=SUM&lt;/b&gt;"' in page.text
    if field != "note":
        assert "带了笔记" in page.text
    assert count(app, TrainingRecord) == 0


def test_mentoring_names_its_mentor(desk: FlaskClient, member: Person) -> None:
    for mentor in ("", str(member.id)):
        page = desk.post(
            "/training/records/new",
            data=record(member, kind="mentoring", mentor=mentor),
        )
        assert page.status_code == 422
        assert "帮带要写明谁来带" in page.text


def test_a_certificate_is_entered_verified_and_withdrawn(
    app: Flask, desk: FlaskClient, client: FlaskClient, member: Person
) -> None:
    assert desk.get("/training/certificates/new").status_code == 200
    for _ in range(2):
        answer = desk.post("/training/certificates/new", data=certificate(member))
        assert answer.status_code == 303
    assert count(app, Certificate) == 2  # Alice's own and this one

    public = client.get("/training/certificates/lw-2026-0912")
    assert public.status_code == 200
    for words in ("主播证", "区人社局", "周**", "有效，还有"):
        assert words in public.text
    assert "周晓雯" not in public.text

    with app.app_context():
        held = select(Certificate.id).where(Certificate.number == "LW-2026-0912")
        path = f"/training/certificates/{db.session.scalar(held)}/revoke"
    assert desk.get(path).status_code == 200
    assert desk.post(path, data={"reason": ""}).status_code == 422
    assert desk.post(path, data={"reason": "夸大宣传"}).status_code == 303
    assert desk.post(path, data={"reason": "夸大宣传"}).status_code == 409
    assert "已收回" in client.get("/training/certificates/LW-2026-0912").text
    assert "夸大宣传" in desk.get(f"/training/members/{member.id}").text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("number", ""),
        ("number", "a/b"),
        ("number", "..."),
        ("number", "³³³³³"),
        ("number", "9" * 41),
        ("issuer", ""),
        ("valid_from", "x"),
        ("valid_until", "2025-12-31"),
        ("kind", "driving"),
        ("member", "0"),
    ],
)
def test_a_wrong_certificate_is_explained(
    desk: FlaskClient, member: Person, field: str, typed: str
) -> None:
    page = desk.post(
        "/training/certificates/new", data=certificate(member) | {field: typed}
    )
    assert page.status_code == 422
    assert "这几处要改一下" in page.text


def test_a_number_used_before_is_said(desk: FlaskClient, member: Person) -> None:
    desk.post("/training/certificates/new", data=certificate(member))
    again = certificate(member, request_id="request-certificate-2")
    page = desk.post("/training/certificates/new", data=again)
    assert page.status_code == 422
    assert "证书编号 LW-2026-0912 已经登记过" in page.text


@pytest.mark.parametrize(
    "number", ["none", "³", "<b>", "%00", "9" * 300, "=1+1", "..%2f..", "０"]
)
def test_an_unknown_certificate_is_said_plainly(
    client: FlaskClient, number: str
) -> None:
    page = client.get(f"/training/certificates/{number}")
    assert page.status_code == 404
    assert "<b>" not in page.text.replace("<b>田播</b>", "")


def test_members_are_found_by_a_part_of_their_name(
    desk: FlaskClient, member: Person
) -> None:
    assert member.name in desk.get("/training/members?q=晓").text
    assert "没有找到成员" in desk.get("/training/members?q=%25").text


def test_a_member_out_of_reach_cannot_be_chosen(
    app: Flask, member: Person, bob: Person, browser_of: Browser
) -> None:
    answer = browser_of(bob).post("/training/records/new", data=record(member))
    assert answer.status_code == 422
    assert count(app, TrainingRecord) == 0


def test_nobody_can_choose_themselves(alice: Person, desk: FlaskClient) -> None:
    page = desk.post("/training/records/new", data=record(alice))
    assert page.status_code == 422
    own = desk.post("/training/certificates/new", data=certificate(alice))
    assert own.status_code == 422
    mine = desk.get(f"/training/members/{alice.id}")
    assert mine.status_code == 200
    assert "补一条记录" not in mine.text


def test_an_auditor_reads_and_enters_nothing(
    app: Flask, desk: FlaskClient, member: Person, browser_of: Browser
) -> None:
    path = enter(desk, member)
    with writing(app):
        grant = Grant(Role.AUDITOR, ScopeKind.DISTRICT, 0)
        person = make_person("审计", grant)
    auditor = browser_of(person)
    assert auditor.get(path).status_code == 200
    assert "记到课" not in auditor.get(path).text
    assert auditor.post(f"{path}/state", data={"state": "attended"}).status_code == 403
    assert auditor.get("/training/records/new").status_code == 403


@pytest.mark.parametrize("bad", ["0", "³", "-1", "9" * 19, "9" * 25, "x"])
def test_bad_ids_are_not_found(desk: FlaskClient, bad: str) -> None:
    for path in ("records/{}", "members/{}", "certificates/{}/revoke"):
        assert desk.get("/training/" + path.format(bad)).status_code == 404
    assert desk.post(f"/training/records/{bad}/state").status_code in (404, 405)


def test_lists_cost_the_same_however_long(
    app: Flask, desk: FlaskClient, member: Person
) -> None:
    enter(desk, member)
    paths = ("/training/records", f"/training/members/{member.id}")
    costs = []
    for _ in range(2):
        for path in paths:
            desk.get(path)
        with app.app_context(), count_queries() as statements:
            for path in paths:
                desk.get(path)
        costs.append(len(statements))
        for index in range(8):
            day = (date(2026, 1, 1) + timedelta(days=index)).isoformat()
            enter(
                desk,
                member,
                request_id=f"request-more-{len(costs)}-{index}",
                started_on=day,
            )
    assert costs[0] == costs[1] <= 30


def test_wrong_methods_and_foreign_forms_are_refused(
    desk: FlaskClient, member: Person
) -> None:
    path = enter(desk, member)
    assert desk.get(f"{path}/state").status_code == 405
    assert desk.post("/training").status_code == 405
    assert desk.delete("/training/certificates/new").status_code == 405
    foreign = {"Sec-Fetch-Site": "cross-site"}
    data = {"state": "attended"}
    assert desk.post(f"{path}/state", data=data, headers=foreign).status_code == 403
    assert desk.post(f"{path}/state", data={"state": "rank"}).status_code == 422
    assert today() >= FOUNDED
