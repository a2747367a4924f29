"""The income report: village × product, and the villages' own books beside it."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from flask.typing import ResponseReturnValue

from blueprints.income import charts
from blueprints.income.figures import (
    FIGURES,
    SALE_FIGURES,
    VILLAGE_FIGURES,
    figure_column,
    value_of,
)
from blueprints.income.filters import IncomeFilter, presets
from blueprints.lists.columns import Column, On
from blueprints.lists.reports import Report
from blueprints.lists.tables import Table
from blueprints.nouns import income as bp
from core.access import allow
from core.errors import N_
from core.i18n import gettext as _
from domain.roles import INCOME_READERS
from queries.income.report import IncomeReport, income_report

APART = ("freight_fen", "compensation_fen")
OF_VILLAGES = ("weight_g", "net_fen", "village_operating_fen")
SLUGS = Column("village_slug", "", get=lambda row: row.village.slug, on=On.JSON)
ROW_COLUMNS = (
    Column(
        "village", N_("村"), get=lambda row: row.village.name, on=On.FILES ^ On.PAPER
    ),
    SLUGS,
    Column("product", N_("商品"), get=lambda row: row.product.name),
    Column("product_slug", "", get=lambda row: row.product.slug, on=On.JSON),
    *(
        figure_column(one, On.FILES if one.name in APART else On.ALL)
        for one in SALE_FIGURES
    ),
)
VILLAGE_COLUMNS = (
    Column("village", N_("村"), get=lambda row: row.village.name),
    SLUGS,
    *(
        figure_column(one, On.ALL if one.name in OF_VILLAGES else On.FILES ^ On.PAPER)
        for one in SALE_FIGURES
    ),
    *map(figure_column, VILLAGE_FIGURES),
)


class Income(Report):
    """Income per village and product of a period, with its charts."""

    name, at, title = "income", "income", N_("收入报表")
    nothing = (
        N_("这段时间还没有收入"),
        N_("货送到买家手里，当天就会出现在这里。换一段时间看看。"),
    )
    template, paper = "income/report.html", "print/income.html"
    sums = FIGURES
    form: IncomeFilter

    charts, presets = charts, staticmethod(presets)

    @cached_property
    def income(self) -> IncomeReport:
        """What was sold of whose produce, and where each yuan went."""
        return income_report(self.form.days, self.form.narrowing)

    @cached_property
    def totals(self) -> Mapping[str, int]:
        sums, income = self.income.totals, self.income.income
        return {one.name: value_of(one.name, sums, income) for one in self.sums}

    @property
    def tables(self) -> Sequence[Table]:
        found = self.income
        return (
            Table("rows", _("村和商品"), ROW_COLUMNS, found.rows, self.totals),
            Table("villages", _("各村"), VILLAGE_COLUMNS, found.villages, self.totals),
        )

    @property
    def heading(self) -> str:
        """Whose report it is: what was chosen, else the only place there is."""
        chosen, choices = self.form.narrowing, self.form.choices
        scope = chosen.scope
        by_village = scope.is_everything or scope.is_of_villages
        own = choices.villages if by_village else choices.cooperatives
        only = own[0] if len(own) == 1 else None
        place = chosen.village or chosen.cooperative or only
        return _("%(place)s收入报表", place=place.name) if place else _(self.title)


@bp.get("")
@allow(*INCOME_READERS)
def report() -> ResponseReturnValue:
    """The income report in the format asked for."""
    return Income(IncomeFilter()).answer()
