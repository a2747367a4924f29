"""A document as a workbook: a sheet a table, numbers as numbers, text as text."""

import io
import re
from typing import Any

import xlsxwriter

from core.charts.scale import text_width
from integrations.exports.document import Cell, ColumnKind, Document, Table

PATTERNS = {
    ColumnKind.YUAN: "#,##0.00",
    ColumnKind.JIN: "#,##0.###",
    ColumnKind.COUNT: "#,##0",
}
PARTS_OF_ONE = {ColumnKind.YUAN: 100, ColumnKind.JIN: 500, ColumnKind.COUNT: 1}
HEAD = {"bold": True, "bg_color": "#F4EBDC", "bottom": 1}
FOOT = {"bold": True, "top": 1}
NARROWEST, WIDEST = 9, 60
SHEET_NAME_LENGTH = 31


def write_xlsx(document: Document) -> bytes:
    """The workbook: a sheet a table, and one that says what it is about.

    Headings and first columns stay in sight when a sheet is scrolled.
    """
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"title": document.title})
    formats = _formats(book)
    for table in document.tables:
        _write_table(book.add_worksheet(_sheet_name(table.name)), table, formats)
    _write_facts(book.add_worksheet(_sheet_name(document.about)), document, formats)
    book.close()
    return file.getvalue()


def _sheet_name(name: str) -> str:
    """A name that spreadsheets accept: 31 characters, none of []:*?/\\."""
    return re.sub(r"[\[\]:*?/\\]", " ", name)[:SHEET_NAME_LENGTH].strip("' ")


def _formats(book: Any) -> dict[Any, Any]:
    made: dict[Any, Any] = {
        "head": book.add_format({**HEAD, "text_wrap": True, "valign": "top"}),
        "bold": book.add_format({"bold": True}),
        ColumnKind.TEXT: book.add_format({"text_wrap": True, "valign": "top"}),
        (ColumnKind.TEXT, "foot"): book.add_format(FOOT),
    }
    for kind, pattern in PATTERNS.items():
        look = {"num_format": pattern, "valign": "top"}
        made[kind] = book.add_format(look)
        made[kind, "foot"] = book.add_format({**look, **FOOT})
    return made


def _write_table(sheet: Any, table: Table, formats: dict[Any, Any]) -> None:
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, _width(table, place))
        sheet.write_string(0, place, column.heading, formats["head"])
    sheet.freeze_panes(1, 1)
    for index, row in enumerate(table.rows):
        for place, cell in enumerate(row):
            kind = table.kind_at(index, place)
            _write_cell(sheet, (index + 1, place), cell, kind, formats[kind])
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    for place, cell in enumerate(table.foot):
        kind = table.columns[place].kind
        spot = (len(table.rows) + 1, place)
        _write_cell(sheet, spot, cell, kind, formats[kind, "foot"])


def _write_cell(
    sheet: Any, spot: tuple[int, int], cell: Cell, kind: ColumnKind, look: Any
) -> None:
    """Text as text, whatever it looks like: write() would run "=…" as a formula."""
    if isinstance(cell, int):
        sheet.write_number(*spot, cell / PARTS_OF_ONE[kind], look)
    elif cell is not None:
        sheet.write_string(*spot, cell, look)


def _write_facts(sheet: Any, document: Document, formats: dict[Any, Any]) -> None:
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, WIDEST)
    sheet.write_string(0, 0, document.title, formats["bold"])
    for index, (name, value) in enumerate(document.facts, start=1):
        sheet.write_string(index, 0, name, formats[ColumnKind.TEXT])
        sheet.write_string(index, 1, value, formats[ColumnKind.TEXT])


def _width(table: Table, place: int) -> int:
    """Enough for the widest text; money gets room for millions."""
    column = table.columns[place]
    texts = [cell for row in table.rows[:200] if isinstance(cell := row[place], str)]
    longest = max(map(text_width, [column.heading, *texts]))
    room = 14 if column.kind is not ColumnKind.TEXT else NARROWEST
    return min(max(longest + 2, room), WIDEST)
