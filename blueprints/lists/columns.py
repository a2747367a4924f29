"""What the columns and sums of a list are: named, measured and worded once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Flag
from typing import Any

from core.clock import SHANGHAI
from core.errors import N_
from core.i18n import gettext as _
from core.pages.filters import (
    jin_plain,
    local_clock,
    local_date,
    local_time,
    yuan_plain,
)
from domain.states import Labelled
from integrations.exports.document import Cell, CellKind

UNITS = {
    "": (CellKind.TEXT, ""),
    "number": (CellKind.COUNT, ""),
    "fen": (CellKind.YUAN, N_("元")),
    "g": (CellKind.JIN, N_("斤")),
    "orders": (CellKind.COUNT, N_("单")),
    "refunds": (CellKind.COUNT, N_("笔")),
    "people": (CellKind.COUNT, N_("人")),
    "days": (CellKind.COUNT, N_("天")),
    "records": (CellKind.COUNT, N_("条")),
    "hours": (CellKind.COUNT, N_("课时")),
}
"""How what is counted is written, and the unit that people read."""


class On(Flag):
    """Where a column stands; SHEET is CSV and XLSX."""

    PAGE = 1
    PAPER = 2
    SHEET = 4
    JSON = 8
    DATA = SHEET | JSON
    FILES = PAPER | DATA
    ALL = PAGE | FILES


@dataclass(frozen=True)
class Column:
    """A column; label and short are Chinese source text.

    name: in JSON, and the row's attribute unless `get` reads it; unit: one of UNITS;
    words: what people read instead, by value or by row; short: the heading on page
    and paper; tones, link: on a page a badge's colour by value, and where a cell
    leads; cls: of the page's cells, as data_table knows them.
    """

    name: str
    label: str
    unit: str = ""
    get: Callable[[Any], Any] | None = None
    words: Mapping[Any, str] | Callable[[Any], Any] | None = None
    short: str = ""
    on: On = On.ALL
    cls: str = ""
    tones: Mapping[Any, str] | None = None
    link: Callable[[Any], str] | None = None

    @property
    def kind(self) -> CellKind:
        """What its cells hold."""
        return UNITS[self.unit][0]

    def heading(self, place: On) -> str:
        """The words above it, with the unit of what stands below."""
        if self.short and place not in On.DATA:
            return _(self.short)
        unit, label = UNITS[self.unit][1], _(self.label)
        return _("%(label)s（%(unit)s）", label=label, unit=_(unit)) if unit else label

    def value(self, row: Any) -> Any:
        """What programs read of a row."""
        return self.get(row) if self.get else getattr(row, self.name)

    def said(self, row: Any) -> Any:
        """What people read of a row."""
        if callable(self.words):
            return self.words(row)
        value = self.value(row)
        return _(self.words[value]) if self.words else value

    def tone(self, row: Any) -> str:
        """The colour of a badge that holds what is said; empty for plain text."""
        value = self.value(row)
        if self.tones:
            return self.tones[value]
        return value.tone if isinstance(value, Labelled) else ""


@dataclass(frozen=True)
class Sum(Column):
    """A figure of the whole list, which may be the sum of a column of its name.

    formula: Chinese source text.
    """

    formula: str = ""


def plain(value: Any) -> Any:
    """A value for programs: days and moments in ISO 8601, in Shanghai's zone."""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def cell(value: Any) -> Cell:
    """A value as files for people hold it; days and moments so that they sort."""
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Labelled):
        return _(value.label)
    if isinstance(value, list | tuple):
        return _("、").join(str(cell(one)) for one in value)
    known: Cell = value
    return known


def text(value: Any, kind: CellKind = CellKind.COUNT) -> str:
    """A value as people read it on a page."""
    if isinstance(value, datetime):
        return local_time(value)
    if isinstance(value, date):
        return local_date(value)
    known = cell(value)
    if not isinstance(known, int):
        return known or ""
    if kind is CellKind.YUAN:
        return yuan_plain(known)
    return jin_plain(known) if kind is CellKind.JIN else f"{known:,}"


def moment_words(moment: datetime) -> str:
    """A moment to the minute, with its year."""
    return f"{local_date(moment)} {local_clock(moment)}"
