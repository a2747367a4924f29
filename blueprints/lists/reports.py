"""Lists and reports: described once, answered as page, JSON, CSV, XLSX or PDF."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from io import BytesIO
from typing import IO, Any, ClassVar

from flask import jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.lists.columns import Column, On, Sum, moment_words, plain, text
from blueprints.lists.exports import at_once, find_making, have_made, most_rows
from blueprints.lists.filters import Filter
from blueprints.lists.formats import (
    Format,
    refused_json,
    sent,
    wanted_format,
    write_paper,
    write_table,
)
from blueprints.lists.tables import MOST_PRINTED, Table, sums_sheet
from blueprints.navigation import may_open
from core.access import get_actor
from core.clock import now
from core.database import forget_reads, read_one_moment
from core.errors import N_
from core.i18n import gettext as _
from core.pages.paging import Page, page_number
from domain.roles import Role, ScopeKind
from integrations.exports.document import Document
from queries.areas import Area, areas_of

BATCH = 2_000


class Report(ABC):
    """Figures and tables of what a filter chose, as of one moment.

    name: of its files; at: its entry in the menu; title, lead, nothing: Chinese source
    text of the heading, the line below it, and what stands there for no rows; acts:
    the endpoints that enter a new row, with words; template, paper: of page and PDF;
    readers: the roles through which rows are seen, unless the filter says whose.
    """

    name: ClassVar[str]
    at: ClassVar[str]
    title: ClassVar[str]
    lead: ClassVar[str] = ""
    nothing: ClassVar[tuple[str, str]]
    acts: ClassVar[Sequence[tuple[str, str]]] = ()
    sums: ClassVar[Sequence[Sum]] = ()
    template: ClassVar[str] = "layouts/report.html"
    paper: ClassVar[str] = "print/report.html"
    readers: ClassVar[Sequence[Role]] = ()

    def __init__(self, form: Filter) -> None:
        self.form, self.wanted, self.as_of = form, wanted_format(), now()

    @property
    @abstractmethod
    def tables(self) -> Sequence[Table]:
        """What was found; a CSV file begins with the first."""

    @cached_property
    def totals(self) -> Mapping[str, int]:
        """The value of each sum by its name."""
        return {}

    @property
    def found(self) -> int | None:
        """How many rows there are, where a file may hold only the first of them."""
        return None

    @property
    def heading(self) -> str:
        """What it is called."""
        return _(self.title)

    @property
    def open_acts(self) -> Sequence[tuple[str, str]]:
        """The addresses where the reader may enter a new row, each with its words."""
        return [(url_for(one), _(words)) for one, words in self.acts if may_open(one)]

    @property
    def nothing_words(self) -> Sequence[str]:
        """A title and a sentence for no rows, and where the first may be entered."""
        first_act = self.open_acts[0] if self.open_acts else ()
        return [*map(_, self.nothing), *first_act]

    def answer(self) -> ResponseReturnValue:
        """The report in the format asked for; 422 when a filter cannot be read."""
        if self.wanted is Format.HTML:
            return render_template(self.template, report=self), self.form.status
        if not self.form.is_right:
            return refused_json(self.form)
        read_one_moment()
        if self.wanted is Format.JSON:
            return jsonify(self.json())
        if making := find_making():
            self.write(making.file)
            making.name = self.file_name
            return "", 204
        file = BytesIO()
        with at_once(self.wanted, self.row_count) as comes_now:
            if comes_now:
                self.write(file)
                return sent(self.wanted, file, self.file_name)
        return have_made(self.wanted, self.heading, self.period_words, self.found)

    def write(self, file: IO[bytes]) -> None:
        """Write the CSV file, the workbook or the PDF. Raises TooLargeToPrint."""
        if self.wanted is Format.PDF:
            html = render_template(self.paper, report=self)
            forget_reads()
            if making := find_making():
                printed = min(self.row_count, MOST_PRINTED)
                making.tell(printed, printed)
            write_paper(html, file)
            return
        only = request.args.get("table") if self.wanted is Format.CSV else None
        write_table(self.wanted, self.document(only), file)

    def json(self) -> dict[str, Any]:
        """The report as the contract's JSON: fen, grams and counts as integers."""
        period = self.form.period
        body = {
            "as_of": plain(self.as_of),
            "from": plain(period and period.first),
            "to": plain(period and period.last),
            "scope": self.scope(),
            "figures": {
                one.name: {
                    "value": self.totals[one.name],
                    "unit": one.unit,
                    "formula": _(one.formula),
                }
                for one in self.sums
            },
        }
        if self.found is not None:
            body["found"] = self.found
        return body | {table.name: table.json() for table in self.tables}

    def document(self, only: str | None = None) -> Document:
        """Tables, sums and facts for CSV and XLSX. only: the name of one table."""
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
        facts = [
            (_("期间"), self.period_words),
            *self.whose(),
            *self.form.facts(),
            (_("数据截至"), self.as_of_words),
        ]
        return [*facts, (_("没有列全"), self.cut_words)] if self.cut_words else facts

    def whose(self) -> Sequence[tuple[str, str]]:
        """Whose rows these are, as a name and value."""
        if not self.readers:
            return []
        if self._areas is None:
            return [(_("范围"), _("全部"))]
        kinds = {one.kind for one in self._areas}
        label = _("合作社") if kinds <= {ScopeKind.COOPERATIVE} else _("范围")
        return [(label, _("、").join(one.name for one in self._areas))]

    def scope(self) -> Mapping[str, Any]:
        """Whose rows these are and what was chosen of them, for programs."""
        if not self.readers:
            return self.form.scope()
        places = None if self._areas is None else list(map(asdict, self._areas))
        return {"places": places, **self.form.scope()}

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
            (one.heading(On.SHEET), text(self.totals[one.name], one.kind))
            for one in self.sums
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
        words = N_(
            "一共 %(found)s 条，这里是最近的 %(shown)s 条。请把期间选短，分几次下载。"
        )
        return _cut(words, self.found or 0, most_rows(self.wanted))

    @property
    def print_words(self) -> str:
        """That paper holds fewer rows than there are; empty when it holds all."""
        words = N_(
            "一共 %(found)s 条，这里印了前 %(shown)s 条；更多的请下载 Excel 表格。"
        )
        return _cut(words, self.row_count, MOST_PRINTED)

    @property
    def row_count(self) -> int:
        """How many rows the longest table has."""
        return max(len(list(table.rows)) for table in self.tables)


class Listing(Report):
    """One table, newest first: in pages, and in files the first `most_rows`.

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
        """The rows of this page, or the first that a file begins with."""
        if self.wanted is Format.HTML:
            return self.find(page_number(request.args.get("page")), self.per_page)
        return self.find(1, BATCH)

    @property
    def found(self) -> int:
        """How many rows there are."""
        return self.page.total

    @property
    def row_count(self) -> int:
        """The same."""
        return self.found

    @property
    def tables(self) -> Sequence[Table]:
        """Its only one."""
        totals = self.totals if self.has_foot else {}
        rows = self.page.items if self.wanted is Format.HTML else self._batches()
        return [Table("rows", _(self.title), self.columns, rows, totals)]

    def _batches(self) -> Iterator[Any]:
        """The rows of a file, of which only BATCH are held at once."""
        making, most = find_making(), min(self.found, most_rows(self.wanted))
        for number in range(1, -(-most // BATCH) + 1):
            page = self.page if number == 1 else self.find(number, BATCH)
            yield from page.items
            if making:
                making.tell(min(number * BATCH, most), most)


def _cut(words: str, found: int, shown: int) -> str:
    if found <= shown:
        return ""
    return _(words, found=text(found), shown=text(shown))
