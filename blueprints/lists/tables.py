"""Rows under columns, as each format shows them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from blueprints.lists.columns import Column, On, Sum, cell, plain, text
from core.i18n import gettext as _
from integrations.exports.document import Cell, CellKind, Head, Sheet

MOST_PRINTED = 1_000
"""Laying out a printed row takes up to 15 ms, and a quarter of a megabyte."""

Macros = Mapping[str, Callable[..., Any]]
Drawn = tuple[Sequence[tuple[str, str]], Sequence[Sequence[Any]], Sequence[Any]]
"""Columns, rows and the last row, as the macro data_table takes them."""


@dataclass(frozen=True)
class Table:
    """name: in JSON and in `?table=`; rows: perhaps to be read only once.

    totals: by column's name, for a last row.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Iterable[Any]
    totals: Mapping[str, int] = field(default_factory=dict)

    def json(self) -> list[dict[str, Any]]:
        """The rows for programs."""
        columns = self._on(On.JSON)
        return [
            {one.name: plain(one.value(row)) for one in columns} for row in self.rows
        ]

    def sheet(self) -> Sheet:
        """The table in CSV and XLSX."""
        columns = self._on(On.SHEET)
        return Sheet(
            self.title,
            [Head(one.heading(On.SHEET), one.kind) for one in columns],
            ([cell(one.said(row)) for one in columns] for row in self.rows),
            self._foot(columns, lambda value, _kind: value),
        )

    def on_page(self, macros: Macros, looks: Macros) -> Drawn:
        """The table on a page.

        macros: by column's name, what draws a cell of a row; looks: what draws any
        `badge(text, tone)` and `link(column, href, text, about)`.
        """
        return self._drawn(On.PAGE, self.rows, macros, looks)

    def on_paper(self, macros: Macros) -> Drawn:
        """The first rows of the table in a printed document."""
        return self._drawn(On.PAPER, islice(self.rows, MOST_PRINTED), macros, {})

    def _drawn(
        self, place: On, rows: Iterable[Any], macros: Macros, looks: Macros
    ) -> Drawn:
        columns = self._on(place)

        def drawn(column: Column, row: Any) -> Any:
            if column.name in macros:
                return macros[column.name](row)
            said = column.said(row)
            words = text(said if place is On.PAGE else cell(said), column.kind)
            if not looks or not words:
                return words
            if column.link:
                about = text(columns[0].said(row))
                return looks["link"](column, column.link(row), words, about)
            tone = column.tone(row)
            return looks["badge"](words, tone) if tone else words

        heads = [
            (one.heading(place), one.cls or ("num" if one.unit else ""))
            for one in columns
        ]
        cells = [[drawn(one, row) for one in columns] for row in rows]
        return heads, cells, self._foot(columns, text)

    def _on(self, place: On) -> Sequence[Column]:
        return [one for one in self.columns if place in one.on]

    def _foot(
        self, columns: Sequence[Column], write: Callable[[int, CellKind], Any]
    ) -> list[Any]:
        if not self.totals:
            return []
        sums = [
            write(self.totals[one.name], one.kind) if one.name in self.totals else ""
            for one in columns[1:]
        ]
        return [_("合计"), *sums]


def sums_sheet(sums: Sequence[Sum], totals: Mapping[str, int]) -> Sheet:
    """Each sum with its formula."""
    heads = (_("数字"), _("数值"), _("怎么算的"), _("字段"))
    kinds = (CellKind.TEXT, CellKind.YUAN, CellKind.TEXT, CellKind.TEXT)
    rows: list[list[Cell]] = [
        [one.heading(On.SHEET), totals[one.name], _(one.formula), one.name]
        for one in sums
    ]
    return Sheet(
        _("数字和算法"),
        list(map(Head, heads, kinds)),
        rows,
        kinds=[s.kind for s in sums],
    )
