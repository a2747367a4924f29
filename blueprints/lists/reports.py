"""Lists and reports: described once, answered as page, JSON, CSV, XLSX or PDF."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.lists.columns import Column, Sum, moment_words, plain, text
from blueprints.lists.filters import Filter
from blueprints.lists.formats import (
    Format,
    csv_answer,
    pdf_answer,
    refused_json,
    wanted_format,
    xlsx_answer,
)
from blueprints.lists.tables import MOST_PRINTED, Table, sums_sheet
from core.access import get_actor
from core.clock import now
from core.errors import N_
from core.i18n import gettext as _
from core.pages.paging import Page, page_number
from domain.roles import Role, ScopeKind
from integrations.exports.document import Document
from queries.areas import Area, areas_of

MOST_ROWS = 10_000


class Report(ABC):
    """Figures and tables of what a filter chose, as of one moment.

    name: of its files; title: Chinese source text; template, paper: of its page and
    of its PDF; readers: the roles through which its rows are seen.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    template: ClassVar[str]
    paper: ClassVar[str] = "print/report.html"
    sums: ClassVar[Sequence[Sum]] = ()
    readers: ClassVar[Sequence[Role]] = ()

    def __init__(self, form: Filter) -> None:
        self.form, self.wanted, self.as_of = form, wanted_format(), now()

    @property
    @abstractmethod
    def tables(self) -> Sequence[Table]:
        """What was found; the first is the one that a CSV file begins with."""

    @cached_property
    def totals(self) -> Mapping[str, int]:
        """The value of each sum by its name."""
        return {}

    @property
    def found(self) -> int | None:
        """How many rows there are where a file may hold only the first, else None."""
        return None

    @property
    def heading(self) -> str:
        """What it is called."""
        return _(self.title)

    def answer(self) -> ResponseReturnValue:
        """The report in the format asked for; 422 when a filter cannot be read."""
        if self.wanted is Format.HTML:
            return render_template(self.template, report=self), self.form.status
        if not self.form.is_right:
            return refused_json(self.form)
        if self.wanted is Format.JSON:
            return jsonify(self.json())
        if self.wanted is Format.PDF:
            return pdf_answer(render_template(self.paper, report=self), self.file_name)
        if self.wanted is Format.XLSX:
            return xlsx_answer(self.document(), self.file_name)
        return csv_answer(self.document(request.args.get("table")), self.file_name)

    def json(self) -> dict[str, Any]:
        """The report as the contract's JSON: fen, grams and counts as integers."""
        period = self.form.period
        figures = {
            one.name: {
                "value": self.totals[one.name],
                "unit": one.unit,
                "formula": _(one.formula),
            }
            for one in self.sums
        }
        return {
            "as_of": plain(self.as_of),
            "from": plain(period and period.first),
            "to": plain(period and period.last),
            "scope": self.scope(),
            "figures": figures,
            **({} if self.found is None else {"found": self.found}),
            **{table.name: table.json() for table in self.tables},
        }

    def document(self, only: str | None = None) -> Document:
        """Its tables, sums and facts for CSV and XLSX. only: the name of one table."""
        sheets = {table.name: table.sheet() for table in self.tables}
        if self.sums:
            sheets["figures"] = sums_sheet(self.sums, self.totals)
        chosen = [sheets[only]] if only in sheets else list(sheets.values())
        return Document(self.heading, _("说明"), self.facts, chosen)

    @property
    def file_name(self) -> str:
        """A name that says what and when: orders_2026-01-01_2026-11-24."""
        period = self.form.period
        days = (period.first, period.last) if period else (self.as_of,)
        return "_".join(
            [self.name, *self.form.named, *(plain(day)[:10] for day in days)]
        )

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        """Period, choices and the moment of reading, in words."""
        cut = self.cut_words
        return [
            (_("期间"), self.period_words),
            *self.about(),
            (_("数据截至"), self.as_of_words),
            *([(_("没有列全"), cut)] if cut else []),
        ]

    def about(self) -> Sequence[tuple[str, str]]:
        """Whose rows these are and what was chosen of them, as names and values."""
        chosen = self.form.facts()
        if not self.readers:
            return chosen
        if self._areas is None:
            return [(_("范围"), _("全部")), *chosen]
        kinds = {one.kind for one in self._areas}
        label = _("合作社") if kinds <= {ScopeKind.COOPERATIVE} else _("范围")
        return [(label, _("、").join(one.name for one in self._areas)), *chosen]

    def scope(self) -> Mapping[str, Any]:
        """The same for programs."""
        chosen = self.form.scope()
        if not self.readers:
            return chosen
        places = None
        if self._areas is not None:
            places = [
                {"kind": one.kind.value, "slug": one.slug, "name": one.name}
                for one in self._areas
            ]
        return {"places": places, **chosen}

    @cached_property
    def _areas(self) -> Sequence[Area] | None:
        """What the reader's roles reach; None for everything. One query."""
        grants = [one for one in get_actor().grants if one.role in self.readers]
        if any(one.scope_kind == ScopeKind.DISTRICT for one in grants):
            return None
        return areas_of(grants)

    @property
    def sums_words(self) -> Sequence[tuple[str, str]]:
        """The sums as names and values."""
        return [
            (one.heading, text(self.totals[one.name], one.kind)) for one in self.sums
        ]

    @property
    def period_words(self) -> str:
        """The first and the last day, or that there is no end to them."""
        period = self.form.period
        if period is None:
            return _("全部")
        first, last = text(period.first), text(period.last)
        return _("%(first)s 至 %(last)s", first=first, last=last)

    @property
    def as_of_words(self) -> str:
        """The moment of reading, with its year."""
        return moment_words(self.as_of)

    @property
    def cut_words(self) -> str:
        """That rows are missing in a file, and what to do; empty when none are."""
        if self.found is None or self.found <= MOST_ROWS:
            return ""
        return _(
            "一共 %(found)s 条，这里是最近的 %(shown)s 条。请把期间选短，分几次下载。",
            found=text(self.found),
            shown=text(MOST_ROWS),
        )

    @property
    def print_words(self) -> str:
        """That paper holds fewer rows than there are; empty when it holds all."""
        found = self.found or max(len(table.rows) for table in self.tables)
        if found <= MOST_PRINTED:
            return ""
        return _(
            "一共 %(found)s 条，这里印了前 %(shown)s 条；更多的请下载 Excel 表格。",
            found=text(found),
            shown=text(MOST_PRINTED),
        )


class Listing(Report):
    """One table, newest first: in pages, and in files the first MOST_ROWS rows.

    counted: Chinese source text that says how many there are; has_foot: whether the
    sums stand under the columns of their names.
    """

    columns: ClassVar[Sequence[Column]]
    counted: ClassVar[str] = N_("共 %(total)s 条")
    has_foot: ClassVar[bool] = False
    per_page: ClassVar[int] = 25

    @abstractmethod
    def find(self, page: int, per_page: int) -> Page[Any]:
        """One page of what the reader sees and the form chose."""

    @cached_property
    def page(self) -> Page[Any]:
        """The rows of this answer."""
        if self.wanted is Format.HTML:
            return self.find(page_number(request.args.get("page")), self.per_page)
        return self.find(1, MOST_ROWS)

    @property
    def found(self) -> int:
        """How many rows there are."""
        return self.page.total

    @property
    def tables(self) -> Sequence[Table]:
        """Its only one."""
        totals = self.totals if self.has_foot else {}
        return [Table("rows", _(self.title), self.columns, self.page.items, totals)]
