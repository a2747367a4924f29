"""Lists that answer as files: the same rows everywhere, names masked, words as text."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import openpyxl
import pypdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from blueprints.lists import (
    MOST_PRINTED,
    MOST_ROWS,
    Field,
    ListReport,
    list_json,
)
from core.clock import now, today
from core.database import db
from domain.orders.states import PaymentMethod
from integrations.exports.document import ColumnKind
from models.income import Employment, IncomeVoucher
from services.orders import fulfilling, offline, refunding
from services.orders.drafts import RefundDraft, RefundDraftLine
from tests.support.factories import Goods, Person, Place
from tests.support.people import writing
from tests.support.queries import count_queries
from tests.support.shopper import line_of, sold

Browser = Callable[[Person], FlaskClient]
FORMULA = "=HYPERLINK(1)"
PAGES = {
    "/coop/orders": "orders",
    "/coop/refunds": "refunds",
    "/coop/income/vouchers": "income_vouchers",
    "/coop/income/employment": "employment",
    "/coop/income/orders": "income_orders",
}
FORMATS = ("json", "csv", "xlsx", "pdf")


@pytest.fixture
def desk(alice: Person, browser_of: Browser) -> FlaskClient:
    """The accountant of the place."""
    return browser_of(alice)


@pytest.fixture(autouse=True)
def records(
    app: Flask, place: Place, goods: Goods, charlie: Person, alice: Person
) -> str:
    """A row in every list; its words would be a formula. The order's number."""
    order = sold(app, charlie, goods, 2, PaymentMethod.BANK_TRANSFER)
    line = RefundDraftLine(line_of(app, order.id), 1, 2_990)
    with writing(app):
        offline.confirm_transfer(order.id, alice.id, "bank-1")
        fulfilling.pack(order.id, alice.id)
        fulfilling.ship(order.id, alice.id, carrier="中国邮政", tracking_number="1")
        fulfilling.confirm_delivery(order.id, alice.id)
        draft = RefundDraft("refund-asked-1", [line], 0, FORMULA)
        refunding.request_refund(order.id, draft, charlie.id)
        write_books(place, 1)
    return order.number


def write_books(place: Place, serial: int) -> None:
    """A voucher and an employment record, with words that would be a formula."""
    db.session.add(
        IncomeVoucher(
            request_id=f"voucher-{serial}",
            village_id=place.village_id,
            number=f"苗凭{serial:03d}",
            kind="operating",
            amount_fen=120_050,
            received_on=date(2026, 3, 5),
            memo=FORMULA,
        )
    )
    db.session.add(
        Employment(
            request_id=f"work-{serial}",
            cooperative_id=place.cooperative_id,
            village_id=place.village_id,
            month=date(2026, 3, 1),
            person_name=FORMULA,
            person_key=f"{serial:064d}",
            days=12,
            wages_fen=96_000,
        )
    )
    db.session.flush()


def table_of(answer: TestResponse) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def paper_of(answer: TestResponse) -> str:
    pdf = pypdf.PdfReader(io.BytesIO(answer.data))
    return "".join(page.extract_text() for page in pdf.pages)


@pytest.mark.parametrize("path", PAGES)
def test_every_list_answers_in_every_format(desk: FlaskClient, path: str) -> None:
    page = desk.get(path)
    assert page.status_code == 200
    assert "数据截至" in page.text
    for kind in ("xlsx", "pdf", "csv", "json"):
        assert f"?format={kind}" in page.text
    for kind in ("csv", "xlsx", "pdf"):
        answer = desk.get(f"{path}?format={kind}")
        assert answer.status_code == 200
        name = answer.headers["Content-Disposition"]
        assert f"filename={PAGES[path]}_" in name
        assert f".{kind}" in name


@pytest.mark.parametrize("path", PAGES)
def test_json_is_what_the_contract_says(
    desk: FlaskClient, place: Place, path: str
) -> None:
    body = desk.get(f"{path}?format=json").get_json()

    assert set(body) == {"as_of", "from", "to", "scope", "figures", "rows", "found"}
    assert body["as_of"].endswith("+08:00")
    for figure in body["figures"].values():
        assert set(figure) == {"value", "unit", "formula"}
    assert len(body["rows"]) == body["found"] == 1
    assert "合作社" in str(body["scope"])


@pytest.mark.parametrize("path", PAGES)
def test_every_format_holds_the_same_row(desk: FlaskClient, path: str) -> None:
    answers = {kind: desk.get(f"{path}?format={kind}") for kind in FORMATS}

    lines = table_of(answers["csv"])
    book = openpyxl.load_workbook(io.BytesIO(answers["xlsx"].data))
    sheet = book[book.sheetnames[0]]
    row = dict(zip(lines[0], lines[1], strict=True))
    cells = ["" if cell.value is None else str(cell.value) for cell in sheet[2]]
    paper = paper_of(answers["pdf"])
    [program] = answers["json"].get_json()["rows"]

    assert lines[0] == [cell.value for cell in sheet[1]]
    assert len(program) == len(row)
    for value, cell in zip(row.values(), cells, strict=True):
        assert value.removeprefix("'").removesuffix(".00") == cell or (
            float(value) == float(cell)
        )
    assert "数据截至" in paper
    assert lines[1][0].removeprefix("'") in paper


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/coop/refunds", "原因"),
        ("/coop/income/vouchers", "摘要"),
        ("/coop/income/employment", "姓名"),
    ],
)
def test_no_words_run_as_a_formula(desk: FlaskClient, path: str, name: str) -> None:
    heads, row, *_rest = table_of(desk.get(f"{path}?format=csv"))
    assert row[heads.index(name)] == f"'{FORMULA}"

    file = io.BytesIO(desk.get(f"{path}?format=xlsx").data)
    book = openpyxl.load_workbook(file)
    cell = book[book.sheetnames[0]].cell(2, heads.index(name) + 1)
    assert (cell.value, cell.data_type) == (FORMULA, "s")


@pytest.mark.parametrize("kind", FORMATS)
def test_who_ordered_is_masked_outside_the_house(desk: FlaskClient, kind: str) -> None:
    query = "/coop/orders?q=13700000001&format="
    answer = desk.get(query + kind)
    text = answer.text if kind in ("json", "csv") else ""
    if kind == "pdf":
        text = paper_of(answer)
    if kind == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(answer.data))
        text = str([list(sheet.values) for sheet in book])
    if kind == "json":
        text = str(answer.get_json())
    assert "137****0001" in text
    assert "王**" in text
    assert "13700000001" not in text
    assert "王小明" not in text


def test_figures_are_those_of_the_whole_filter(
    app: Flask, desk: FlaskClient, place: Place
) -> None:
    with writing(app):
        write_books(place, 2)

    def values(path: str) -> dict[str, int]:
        figures = desk.get(f"{path}format=json").get_json()["figures"]
        return {name: one["value"] for name, one in figures.items()}

    assert values("/coop/orders?") == {"orders": 1, "total_fen": 6_780}
    assert values("/coop/refunds?") == {
        "refunds": 1,
        "asked_fen": 2_990,
        "returned_fen": 0,
    }
    assert values("/coop/income/vouchers?") == {
        "operating_fen": 240_100,
        "subsidy_fen": 0,
    }
    assert values("/coop/income/employment?") == {
        "people_employed": 2,
        "days": 24,
        "wages_fen": 192_000,
    }
    assert values("/coop/income/orders?")["net_fen"] == 5_980


@pytest.mark.parametrize("path", PAGES)
def test_days_narrow_every_list(desk: FlaskClient, path: str) -> None:
    past = "from=2001-01-01&to=2001-01-31"
    body = desk.get(f"{path}?{past}&format=json").get_json()
    assert (body["from"], body["to"]) == ("2001-01-01", "2001-01-31")
    assert body["rows"] == []
    assert desk.get(f"{path}?{past}").status_code == 200
    for kind in ("csv", "xlsx", "pdf"):
        answer = desk.get(f"{path}?{past}&format={kind}")
        assert answer.status_code == 200
        assert "2001-01-01_2001-01-31" in answer.headers["Content-Disposition"]
    day = today().isoformat()
    if "income/" not in path or path.endswith("orders"):
        body = desk.get(f"{path}?from={day}&to={day}&format=json").get_json()
        assert body["found"] == 1


@pytest.mark.parametrize("path", PAGES)
def test_days_that_are_none_are_refused(desk: FlaskClient, path: str) -> None:
    for query in ("from=2026-02-30", "from=2026-03-31&to=2026-03-01"):
        page = desk.get(f"{path}?{query}")
        assert page.status_code == 422
        assert 'id="errors"' in page.text
        for kind in FORMATS:
            answer = desk.get(f"{path}?{query}&format={kind}")
            assert answer.status_code == 422
            assert answer.get_json()["fields"]


@pytest.mark.parametrize("path", PAGES)
def test_a_format_that_there_is_not_is_refused(desk: FlaskClient, path: str) -> None:
    for kind in ("docx", "<b>", "³", "\0", "0"):
        assert desk.get(path, query_string={"format": kind}).status_code == 422


@pytest.mark.parametrize("path", PAGES)
def test_no_name_in_the_address_breaks_the_links(desk: FlaskClient, path: str) -> None:
    names = ("endpoint", "_external", "_scheme", "_anchor", "_method", "page")
    for name in names:
        answer = desk.get(path, query_string={name: 'x&"<i>'})
        assert answer.status_code == 200
        assert '"<i>' not in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_another_cooperative_reads_nothing(
    browser_of: Browser, bob: Person, records: str, path: str
) -> None:
    other = browser_of(bob)
    for kind in ("json", "csv"):
        answer = other.get(f"{path}?format={kind}")
        assert answer.status_code == 200
        assert records not in answer.text
        assert FORMULA not in answer.text
    assert other.get(f"{path}?format=json").get_json()["found"] == 0


@pytest.mark.parametrize("path", PAGES)
def test_guests_and_buyers_get_no_file(
    app: Flask, browser_of: Browser, charlie: Person, path: str
) -> None:
    assert app.test_client().get(f"{path}?format=csv").status_code == 303
    assert browser_of(charlie).get(f"{path}?format=csv").status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_a_file_costs_the_same_however_long(
    app: Flask,
    desk: FlaskClient,
    place: Place,
    goods: Goods,
    charlie: Person,
    path: str,
) -> None:
    def cost() -> int:
        with app.app_context(), count_queries() as statements:
            assert desk.get(f"{path}?format=csv").status_code == 200
        return len(statements)

    few = cost()
    for serial in range(2, 6):
        sold(app, charlie, goods, 1, PaymentMethod.BANK_TRANSFER)
        with writing(app):
            write_books(place, serial)
    assert cost() == few <= 16


def test_a_list_that_was_cut_says_so(context: Flask) -> None:
    report = ListReport(
        name="numbers",
        title="数",
        as_of=now(),
        period=None,
        scope={},
        about=(),
        fields=(Field("number", "数", lambda row: row, ColumnKind.COUNT),),
        rows=range(MOST_ROWS),
        found=MOST_ROWS + 1,
        totals=(),
    )
    assert "一共 10,001 条，这里是最近的 10,000 条" in dict(report.facts)["没有列全"]
    assert len(list_json(report)["rows"]) == MOST_ROWS
    assert len(report.printed) == MOST_PRINTED
    assert "一共 10,001 条，这里印了最近的 300 条" in report.print_words

    whole = replace(report, rows=range(MOST_PRINTED), found=MOST_PRINTED)
    assert "没有列全" not in dict(whole.facts)
    assert whole.print_words == ""


@pytest.mark.parametrize("path", PAGES)
def test_every_list_is_read_in_english(desk: FlaskClient, path: str) -> None:
    desk.set_cookie("lang", "en")
    for kind in ("html", *FORMATS):
        assert desk.get(f"{path}?format={kind}").status_code == 200
