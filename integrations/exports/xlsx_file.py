"""A document as a workbook: a sheet a table, numbers as numbers, text as text."""

import re
from collections.abc import Sequence
from itertools import chain, islice
from tempfile import TemporaryDirectory
from typing import IO, Any

import xlsxwriter

from core.charts.scale import text_width
from integrations.exports.document import Cell, CellKind, Document, Sheet

PATTERNS = {
    CellKind.YUAN: "#,##0.00",
    CellKind.JIN: "#,##0.###",
    CellKind.COUNT: "#,##0",
}
PARTS_OF_ONE = {CellKind.YUAN: 100, CellKind.JIN: 500, CellKind.COUNT: 1}
HEAD = {"bold": True, "bg_color": "#F4EBDC", "bottom": 1}
FOOT = {"bold": True, "top": 1}
NARROWEST, WIDEST = 9, 60
MEASURED = 200
SHEET_NAME_LENGTH = 31


def write_xlsx(document: Document, file: IO[bytes]) -> None:
    """Write the workbook: a sheet a table, and one that says what it is about.

    Headings and first columns stay in sight when a sheet is scrolled. Rows go to
    disk as they come, so that memory does not grow with them.
    """
    with TemporaryDirectory(prefix="tianbo-xlsx-") as folder:
        options = {"constant_memory": True, "tmpdir": folder}
        book = xlsxwriter.Workbook(file, options)
        book.set_properties({"title": document.title})
        formats = _formats(book)
        for sheet in document.sheets:
            _write_sheet(book.add_worksheet(_sheet_name(sheet.name)), sheet, formats)
        _write_facts(book.add_worksheet(_sheet_name(document.about)), document, formats)
        book.close()


def _sheet_name(name: str) -> str:
    """A name that spreadsheets accept: 31 characters, none of []:*?/\\."""
    return re.sub(r"[\[\]:*?/\\]", " ", name)[:SHEET_NAME_LENGTH].strip("' ")


def _formats(book: Any) -> dict[Any, Any]:
    made: dict[Any, Any] = {
        "head": book.add_format({**HEAD, "text_wrap": True, "valign": "top"}),
        "bold": book.add_format({"bold": True}),
        CellKind.TEXT: book.add_format({"text_wrap": True, "valign": "top"}),
        (CellKind.TEXT, "foot"): book.add_format(FOOT),
    }
    for kind, pattern in PATTERNS.items():
        look = {"num_format": pattern, "valign": "top"}
        made[kind] = book.add_format(look)
        made[kind, "foot"] = book.add_format({**look, **FOOT})
    return made


def _write_sheet(page: Any, sheet: Sheet, formats: dict[Any, Any]) -> None:
    rows = iter(sheet.rows)
    first = list(islice(rows, MEASURED))
    for place, head in enumerate(sheet.heads):
        page.set_column(place, place, _width(sheet, first, place))
        page.write_string(0, place, head.heading, formats["head"])
    page.freeze_panes(1, 1)
    count = 0
    for count, row in enumerate(chain(first, rows), start=1):
        for place, cell in enumerate(row):
            kind = sheet.kind_at(count - 1, place)
            _write_cell(page, (count, place), cell, kind, formats[kind])
    if count:
        page.autofilter(0, 0, count, len(sheet.heads) - 1)
    for place, cell in enumerate(sheet.foot):
        kind = sheet.heads[place].kind
        _write_cell(page, (count + 1, place), cell, kind, formats[kind, "foot"])


def _write_cell(
    page: Any, spot: tuple[int, int], cell: Cell, kind: CellKind, look: Any
) -> None:
    """Text as text, whatever it looks like: write() would run "=…" as a formula."""
    if isinstance(cell, int):
        page.write_number(*spot, cell / PARTS_OF_ONE[kind], look)
    elif cell is not None:
        page.write_string(*spot, cell, look)


def _write_facts(page: Any, document: Document, formats: dict[Any, Any]) -> None:
    page.set_column(0, 0, 16)
    page.set_column(1, 1, WIDEST)
    page.write_string(0, 0, document.title, formats["bold"])
    for index, (name, value) in enumerate(document.facts, start=1):
        page.write_string(index, 0, name, formats[CellKind.TEXT])
        page.write_string(index, 1, value, formats[CellKind.TEXT])


def _width(sheet: Sheet, rows: Sequence[Sequence[Cell]], place: int) -> int:
    """Enough for the widest text of the first rows; money gets room for millions."""
    head = sheet.heads[place]
    texts = [cell for row in rows if isinstance(cell := row[place], str)]
    longest = max(map(text_width, [head.heading, *texts]))
    room = 14 if head.kind is not CellKind.TEXT else NARROWEST
    return min(max(longest + 2, room), WIDEST)
