"""Lists that answer as files: the same rows everywhere, names masked, words as text."""

import csv
import io
import re
from collections.abc import Callable, Iterable
from datetime import date

import openpyxl
import pypdf
import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from blueprints.lists.columns import Column
from blueprints.lists.exports import MOST_IN_JSON, MOST_ROWS
from blueprints.lists.filters import Filter
from blueprints.lists.reports import Listing, Report
from blueprints.lists.tables import MOST_PRINTED
from core.clock import today
from core.database import db
from core.pages.paging import Page
from domain.orders.states import PaymentMethod
from models.alliances import AllianceMember
from models.income import Employment, IncomeVoucher
from models.training import TrainingRecord
from services.orders import fulfilling, offline, refunding
from services.orders.drafts import RefundDraft, RefundDraftLine
from tests.support.factories import FOUNDED, Goods, Person, Place, actor_of
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
    "/coop/income": "income",
    "/training/records": "training",
}
OF_MARCH = ("/coop/income/vouchers", "/coop/income/employment", "/training/records")
FORMATS = ("json", "csv", "xlsx", "pdf")
OF_REGISTER = ("roles", "invitations")
"""Tested in test_register.py: a desk has several roles itself."""
QUICK = FORMATS[:-1]
"""A PDF takes a second, and holds what the others do."""
NUMBER = re.compile(r"-?[0-9]+([.][0-9]+)?")


@pytest.fixture
def desk(alice: Person, browser_of: Browser) -> FlaskClient:
    """Who keeps the books of the place and its members' training."""
    return browser_of(alice)


@pytest.fixture(autouse=True)
def records(
    app: Flask, place: Place, goods: Goods, charlie: Person, alice: Person
) -> str:
    """A row in every list; its words would be a formula. The order's number."""
    order = sold(app, charlie, goods, 2, PaymentMethod.BANK_TRANSFER)
    line = RefundDraftLine(line_of(app, order.id), 1, 2_990)
    with writing(app):
        offline.confirm_transfer(actor_of(alice), order.id, "bank-1")
        fulfilling.pack(actor_of(alice), order.id)
        fulfilling.ship(
            actor_of(alice), order.id, carrier="中国邮政", tracking_number="1"
        )
        fulfilling.confirm_delivery(actor_of(alice), order.id)
        draft = RefundDraft("refund-asked-1", [line], 0, FORMULA)
        refunding.request_refund(actor_of(charlie), order.id, draft)
        write_records(place, charlie, 1)
    return order.number


def write_records(place: Place, member: Person, serial: int) -> None:
    """A voucher, an employment and a training record, with words like a formula."""
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
    if serial == 1:
        db.session.add(
            AllianceMember(
                alliance_id=place.alliance_id, account_id=member.id, joined_on=FOUNDED
            )
        )
    db.session.add(
        TrainingRecord(
            request_id=f"training-{serial}",
            account_id=member.id,
            entered_by=member.id,
            kind="business",
            state="attended",
            title=FORMULA,
            abilities="theory,service",
            started_on=date(2026, 3, 5),
            hours=4,
        )
    )
    db.session.flush()


def text_of(answer: TestResponse, kind: str) -> str:
    """What a file says."""
    if kind == "xlsx":
        return str(sheets_of(answer))
    if kind == "pdf":
        return paper_of(answer)
    return str(answer.get_json()) if kind == "json" else answer.text


def table_of(answer: TestResponse) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def sheets_of(answer: TestResponse) -> list[list[str | float]]:
    """Every row of a workbook's tables and facts, from which its title is left out."""
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    rows = [row for sheet in book for row in sheet.iter_rows(values_only=True)]
    title = next(iter(book["说明"].iter_rows(values_only=True)))
    return [plain(row) for row in rows if row != title]


def plain(row: Iterable[object]) -> list[str | float]:
    """A row's cells, whether they were read as text or as numbers."""
    cells = ["" if cell is None else str(cell).removeprefix("'") for cell in row]
    return [float(cell) if NUMBER.fullmatch(cell) else cell for cell in cells]


def paper_of(answer: TestResponse) -> str:
    pdf = pypdf.PdfReader(io.BytesIO(answer.data))
    return "".join(page.extract_text() for page in pdf.pages)


def test_every_list_of_the_house_is_tested_here() -> None:
    def described(report: type) -> set[str]:
        own = {report.name} if hasattr(report, "name") else set()
        return own.union(*map(described, report.__subclasses__()))

    assert described(Report) == {*PAGES.values(), *OF_REGISTER, Numbers.name}


@pytest.mark.parametrize("path", PAGES)
def test_every_page_leads_to_its_files(desk: FlaskClient, path: str) -> None:
    page = desk.get(path)
    assert page.status_code == 200
    assert "数据截至" in page.text
    for kind in FORMATS:
        assert f"format={kind}" in page.text


@pytest.mark.parametrize("path", PAGES)
def test_json_is_what_the_contract_says(desk: FlaskClient, path: str) -> None:
    body = desk.get(f"{path}?format=json").get_json()

    more = {"villages"} if path == "/coop/income" else {"found"}
    assert set(body) == {"as_of", "from", "to", "scope", "figures", "rows"} | more
    assert body["as_of"].endswith("+08:00")
    for figure in body["figures"].values():
        assert set(figure) == {"value", "unit", "formula"}
    assert len(body["rows"]) == body.get("found", 1) == 1
    assert "苗山" in str(body["scope"])


@pytest.mark.parametrize("path", PAGES)
def test_every_format_holds_the_same(desk: FlaskClient, path: str) -> None:
    answers = {kind: desk.get(f"{path}?format={kind}") for kind in FORMATS}

    for kind in ("csv", "xlsx", "pdf"):
        name = answers[kind].headers["Content-Disposition"]
        assert re.search(f"filename={PAGES[path]}_20.*[.]{kind}$", name)
    lines = table_of(answers["csv"])
    assert list(map(plain, filter(None, lines))) == sheets_of(answers["xlsx"])
    body = answers["json"].get_json()
    [program] = body["rows"]
    slugs = [name for name in program if name.endswith("_slug")]
    assert len(lines[0]) == len(program) - len(slugs)
    for name, figure in body["figures"].items():
        [line] = [line for line in lines if line[3:] == [name]]
        assert line[2] == figure["formula"]
    paper = paper_of(answers["pdf"])
    assert "数据截至" in paper
    assert lines[1][path == "/coop/income"].removeprefix("'") in paper


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/coop/refunds", "原因"),
        ("/coop/income/vouchers", "摘要"),
        ("/coop/income/employment", "姓名"),
        ("/training/records", "内容"),
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
    text = text_of(desk.get(f"/coop/orders?q=13700000001&format={kind}"), kind)
    assert "137****0001" in text
    assert "王**" in text
    assert "13700000001" not in text
    assert "王小明" not in text


def test_figures_are_those_of_the_whole_filter(
    app: Flask, desk: FlaskClient, place: Place, charlie: Person
) -> None:
    with writing(app):
        write_records(place, charlie, 2)

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
    assert values("/training/records?") == {"records": 2, "hours": 8}
    assert values("/training/records?kind=practice&") == {"records": 0, "hours": 0}


@pytest.mark.parametrize("path", PAGES)
def test_days_narrow_every_list(desk: FlaskClient, path: str) -> None:
    past = "from=2001-01-01&to=2001-01-31"
    body = desk.get(f"{path}?{past}&format=json").get_json()
    assert (body["from"], body["to"]) == ("2001-01-01", "2001-01-31")
    assert body["rows"] == []
    assert desk.get(f"{path}?{past}").status_code == 200
    for kind in ("csv", "xlsx"):
        answer = desk.get(f"{path}?{past}&format={kind}")
        assert answer.status_code == 200
        assert "2001-01-01_2001-01-31" in answer.headers["Content-Disposition"]
    day = today().isoformat()
    if path not in OF_MARCH:
        body = desk.get(f"{path}?from={day}&to={day}&format=json").get_json()
        assert len(body["rows"]) == 1


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


@pytest.mark.parametrize(
    "address",
    [
        "/coop/orders?state=nonsense",
        "/coop/orders?method=nonsense",
        "/coop/refunds?tab=nonsense",
        "/training/records?kind=nonsense",
    ],
)
def test_a_choice_that_there_is_not_is_refused(desk: FlaskClient, address: str) -> None:
    """All rows under a filter that was not understood would be wrong figures."""
    page = desk.get(address)
    assert page.status_code == 422
    assert 'id="errors"' in page.text
    assert desk.get(f"{address}&format=json").status_code == 422


@pytest.mark.parametrize("path", PAGES)
def test_no_name_in_the_address_breaks_the_links(desk: FlaskClient, path: str) -> None:
    names = ("endpoint", "_external", "_scheme", "_anchor", "_method", "page")
    for name in names:
        answer = desk.get(path, query_string={name: 'x&"<i>'})
        assert answer.status_code == 200
        assert '"<i>' not in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_another_place_reads_nothing(
    browser_of: Browser, bob: Person, records: str, path: str
) -> None:
    other = browser_of(bob)
    for kind in QUICK if path != "/coop/income" else FORMATS:
        answer = other.get(f"{path}?format={kind}")
        assert answer.status_code == 200
        assert records not in text_of(answer, kind)
        assert FORMULA not in text_of(answer, kind)
    assert other.get(f"{path}?format=json").get_json()["rows"] == []


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
            write_records(place, charlie, serial)
    assert cost() == few <= 16


class Numbers(Listing):
    """As many numbers as the address says."""

    name, title, template = "numbers", "数", "layouts/report.html"
    columns = (Column("number", "数", "number", get=lambda row: row),)

    def find(self, page: int, per_page: int) -> Page[int]:
        total = int(request.args["total"])
        first = (page - 1) * per_page
        return Page(range(first, min(first + per_page, total)), page, per_page, total)


def test_a_list_that_was_cut_says_so(app: Flask) -> None:
    with app.test_request_context(f"/?format=csv&total={MOST_ROWS + 1}"):
        numbers = Numbers(Filter())
        assert numbers.form.is_right
        assert (
            "一共 50,001 条，这里是最近的 50,000 条" in dict(numbers.facts)["没有列全"]
        )
        rows = numbers.json()["rows"]
        assert [row["number"] for row in rows] == list(range(MOST_ROWS))
        assert len(numbers.tables[0].on_paper({})[1]) == MOST_PRINTED
        assert "一共 50,001 条，这里印了前 1,000 条" in numbers.print_words

    with app.test_request_context(f"/?format=json&total={MOST_ROWS}"):
        numbers = Numbers(Filter())
        assert len(numbers.json()["rows"]) == MOST_IN_JSON < numbers.found

    with app.test_request_context(f"/?format=pdf&total={MOST_PRINTED}"):
        numbers = Numbers(Filter())
        assert numbers.form.is_right
        assert "没有列全" not in dict(numbers.facts)
        assert numbers.print_words == ""


@pytest.mark.parametrize("path", PAGES)
def test_every_list_is_read_in_english(desk: FlaskClient, path: str) -> None:
    desk.set_cookie("lang", "en")
    for kind in ("html", *FORMATS):
        assert desk.get(f"{path}?format={kind}").status_code == 200
