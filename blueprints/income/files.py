"""The report as JSON and as a document of tables: the same numbers everywhere."""

from collections.abc import Sequence
from typing import Any

from blueprints.income.asked import scope_facts, scope_json
from blueprints.lists import local_iso, moment_words, span_words
from core.i18n import gettext as _
from integrations.exports.document import Cell, Column, ColumnKind, Document, Table
from queries.income.figures import (
    FIGURES,
    SALE_FIGURES,
    Figure,
    FigureUnit,
    Sums,
    VillageIncome,
)
from queries.income.report import IncomeReport, IncomeRow, VillageRow, value_of
from queries.income.scope import Choices

KINDS = {
    FigureUnit.GRAM: ColumnKind.JIN,
    FigureUnit.FEN: ColumnKind.YUAN,
    FigureUnit.ORDER: ColumnKind.COUNT,
    FigureUnit.PERSON: ColumnKind.COUNT,
}


def report_json(report: IncomeReport, choices: Choices) -> dict[str, Any]:
    """The report as the contract's JSON: fen, grams and counts as integers."""
    return {
        "as_of": local_iso(report.as_of),
        "from": report.period.first.isoformat(),
        "to": report.period.last.isoformat(),
        "scope": scope_json(report.narrowing, choices),
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


def report_document(report: IncomeReport, choices: Choices, title: str) -> Document:
    """The report's three tables: village × product, villages, figures."""
    return Document(
        title=title,
        about=_("说明"),
        facts=report_facts(report, choices),
        tables=(_rows_table(report), _villages_table(report), _figures_table(report)),
    )


def report_facts(report: IncomeReport, choices: Choices) -> Sequence[tuple[str, str]]:
    """Period, scope and the moment of reading, in words."""
    return (
        (_("期间"), span_words(report.period)),
        *scope_facts(report.narrowing, choices),
        (_("数据截至"), moment_words(report.as_of)),
    )


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
