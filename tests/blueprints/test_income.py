"""The income report's page and files, its drill-down, and who may open them."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta

import pypdf
import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.access import Grant
from core.clock import today
from domain.periods import Period
from domain.roles import Role, ScopeKind
from tests.support.books import Books
from tests.support.factories import Person, make_person
from tests.support.opening import open_books
from tests.support.people import writing
from tests.support.queries import count_queries

FIGURES = (
    "weight_g", "orders", "gross_fen", "refunds_fen", "freight_fen", "net_fen",
    "member_fen", "coop_fen", "village_operating_fen", "host_fen", "platform_fen",
    "psp_fee_fen",
)  # fmt: skip
PARTIES = FIGURES[6:]
OF_VILLAGES = (
    "village_other_operating_fen", "village_subsidy_fen", "people_employed",
    "wages_fen",
)  # fmt: skip
MARCH = "from=2026-03-01&to=2026-03-31"
STRANGE = ["", "0", "-1", "³", "１", "10" * 30, "%00", "\0", "<b>", "=1+1", "1'--"]

Browser = Callable[[Person], FlaskClient]


@pytest.fixture
def books(app: Flask) -> Books:
    """Two orders in March 2026, one partly refunded, and one in the village beside."""
    with writing(app):
        made = open_books()
        order = made.sell([("蜜薯", 4)], on=date(2026, 3, 10), fee_fen=619)
        made.refund(order, order.lines[0], 1, on=date(2026, 3, 20))
        made.sell([("大姜", 2), ("蜜薯", 1)], on=date(2026, 3, 12), fee_fen=90)
        made.sell([("山楂", 3)], on=date(2026, 3, 13))
        made.names = {
            "coop": made.cooperative.id,
            "village": made.villages[1].id,
            "number": order.number,
        }
    return made


@pytest.fixture
def keeper(app: Flask, books: Books) -> Person:
    """The cooperative's accountant."""
    with writing(app):
        grant = Grant(Role.ACCOUNTANT, ScopeKind.COOPERATIVE, books.names["coop"])
        return make_person("孙会计", grant)


@pytest.fixture
def secretary(app: Flask, books: Books) -> Person:
    """The first secretary of the village of ginger and hawthorn."""
    with writing(app):
        grant = Grant(Role.SECRETARY, ScopeKind.VILLAGE, books.names["village"])
        return make_person("刘书记", grant)


@pytest.fixture
def desk(keeper: Person, browser_of: Browser) -> FlaskClient:
    return browser_of(keeper)


def test_json_is_what_the_contract_says(desk: FlaskClient) -> None:
    body = desk.get(f"/coop/income?{MARCH}&format=json").get_json()

    assert {*FIGURES, "compensation_fen", *OF_VILLAGES} == set(body["figures"])
    assert body["figures"]["net_fen"]["unit"] == "fen"
    assert {row["village"] + row["product"] for row in body["rows"]} == {
        "苗山一村蜜薯",
        "五色崖村大姜",
    }
    totals = {name: body["figures"][name]["value"] for name in FIGURES}
    assert totals["net_fen"] == totals["gross_fen"] - totals["refunds_fen"] == 16_080
    assert sum(totals[name] for name in PARTIES) == totals["net_fen"]
    for table in (body["rows"], body["villages"]):
        for name in set(FIGURES) - {"orders"}:
            assert sum(row[name] for row in table) == totals[name]
        for row in table:
            assert sum(row[name] for name in PARTIES) == row["net_fen"]


def test_a_csv_file_holds_every_table_or_the_one_asked_for(desk: FlaskClient) -> None:
    path = f"/coop/income?{MARCH}&format="
    body = desk.get(f"{path}json").get_json()

    def tables(table: str = "") -> list[list[list[str]]]:
        text = desk.get(f"{path}csv&table={table}").data.decode("utf-8-sig")
        parts = text.split("\r\n\r\n")
        return [list(csv.reader(io.StringIO(part))) for part in parts]

    rows, villages, figures, facts = tables()
    assert rows[0][:3] == ["村", "商品", "销售重量（斤）"]
    assert [[line[1], cents(line[4]), cents(line[11])] for line in rows[1:-1]] == [
        [row["product"], row["gross_fen"], row["platform_fen"]] for row in body["rows"]
    ]
    column = villages[0].index("村集体补助（元）")
    assert [cents(line[column]) for line in villages[1:-1]] == [
        row["village_subsidy_fen"] for row in body["villages"]
    ]
    assert {line[3] for line in figures[1:]} == set(body["figures"])
    for name, alone in (("rows", rows), ("villages", villages), ("figures", figures)):
        assert tables(name) == [alone, facts]


def test_a_pdf_file_says_each_sum(desk: FlaskClient) -> None:
    answer = desk.get(f"/coop/income?{MARCH}&format=pdf")
    pdf = pypdf.PdfReader(io.BytesIO(answer.data))
    text = "".join(part.extract_text() for part in pdf.pages)
    body = desk.get(f"/coop/income?{MARCH}&format=json").get_json()
    for row in body["rows"]:
        assert f"{row['gross_fen'] / 100:,.2f}" in text


def cents(value: object) -> int:
    return round(float(str(value)) * 100)


def test_the_page_adds_up_and_shows_its_period(desk: FlaskClient) -> None:
    page = desk.get(f"/coop/income?{MARCH}")
    assert page.status_code == 200
    for words in (
        "五彩苗山合作社收入报表",
        "2026年3月1日 至 2026年3月31日",
        "数据截至",
        "五项合计 ¥160.80，就是销售额 ¥186.00 减去退款 ¥25.20。",
        "用表格看这些数字",
        "2 样合计 ¥160.80",
    ):
        assert words in page.text
    assert "<script>" not in page.text
    assert "style=" not in page.text


def test_the_usual_period_is_the_last_twelve_months(desk: FlaskClient) -> None:
    body = desk.get("/coop/income?format=json").get_json()
    first, last = date.fromisoformat(body["from"]), date.fromisoformat(body["to"])
    assert (first.day, last) == (1, today())
    assert len(list(Period(first, last).each_month())) == 12


def test_nothing_sold_says_so(desk: FlaskClient) -> None:
    page = desk.get("/coop/income?from=2001-01-01&to=2001-01-31")
    assert page.status_code == 200
    assert "这段时间还没有收入" in page.text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=2026-02-30", "请按 2026-11-24 这样的格式填日期。"),
        ("from=2026-03-31&to=2026-03-01", "开始日期晚于结束日期，请对调一下。"),
        ("to=1980-01-01", "这个日期不对，请核对年份。"),
    ],
)
def test_wrong_dates_are_said_and_kept(
    desk: FlaskClient, query: str, sentence: str
) -> None:
    page = desk.get(f"/coop/income?{query}&product=mishu")
    assert page.status_code == 422
    assert sentence in page.text
    typed = query.split("&", maxsplit=1)[0].split("=")[1]
    assert f'value="{typed}"' in page.text
    assert '<option value="mishu" selected>' in page.text
    body = desk.get(f"/coop/income?{query}&format=json")
    assert body.status_code == 422
    assert sentence in body.get_json()["message"]
    assert desk.get(f"/coop/income/orders?{query}").status_code == 422


@pytest.mark.parametrize("text", STRANGE)
def test_strange_addresses_are_never_a_failure(desk: FlaskClient, text: str) -> None:
    for name in ("from", "to", "village", "product", "cooperative", "format", "page"):
        for path in ("/coop/income", "/coop/income/orders", "/coop/income/vouchers"):
            answer = desk.get(path, query_string={name: text})
            assert answer.status_code in (200, 404, 422), (path, name, text)
    for path in (f"/coop/income/orders/{text}/postings", "/coop/income/orders/"):
        assert desk.get(path).status_code in (404, 308)


def test_fullwidth_dates_are_read(desk: FlaskClient) -> None:
    query = {"from": "２０２６-０３-０１", "to": "2026-03-31", "format": "json"}
    body = desk.get("/coop/income", query_string=query).get_json()
    assert body["from"] == "2026-03-01"


def test_files_name_whose_figures_they_are(
    desk: FlaskClient, secretary: Person, browser_of: Browser
) -> None:
    def facts(client: FlaskClient, more: str = "") -> dict[str, str]:
        answer = client.get(f"/coop/income?{MARCH}{more}&format=csv")
        lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
        return {line[0]: line[1] for line in lines if len(line) == 2}

    assert facts(desk)["合作社"] == "五彩苗山合作社"
    assert facts(desk)["村"] == "全部"
    assert facts(desk, "&village=wuseya")["村"] == "五色崖村"
    village = browser_of(secretary)
    assert facts(village)["村"] == "五色崖村"
    assert facts(village)["合作社"] == "五彩苗山合作社、南峪合作社"
    assert facts(village, "&cooperative=nanyu")["合作社"] == "南峪合作社"
    body = desk.get(f"/coop/income?{MARCH}&format=json").get_json()
    assert body["scope"]["cooperatives"] == [
        {"name": "五彩苗山合作社", "slug": "wucai"}
    ]


def test_who_may_open_the_report(
    client: FlaskClient, books: Books, browser_of: Browser, bob: Person, charlie: Person
) -> None:
    assert client.get("/coop/income").status_code == 303
    assert browser_of(charlie).get("/coop/income").status_code == 403
    elsewhere = browser_of(bob)
    assert elsewhere.get(f"/coop/income?{MARCH}").status_code == 200
    body = elsewhere.get(f"/coop/income?{MARCH}&format=json").get_json()
    assert body["rows"] == []
    for path in (
        "/coop/income?village=miaoshan-1",
        "/coop/income?product=mishu",
        "/coop/income?cooperative=wucai",
        f"/coop/income/orders/{books.names['number']}/postings",
    ):
        assert elsewhere.get(path).status_code == 404
    assert elsewhere.post("/coop/income").status_code == 405


def test_a_secretary_reads_the_own_village_of_every_cooperative(
    books: Books, secretary: Person, browser_of: Browser
) -> None:
    client = browser_of(secretary)
    body = client.get(f"/coop/income?{MARCH}&format=json").get_json()
    assert {row["product"] for row in body["rows"]} == {"大姜", "山楂"}
    assert client.get("/coop/income?village=miaoshan-1").status_code == 404
    assert client.get("/coop/income/vouchers").status_code == 200
    for path in ("employment", "employment/new", "vouchers/new"):
        assert client.get(f"/coop/income/{path}").status_code == 403
    assert "employment" not in client.get("/coop/income").text
    hidden = f"/coop/income/orders/{books.names['number']}/postings"
    assert client.get(hidden).status_code == 404


def test_a_row_leads_to_its_orders_and_an_order_to_its_postings(
    books: Books, desk: FlaskClient
) -> None:
    page = desk.get(f"/coop/income?{MARCH}").text
    assert "village=miaoshan-1&amp;product=mishu" in page
    number = books.names["number"]
    orders = desk.get(f"/coop/income/orders?{MARCH}&village=miaoshan-1&product=mishu")
    assert number in orders.text
    assert "100.80" in orders.text
    postings = desk.get(f"/coop/income/orders/{number}/postings")
    for words in ("送达分账", "应付农户 吴家", "合作社公积", "支付手续费"):
        assert words in postings.text


def test_the_report_costs_the_same_however_much_was_sold(
    app: Flask, books: Books, desk: FlaskClient
) -> None:
    path = f"/coop/income?{MARCH}"
    desk.get(path)
    with app.app_context(), count_queries() as few:
        desk.get(path)
    with writing(app) as session:
        for product in books.products.values():
            session.add(product)
        session.add_all([books.cooperative, books.alliance, *books.farmers])
        for day in range(1, 12):
            books.sell([("大姜", day)], on=date(2026, 3, day))
    with app.app_context(), count_queries() as many:
        desk.get(path)
    assert len(many) == len(few) <= 20


def test_long_and_short_periods_have_their_own_columns(desk: FlaskClient) -> None:
    soon = MARCH.replace("31", "02")
    assert desk.get(f"/coop/income?{soon}").status_code == 200
    assert "3/12" in desk.get(f"/coop/income?{MARCH}").text
    assert "26/03" in desk.get("/coop/income?from=2025-10-01&to=2026-05-31").text
    years = desk.get("/coop/income?from=2000-01-01&to=2099-12-31")
    assert years.status_code == 200
    assert "2026" in years.text
    last = (today() + timedelta(days=400)).isoformat()
    assert desk.get(f"/coop/income?from=2026-01-01&to={last}").status_code == 200
