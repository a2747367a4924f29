"""One table as CSV that spreadsheets open right: UTF-8 with BOM, no live formulas."""

import csv
import io
from collections.abc import Iterator, Sequence

from integrations.exports.document import Cell, ColumnKind, Table

BOM = "\ufeff"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_csv(table: Table, facts: Sequence[tuple[str, str]] = ()) -> bytes:
    """The table with its headings and totals; `facts` follow after an empty line.

    Text that a spreadsheet would run as a formula gets an apostrophe in front;
    negative numbers stay numbers.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_safe(column.heading) for column in table.columns])
    writer.writerows(_rows(table))
    if facts:
        writer.writerow([])
        writer.writerows([_safe(name), _safe(value)] for name, value in facts)
    return (BOM + text.getvalue()).encode()


def plain_number(value: int, kind: ColumnKind) -> str:
    """A number as programs read it: fen 123450 → 1234.50, grams 2250 → 4.5."""
    if kind is ColumnKind.COUNT:
        return str(value)
    sign, size = ("-", -value) if value < 0 else ("", value)
    if kind is ColumnKind.YUAN:
        return f"{sign}{size // 100}.{size % 100:02d}"
    jin, thousandths = divmod(size * 2, 1000)
    return f"{sign}{jin}.{thousandths:03d}".rstrip("0").rstrip(".")


def _rows(table: Table) -> Iterator[list[str]]:
    rows = [*table.rows, table.foot] if table.foot else table.rows
    for index, row in enumerate(rows):
        yield [
            _written(cell, table.kind_at(index, place))
            for place, cell in enumerate(row)
        ]


def _written(cell: Cell, kind: ColumnKind) -> str:
    if cell is None:
        return ""
    return plain_number(cell, kind) if isinstance(cell, int) else _safe(cell)


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
