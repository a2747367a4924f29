"""A document as CSV that spreadsheets open right: UTF-8, BOM, no live formulas."""

import csv
import io
from collections.abc import Iterator
from itertools import chain
from typing import IO

from integrations.exports.document import Cell, CellKind, Document, Sheet

BOM = "\ufeff"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_csv(document: Document, file: IO[bytes]) -> None:
    """Write the tables one under the other, then the facts, an empty line between them.

    The first line holds the headings of the first sheet. Text that a spreadsheet
    would run as a formula gets an apostrophe in front; negative numbers stay numbers.
    """
    text = io.TextIOWrapper(file, "utf-8", newline="")
    text.write(BOM)
    writer = csv.writer(text, lineterminator="\r\n")
    for sheet in document.sheets:
        writer.writerow([_safe(head.heading) for head in sheet.heads])
        writer.writerows(_rows(sheet))
        writer.writerow([])
    writer.writerows([_safe(name), _safe(value)] for name, value in document.facts)
    text.detach()


def plain_number(value: int, kind: CellKind) -> str:
    """A number as programs read it: fen 123450 → 1234.50, grams 2250 → 4.5."""
    if kind is CellKind.COUNT:
        return str(value)
    sign, size = ("-", -value) if value < 0 else ("", value)
    if kind is CellKind.YUAN:
        return f"{sign}{size // 100}.{size % 100:02d}"
    jin, thousandths = divmod(size * 2, 1000)
    return f"{sign}{jin}.{thousandths:03d}".rstrip("0").rstrip(".")


def _rows(sheet: Sheet) -> Iterator[list[str]]:
    feet = [sheet.foot] if sheet.foot else []
    for index, row in enumerate(chain(sheet.rows, feet)):
        yield [
            _written(cell, sheet.kind_at(index, place))
            for place, cell in enumerate(row)
        ]


def _written(cell: Cell, kind: CellKind) -> str:
    if cell is None:
        return ""
    return plain_number(cell, kind) if isinstance(cell, int) else _safe(cell)


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
