"""Lists of records that answer as files too: what a column holds is said once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from blueprints.exports import (
    ReportFormat,
    csv_answer,
    json_answer,
    pdf_answer,
    xlsx_answer,
)
from core.clock import SHANGHAI
from core.i18n import gettext as _
from core.pages.filters import jin_plain, local_date, yuan_plain
from domain.periods import Period
from integrations.exports.document import Cell, Column, ColumnKind, Document, Table

MOST_ROWS = 10_000
MOST_PRINTED = 300
"""Laying out a printed row takes 15 ms and a third of a megabyte."""
KINDS = {"fen": ColumnKind.YUAN, "g": ColumnKind.JIN}


@dataclass(frozen=True)
class Field:
    """A column of a list.

    name: in JSON; heading: Chinese source text; value: what programs read of a row;
    words: what people read of it, else the value.
    """

    name: str
    heading: str
    value: Callable[[Any], Any]
    kind: ColumnKind = ColumnKind.TEXT
    words: Callable[[Any], Cell] | None = None

    def cell(self, row: Any) -> Cell:
        """What people read of a row."""
        found: Cell = (self.words or self.value)(row)
        return found


@dataclass(frozen=True)
class Total:
    """A figure of the whole list; label and formula are Chinese source text.

    unit: "fen", "g", or what is counted.
    """

    name: str
    label: str
    value: int
    unit: str
    formula: str

    @property
    def kind(self) -> ColumnKind:
        """How people read the value."""
        return KINDS.get(self.unit, ColumnKind.COUNT)


@dataclass(frozen=True)
class ListReport:
    """A list as it stands in a file.

    name: of the file; about: what was chosen, as names and values; scope: the same
    for programs; found: how many rows there are, of which `rows` are the first.
    """

    name: str
    title: str
    as_of: datetime
    period: Period | None
    scope: Mapping[str, Any]
    about: Sequence[tuple[str, str]]
    fields: Sequence[Field]
    rows: Sequence[Any]
    found: int
    totals: Sequence[Total]

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        """Period, choices, totals and the moment of reading, in words."""
        left_out = [(_("没有列全"), self.cut_words)] if self.cut_words else []
        return (
            (_("期间"), span_words(self.period)),
            *self.about,
            *((_(one.label), shown(one.value, one.kind)) for one in self.totals),
            (_("数据截至"), moment_words(self.as_of)),
            *left_out,
        )

    @property
    def cut_words(self) -> str:
        """That rows are missing, and what to do; empty when none are."""
        if self.found <= len(self.rows):
            return ""
        words = _(
            "一共 %(found)s 条，这里是最近的 %(shown)s 条。请把期间选短，分几次下载。",
            found=f"{self.found:,}",
            shown=f"{len(self.rows):,}",
        )
        return str(words)

    @property
    def headings(self) -> Sequence[tuple[str, str]]:
        """Headings for the table macro."""
        return [
            (_(field.heading), "" if field.kind is ColumnKind.TEXT else "num")
            for field in self.fields
        ]

    @property
    def printed(self) -> Sequence[Sequence[str]]:
        """The rows that a document on paper holds, as text."""
        return [
            [shown(field.cell(row), field.kind) for field in self.fields]
            for row in self.rows[:MOST_PRINTED]
        ]

    @property
    def print_words(self) -> str:
        """That paper holds fewer rows than there are; empty when it holds all."""
        if self.found <= MOST_PRINTED:
            return ""
        words = _(
            "一共 %(found)s 条，这里印了最近的 %(shown)s 条；更多的请下载 Excel 表格。",
            found=f"{self.found:,}",
            shown=f"{MOST_PRINTED:,}",
        )
        return str(words)


def list_answer(wanted: ReportFormat, report: ListReport) -> ResponseReturnValue:
    """The list in a format that is not a page."""
    if wanted is ReportFormat.JSON:
        return json_answer(list_json(report))
    name = _file_name(report)
    if wanted is ReportFormat.PDF:
        as_of = _("数据截至 %(moment)s", moment=moment_words(report.as_of))
        html = render_template("print/list.html", report=report, as_of=as_of)
        return pdf_answer(html, name)
    document = list_document(report)
    if wanted is ReportFormat.XLSX:
        return xlsx_answer(document, name)
    return csv_answer(document, name)


def list_json(report: ListReport) -> dict[str, Any]:
    """The list as the contract's JSON: fen and counts as integers."""
    return {
        "as_of": local_iso(report.as_of),
        "from": report.period.first.isoformat() if report.period else None,
        "to": report.period.last.isoformat() if report.period else None,
        "scope": dict(report.scope),
        "figures": {
            one.name: {
                "value": one.value,
                "unit": one.unit,
                "formula": _(one.formula),
            }
            for one in report.totals
        },
        "found": report.found,
        "rows": [
            {field.name: field.value(row) for field in report.fields}
            for row in report.rows
        ],
    }


def list_document(report: ListReport) -> Document:
    """The list as a document of one table."""
    columns = [Column(_(field.heading), field.kind) for field in report.fields]
    rows = [[field.cell(row) for field in report.fields] for row in report.rows]
    return Document(
        title=report.title,
        about=_("说明"),
        facts=report.facts,
        tables=(Table(report.title, columns, rows),),
    )


def shown(cell: Cell, kind: ColumnKind) -> str:
    """A cell as people read it on a page."""
    if not isinstance(cell, int):
        return cell or ""
    if kind is ColumnKind.YUAN:
        return yuan_plain(cell)
    return jin_plain(cell) if kind is ColumnKind.JIN else f"{cell:,}"


def span_words(period: Period | None) -> str:
    """A period's first and last day, or that there is no end to it."""
    if period is None:
        return str(_("全部"))
    first, last = local_date(period.first), local_date(period.last)
    return str(_("%(first)s 至 %(last)s", first=first, last=last))


def moment_words(moment: datetime) -> str:
    """A moment to the minute, with its year."""
    local = moment.astimezone(SHANGHAI)
    return f"{local_date(local)} {local:%H:%M}"


def local_iso(moment: datetime) -> str:
    """A moment for programs, with the zone of Shanghai."""
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


def sortable(moment: datetime | date) -> str:
    """A day or moment as spreadsheets sort it."""
    if isinstance(moment, datetime):
        return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return moment.isoformat()


def _file_name(report: ListReport) -> str:
    if report.period is None:
        return f"{report.name}_{report.as_of.astimezone(SHANGHAI):%Y-%m-%d}"
    return f"{report.name}_{report.period.first}_{report.period.last}"
