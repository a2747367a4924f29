"""What the report's templates ask for: cells, headings and addresses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from blueprints.income import charts, files
from blueprints.income.period import FilterForm
from blueprints.lists import moment_words, span_words
from core.i18n import gettext as _
from core.pages.filters import jin_plain, yuan_plain
from domain.periods import Period
from queries.income.figures import (
    SALE_FIGURES,
    VILLAGE_FIGURES,
    Figure,
    FigureUnit,
    Sums,
    VillageIncome,
)
from queries.income.report import IncomeReport, IncomeRow, value_of
from queries.income.scope import Choices

APART = ("freight_fen", "compensation_fen")
WIDE = [figure for figure in SALE_FIGURES if figure.name not in APART]
OTHER_OPERATING = "village_other_operating_fen"
OF_VILLAGES = [
    figure
    for figure in SALE_FIGURES
    if figure.name in ("weight_g", "net_fen", "village_operating_fen")
] + sorted(VILLAGE_FIGURES, key=lambda figure: figure.name != OTHER_OPERATING)


@dataclass(frozen=True)
class ReportView:
    """A report as its page and its print show it."""

    report: IncomeReport
    choices: Choices
    title: str

    charts = charts
    sale_figures = SALE_FIGURES
    wide = WIDE
    of_villages = OF_VILLAGES
    figures = SALE_FIGURES + VILLAGE_FIGURES

    @property
    def period(self) -> str:
        """The period in words."""
        return span_words(self.report.period)

    @property
    def as_of(self) -> str:
        """The moment of reading in words."""
        return moment_words(self.report.as_of)

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        """Period, scope and moment as names and values."""
        return files.report_facts(self.report, self.choices)

    @staticmethod
    def columns(first: str, figures: Sequence[Figure]) -> Sequence[tuple[str, str]]:
        """Headings for the table macro, the names' column first."""
        return [(first, ""), *((column_heading(figure), "num") for figure in figures)]

    @staticmethod
    def cells(
        figures: Sequence[Figure],
        sums: Sums,
        income: VillageIncome | None = None,
    ) -> list[str]:
        """A row's figures as text, without units."""
        return [
            shown(figure, value_of(figure.name, sums, income)) for figure in figures
        ]


def column_heading(figure: Figure) -> str:
    """A short heading; the table's caption says that money is in yuan."""
    unit = {FigureUnit.GRAM: _("斤"), FigureUnit.PERSON: _("人")}.get(figure.unit)
    short = _(figure.short)
    return str(_("%(label)s（%(unit)s）", label=short, unit=unit) if unit else short)


def shown(figure: Figure, value: int) -> str:
    """A figure for a column whose heading names the unit."""
    if figure.unit is FigureUnit.FEN:
        return yuan_plain(value)
    return jin_plain(value) if figure.unit is FigureUnit.GRAM else f"{value:,}"


def query_of(
    form: FilterForm, period: Period | None = None, **more: str
) -> dict[str, Any]:
    """The filter as arguments of an address, with another period or `more`."""
    first = period.first if period else form.first.data
    last = period.last if period else form.last.data
    kept = {
        "from": first.isoformat() if first else None,
        "to": last.isoformat() if last else None,
        "cooperative": form.cooperative.data or None,
        "village": form.village.data or None,
        "product": form.product.data or None,
    }
    return kept | more


def row_query(form: FilterForm, row: IncomeRow) -> dict[str, Any]:
    """The arguments that lead to the orders behind a row."""
    return query_of(form, village=row.village.slug, product=row.product.slug)
