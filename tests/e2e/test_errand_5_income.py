"""Errand 5: the accountant reads, follows, downloads and prints the income report."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.steps import demo_log_in
from tests.support.browser import Visitor
from tests.support.browser_fixtures import demo_house
from tests.support.house import House

A4_LANDSCAPE = {"width": 1032, "height": 720}
SLOW_MS = 30_000
PARTS = ("销售额", "退款", "净额", "农户", "合作社", "村集体", "联盟主播", "平台")
MONEY = (
    "gross_fen",
    "refunds_fen",
    "net_fen",
    "member_fen",
    "coop_fen",
    "village_operating_fen",
    "host_fen",
    "platform_fen",
    "psp_fee_fen",
)


@pytest.fixture(scope="module")
def live_server(
    demo_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """The demo district: two years of sales of a dozen products."""
    with demo_house(demo_template, tmp_path_factory) as house:
        yield house


@pytest.fixture
def desk(new_visitor: Callable[..., Visitor]) -> Page:
    """The accountant at the income report of last year."""
    page = demo_log_in(new_visitor(width=1440).page, "合作社会计")
    page.goto("/coop/income")
    page.get_by_role("link", name="去年").click()
    expect(page.get_by_role("link", name="去年")).to_have_attribute(
        "aria-current", "true"
    )
    return page


def test_figures_lead_to_orders_and_orders_to_postings(desk: Page) -> None:
    desk.get_by_label("村", exact=True).select_option("五色崖村")
    desk.get_by_role("button", name="查看").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("五色崖村收入报表")
    report = desk.get_by_role("table", name="各村各样商品")
    rows = report.locator("tbody tr")
    expect(rows.locator("small").filter(has_not_text="五色崖村")).to_have_count(0)
    sold = by_heading(report, rows.first)

    rows.first.get_by_role("link").click()
    orders = desk.get_by_role("table", name="背后的订单")
    expect(orders).to_be_visible()
    summed = by_heading(orders, foot_of(orders))
    assert {name: summed[name] for name in PARTS} == {
        name: sold[name] for name in PARTS
    }

    orders.get_by_role("link", name="看分录").first.click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("的分录")
    expect(desk.get_by_role("table", name="送达分账")).to_be_visible()
    for table in desk.get_by_role("table").all():
        assert column_fen(table, 2) == column_fen(table, 3)


def test_charts_have_their_numbers_beside_them(desk: Page) -> None:
    over_time = desk.get_by_role("region", name="销售净额去向").first
    over_time.get_by_text("用表格看这些数字").click()
    months = over_time.get_by_role("table").locator("tbody tr")
    expect(months).to_have_count(12)

    parts = desk.get_by_role("region", name="每一块钱去了哪里")
    for party in ("农户", "村集体", "合作社", "联盟", "平台"):
        part = parts.get_by_role("listitem").filter(has_text=party)
        expect(part).to_contain_text(re.compile(r"[\d,]+\.\d\d 元"))


def test_every_format_has_the_same_numbers(desk: Page) -> None:
    report = read_json(desk)
    figures = {name: report["figures"][name]["value"] for name in MONEY}
    for name in MONEY:
        assert sum(row[name] for row in report["rows"]) == figures[name]
    assert figures["gross_fen"] - figures["refunds_fen"] == figures["net_fen"]
    assert sum(figures[name] for name in MONEY[3:]) == figures["net_fen"]

    shown = desk.get_by_role("table", name="各村各样商品")
    expect(shown.locator("tbody tr")).to_have_count(len(report["rows"]))
    net = yuan(figures["net_fen"])
    assert by_heading(shown, foot_of(shown))["净额"].replace(",", "") == net
    gross = {row["product"]: row["gross_fen"] for row in report["rows"]}
    assert gross_in_csv(desk) == gross
    assert gross_in_xlsx(desk) == gross
    assert net in text_of_pdf(desk).replace(",", "")


def test_the_report_prints_on_paper(desk: Page) -> None:
    net = yuan(read_json(desk)["figures"]["net_fen"]["value"])
    desk.set_viewport_size(A4_LANDSCAPE)  # type: ignore[arg-type] # a plain dict
    desk.emulate_media(media="print")

    expect(desk.get_by_role("navigation").first).to_be_hidden()
    expect(desk.get_by_role("button", name="打印")).to_be_hidden()
    expect(desk.get_by_role("link", name="Excel 表格")).to_be_hidden()
    expect(desk.get_by_role("table", name="各村各样商品")).to_be_visible()
    assert not desk.evaluate("() => document.documentElement.scrollWidth > innerWidth")
    paper = read_pdf(desk.pdf(prefer_css_page_size=True))
    assert "收入报表" in paper
    assert net in paper.replace(",", "")
    assert "合计" in paper


def foot_of(table: Locator) -> Locator:
    """The row of sums."""
    return table.locator("tfoot tr")


def by_heading(table: Locator, row: Locator) -> dict[str, str]:
    """A row's texts by the headings of their columns."""
    headings = table.locator("thead th").all_text_contents()
    texts = row.locator("th, td").all_text_contents()
    return dict(zip(headings, map(str.strip, texts), strict=True))


def column_fen(table: Locator, column: int) -> int:
    """The sum of a column of yuan, in fen."""
    texts = table.locator(f"tbody tr > :nth-child({column + 1})").all_text_contents()
    return sum(
        int(text.strip().replace(",", "").replace(".", "") or 0) for text in texts
    )


def yuan(fen: int) -> str:
    """Fen as they stand in files."""
    return f"{fen // 100}.{fen % 100:02d}"


def read_json(page: Page) -> Any:
    """The report as programs read it."""
    address = page.get_by_role("link", name="JSON").get_attribute("href")
    return page.request.get(str(address)).json()


def test_a_long_pdf_is_made_while_one_waits(desk: Page) -> None:
    """The page refreshes itself, by a worker's progress and without a script."""
    desk.goto("/coop/orders")
    desk.get_by_role("link", name="PDF 文件").click()
    expect(desk).to_have_url(re.compile("/exports$"))
    expect(desk.get_by_role("heading", level=1)).to_have_text("我的文件")
    expect(desk.get_by_role("link", name="下载")).to_be_visible(timeout=2 * SLOW_MS)

    pdf = pypdf.PdfReader(io.BytesIO(download(desk, "下载")))
    assert "订单收款" in pdf.pages[0].extract_text()
    assert len(pdf.pages) > 10


def download(page: Page, link: str) -> bytes:
    """The file behind a link."""
    with page.expect_download(timeout=SLOW_MS) as started:
        page.get_by_role("link", name=link).click(timeout=SLOW_MS)
    return Path(started.value.path()).read_bytes()


def gross_in_csv(page: Page) -> dict[str, int]:
    """Sales by product of the CSV file, in fen."""
    text = download(page, "CSV 明细").decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    column = lines[0].index("销售额（元）")
    sold = lines[1 : next(n for n, row in enumerate(lines) if row[0] == "合计")]
    return {row[1]: round(float(row[column]) * 100) for row in sold}


def gross_in_xlsx(page: Page) -> dict[str, int]:
    """Sales by product of the workbook's first table, in fen."""
    book = openpyxl.load_workbook(io.BytesIO(download(page, "Excel 表格")))
    rows = list(book["村和商品"].iter_rows(values_only=True))
    head = next(n for n, row in enumerate(rows) if "销售额（元）" in row)
    column = rows[head].index("销售额（元）")
    sold = (row for row in rows[head + 1 :] if row[0] not in (None, "合计"))
    return {str(row[1]): round(float(str(row[column])) * 100) for row in sold}


def text_of_pdf(page: Page) -> str:
    """What the PDF file says."""
    return read_pdf(download(page, "PDF 文件"))


def read_pdf(body: bytes) -> str:
    """The text of all pages."""
    pages = pypdf.PdfReader(io.BytesIO(body)).pages
    text = "\n".join(page.extract_text() for page in pages)
    return unicodedata.normalize("NFKC", text)  # some glyphs are read as radicals
