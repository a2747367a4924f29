"""Report files, read back: numbers as numbers, text as text, nothing from outside."""

import csv
import io
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO

import openpyxl
import pypdf
import pytest
from weasyprint.urls import URLFetchingError

from integrations.exports.csv_file import BOM, plain_number, write_csv
from integrations.exports.document import Cell, CellKind, Document, Head, Sheet
from integrations.exports.pdf_file import PAGE_URL, StaticFiles
from integrations.exports.pdf_process import Limits, TooLargeToPrint, print_pdf
from integrations.exports.xlsx_file import write_xlsx

STATIC = Path(__file__).resolve().parent.parent.parent / "static"
FORMULAS = ("=1+1", "+1", "-1", "@sum", "\tx", "＝1+1")
ROWS: list[list[Cell]] = [["蜜薯", -46_800, 2_250, 3]]
ROWS += [[text, 1, 0, 0] for text in FORMULAS]
SHEET = Sheet(
    "村和商品",
    [
        Head("商品"),
        Head("金额（元）", CellKind.YUAN),
        Head("重量（斤）", CellKind.JIN),
        Head("订单", CellKind.COUNT),
    ],
    ROWS,
    ["合计", 123_456_789, 5, 1_000],
)
DOCUMENT = Document("收入报表", "说明", [("期间", "=今年"), ("村", "全部")], [SHEET])


def written(write: Callable[[Document, IO[bytes]], None], document: Document) -> bytes:
    file = io.BytesIO()
    write(document, file)
    return file.getvalue()


def read_csv(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


def test_csv_opens_in_spreadsheets_and_runs_no_formula() -> None:
    body = written(write_csv, DOCUMENT)
    rows = read_csv(body)

    assert body.startswith(BOM.encode())
    assert rows[0] == ["商品", "金额（元）", "重量（斤）", "订单"]
    assert rows[1] == ["蜜薯", "-468.00", "4.5", "3"]
    assert [row[0] for row in rows[2:8]] == [f"'{text}" for text in FORMULAS]
    assert rows[8] == ["合计", "1234567.89", "0.01", "1000"]
    assert rows[9:] == [[], ["期间", "'=今年"], ["村", "全部"]]


def test_csv_holds_every_table_one_under_the_other() -> None:
    beside = Sheet("各村", [Head("村"), Head("人", CellKind.COUNT)], [["南峪村", 7]])
    rows = read_csv(written(write_csv, replace(DOCUMENT, sheets=[SHEET, beside])))

    assert rows[8:13] == [
        ["合计", "1234567.89", "0.01", "1000"],
        [],
        ["村", "人"],
        ["南峪村", "7"],
        [],
    ]
    assert rows[13:] == [["期间", "'=今年"], ["村", "全部"]]


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (0, CellKind.YUAN, "0.00"),
        (-5, CellKind.YUAN, "-0.05"),
        (10**12, CellKind.YUAN, "10000000000.00"),
        (1, CellKind.JIN, "0.002"),
        (-1_000, CellKind.JIN, "-2"),
        (-7, CellKind.COUNT, "-7"),
    ],
)
def test_numbers_are_written_exactly(value: int, kind: CellKind, text: str) -> None:
    assert plain_number(value, kind) == text


def test_a_workbook_keeps_numbers_numbers_and_text_text() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(write_xlsx, DOCUMENT)))
    sheet = book["村和商品"]

    assert book.sheetnames == ["村和商品", "说明"]
    assert [cell.value for cell in sheet[2]] == ["蜜薯", -468, 4.5, 3]
    assert [sheet.cell(row, 1).value for row in range(3, 9)] == [*FORMULAS]
    assert {sheet.cell(row, 1).data_type for row in range(2, 10)} == {"s"}
    assert sheet["B9"].value == 1234567.89
    assert sheet["B9"].number_format == "#,##0.00"
    assert sheet.freeze_panes == "B2"
    assert [cell.value for cell in book["说明"][2]] == ["期间", "=今年"]


@pytest.mark.parametrize("name", ["a/b:c*d?e[f]", "很长" * 20, "'quoted'"])
def test_any_table_name_becomes_a_sheet(name: str) -> None:
    document = Document("x", "说明", [], [Sheet(name, SHEET.heads, [])])
    book = openpyxl.load_workbook(io.BytesIO(written(write_xlsx, document)))
    assert len(book.sheetnames) == 2


def test_a_pdf_holds_chinese_text_and_page_numbers() -> None:
    html = (
        "<html lang=zh-CN><head><title>收入报表</title>"
        '<link rel="stylesheet" href="/static/css/print.css?v=1"></head>'
        '<body><p>农户所得 1,234.50</p><img src="/static/img/logo.svg" alt=""></body>'
    )
    with io.BytesIO() as file:
        print_pdf(html, STATIC, file)
        pdf = pypdf.PdfReader(file)
        check_page(pdf)


@pytest.mark.parametrize(
    "limits", [Limits(memory=60 * 1024 * 1024), Limits(seconds=1)], ids=repr
)
def test_a_pdf_that_takes_too_much_is_given_up(limits: Limits) -> None:
    row = f"<tr>{'<td>蜜薯 5 斤</td>' * 8}</tr>"
    html = f"<html lang=zh-CN><body><table>{row * 2_000}</table>"
    with io.BytesIO() as file, pytest.raises(TooLargeToPrint):
        print_pdf(html, STATIC, file, limits)


def test_who_draws_knows_no_keys(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It reads words that people typed, and is given nothing else."""
    monkeypatch.setenv("SECRET_KEY", "secret")
    environment = tmp_path / "env"
    environment.write_text("#!/bin/sh\nenv\n")
    environment.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(environment))
    with io.BytesIO() as file:
        print_pdf("<p>", STATIC, file)
        assert b"SECRET" not in file.getvalue()


def check_page(pdf: pypdf.PdfReader) -> None:
    page = pdf.pages[0]
    assert "农户所得" in page.extract_text()
    assert "1 / 1" in page.extract_text()
    assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/static/css/print.css",
        "http://127.0.0.1/static/css/print.css",
        "file:///etc/passwd",
        f"{PAGE_URL}static/../pyproject.toml",
        f"{PAGE_URL}static/%2e%2e/pyproject.toml",
        f"{PAGE_URL}elsewhere/print.css",
        "data:text/plain,hello",
    ],
)
def test_a_pdf_fetches_nothing_but_our_static_files(address: str) -> None:
    with pytest.raises((ValueError, URLFetchingError, OSError)):
        StaticFiles(STATIC).fetch(address)


def test_our_static_files_are_found_with_their_version() -> None:
    answer = StaticFiles(STATIC).fetch(f"{PAGE_URL}static/css/print.css?v=abc")
    assert b"@page" in answer.read()
