"""The report as JSON and as a document of tables: the same numbers everywhere."""

from collections.abc import Sequence
from typing import Any

from core.clock import SHANGHAI
from core.filters import local_date
from core.i18n import gettext as _
from domain.periods import Period
from integrations.exports import Cell, Column, ColumnKind, Document, Table
from queries.income import (
    FIGURES,
    SALE_FIGURES,
    Figure,
    FigureUnit,
    IncomeReport,
    IncomeRow,
    Place,
    Sums,
    VillageIncome,
    VillageRow,
    value_of,
)

KINDS = {
    FigureUnit.GRAM: ColumnKind.JIN,
    FigureUnit.FEN: ColumnKind.YUAN,
    FigureUnit.ORDER: ColumnKind.COUNT,
    FigureUnit.PERSON: ColumnKind.COUNT,
}


def report_json(report: IncomeReport) -> dict[str, Any]:
    """The report as the contract's JSON: fen, grams and counts as integers."""
    return {
        "as_of": report.as_of.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "from": report.period.first.isoformat(),
        "to": report.period.last.isoformat(),
        "scope": {
            "cooperative": _place(report.narrowing.cooperative),
            "village": _place(report.narrowing.village),
            "product": _place(report.narrowing.product),
        },
        "figures": {
            figure.name: {
                "value": report.value_of(figure.name),
                "unit": figure.unit,
                "formula": _(figure.formula),
            }
            for figure in FIGURES
        },
        "rows": [_row_json(row) for row in report.rows],
        "villages": [_village_json(row) for row in report.villages],
    }


def report_document(report: IncomeReport, title: str) -> Document:
    """The report's three tables: village × product, villages, figures."""
    return Document(
        title=title,
        about=_("说明"),
        facts=report_facts(report),
        tables=(_rows_table(report), _villages_table(report), _figures_table(report)),
    )


def report_facts(report: IncomeReport) -> Sequence[tuple[str, str]]:
    """Period, scope and the moment of reading, in words."""
    chosen = report.narrowing
    return (
        (_("期间"), period_words(report)),
        (_("合作社"), chosen.cooperative.name if chosen.cooperative else _("全部")),
        (_("村"), chosen.village.name if chosen.village else _("全部")),
        (_("商品"), chosen.product.name if chosen.product else _("全部")),
        (_("数据截至"), as_of_words(report)),
    )


def period_words(report: IncomeReport) -> str:
    """The report's first and last day."""
    return days_words(report.period)


def days_words(period: Period) -> str:
    """A period's first and last day."""
    first, last = period.first, period.last
    words = _("%(first)s 至 %(last)s", first=local_date(first), last=local_date(last))
    return str(words)


def as_of_words(report: IncomeReport) -> str:
    """The moment of reading, with its year."""
    moment = report.as_of.astimezone(SHANGHAI)
    return f"{local_date(moment)} {moment:%H:%M}"


def file_name(report: IncomeReport) -> str:
    """A name that says what and when: income_wuseya_2026-01-01_2026-11-24."""
    chosen = report.narrowing
    parts = [
        place.slug
        for place in (chosen.cooperative, chosen.village, chosen.product)
        if place
    ]
    days = (report.period.first.isoformat(), report.period.last.isoformat())
    return "_".join(("income", *parts, *days))


def heading(figure: Figure) -> str:
    """A figure's label with its unit."""
    units = {
        FigureUnit.GRAM: _("斤"),
        FigureUnit.FEN: _("元"),
        FigureUnit.ORDER: _("单"),
        FigureUnit.PERSON: _("人"),
    }
    unit = units[figure.unit]
    return str(_("%(label)s（%(unit)s）", label=_(figure.label), unit=unit))


def _place(place: Place | None) -> dict[str, str] | None:
    return {"slug": place.slug, "name": place.name} if place else None


def _row_json(row: IncomeRow) -> dict[str, Any]:
    return {
        "village": row.village.name,
        "village_slug": row.village.slug,
        "product": row.product.name,
        "product_slug": row.product.slug,
        **_values(SALE_FIGURES, row.sums),
    }


def _village_json(row: VillageRow) -> dict[str, Any]:
    return {
        "village": row.village.name,
        "village_slug": row.village.slug,
        **_values(FIGURES, row.sums, row.income),
    }


def _values(
    figures: Sequence[Figure], sums: Sums, income: VillageIncome | None = None
) -> dict[str, int]:
    return {figure.name: value_of(figure.name, sums, income) for figure in figures}


def _rows_table(report: IncomeReport) -> Table:
    columns = [Column(_("村")), Column(_("商品")), *_columns(SALE_FIGURES)]
    rows: list[list[Cell]] = [
        [row.village.name, row.product.name, *_cells(SALE_FIGURES, row.sums)]
        for row in report.rows
    ]
    foot: list[Cell] = [_("合计"), "", *_cells(SALE_FIGURES, report.totals)]
    return Table(_("村和商品"), columns, rows, foot)


def _villages_table(report: IncomeReport) -> Table:
    columns = [Column(_("村")), *_columns(FIGURES)]
    rows: list[list[Cell]] = [
        [
            row.village.name,
            *(value_of(figure.name, row.sums, row.income) for figure in FIGURES),
        ]
        for row in report.villages
    ]
    foot: list[Cell] = [
        _("合计"),
        *(report.value_of(figure.name) for figure in FIGURES),
    ]
    return Table(_("各村"), columns, rows, foot)


def _figures_table(report: IncomeReport) -> Table:
    columns = [
        Column(_("数字")),
        Column(_("数值"), ColumnKind.YUAN),
        Column(_("怎么算的")),
        Column(_("字段")),
    ]
    rows: list[list[Cell]] = [
        [
            heading(figure),
            report.value_of(figure.name),
            _(figure.formula),
            figure.name,
        ]
        for figure in FIGURES
    ]
    kinds = [KINDS[figure.unit] for figure in FIGURES]
    return Table(_("数字和算法"), columns, rows, kinds=kinds)


def _columns(figures: Sequence[Figure]) -> list[Column]:
    return [Column(heading(figure), KINDS[figure.unit]) for figure in figures]


def _cells(figures: Sequence[Figure], sums: Sums) -> list[Cell]:
    return [value_of(figure.name, sums) for figure in figures]
