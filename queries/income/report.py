"""The income report: what was sold of whose produce, and where each yuan went."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from core.database import db
from domain.periods import Period
from models.alliances import Village
from models.catalogue import Product
from queries.income.books import village_incomes
from queries.income.figures import Grain, Sums, VillageIncome, grain_for
from queries.income.movements import Sale, sales_by
from queries.income.scope import Narrowing, Place
from queries.income.volumes import ByPlace, volumes

Places = Mapping[int | None, Place]


@dataclass(frozen=True)
class IncomeRow:
    """What one village sold of one product."""

    village: Place
    product: Place
    sums: Sums


@dataclass(frozen=True)
class VillageRow:
    """What one village sold altogether, its own books and its employment."""

    village: Place
    sums: Sums
    income: VillageIncome


@dataclass(frozen=True)
class Slice:
    """The sales of one day, month or year; `key` is Grain's."""

    key: int
    sums: Sums


@dataclass(frozen=True)
class IncomeReport:
    """The figures of one period.

    rows: village × product, the largest sales first; villages: one row each;
    before: the same days a year earlier; slices: every one, empty ones too.
    """

    totals: Sums
    income: VillageIncome
    before: Sums
    rows: Sequence[IncomeRow]
    villages: Sequence[VillageRow]
    grain: Grain
    slices: Sequence[Slice]

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is known of the period."""
        return self.totals.is_empty and self.income.is_empty


def income_report(period: Period, narrowing: Narrowing) -> IncomeReport:
    """Read the report; the number of statements does not depend on what it finds."""
    grain = grain_for(period)
    sales = sales_by(grain, period, narrowing)
    incomes = village_incomes(period, narrowing)
    found = _by_place(sales, volumes(period, narrowing))
    villages = _named(Village, {place[0] for place in found} | incomes.keys())
    products = _named(Product, {place[1] for place in found})
    return IncomeReport(
        totals=found[None, None],
        income=incomes[None],
        before=sums_of(period.previous_year(), narrowing),
        rows=_rows(found, villages, products),
        villages=_villages(found, incomes, villages),
        grain=grain,
        slices=_slices(grain, period, sales),
    )


def sums_of(period: Period, narrowing: Narrowing) -> Sums:
    """The totals alone."""
    sales = sales_by(Grain.WHOLE, period, narrowing)
    return _by_place(sales, volumes(period, narrowing))[None, None]


def _by_place(sales: Sequence[Sale], amounts: ByPlace) -> ByPlace:
    found = defaultdict(Sums, amounts)
    for _key, village_id, product_id, money in sales:
        for place in (village_id, product_id), (village_id, None), (None, None):
            found[place] += money
    return found


def _rows(
    found: ByPlace,
    villages: Places,
    products: Places,
) -> Sequence[IncomeRow]:
    rows = [
        IncomeRow(villages[village_id], products[product_id], sums)
        for (village_id, product_id), sums in found.items()
        if product_id is not None and not sums.is_empty
    ]
    return sorted(
        rows, key=lambda row: (-row.sums.net_fen, row.product.id, row.village.id)
    )


def _villages(
    found: ByPlace,
    incomes: Mapping[int | None, VillageIncome],
    villages: Places,
) -> Sequence[VillageRow]:
    rows = [
        VillageRow(
            place,
            found.get((village_id, None), Sums()),
            incomes.get(village_id, VillageIncome()),
        )
        for village_id, place in villages.items()
    ]
    return sorted(rows, key=lambda row: (-row.sums.net_fen, row.village.name))


def _slices(grain: Grain, period: Period, sales: Sequence[Sale]) -> Sequence[Slice]:
    found: dict[int, Sums] = defaultdict(Sums)
    for key, _village_id, _product_id, money in sales:
        found[key] += money
    return [Slice(key, found[key]) for key in grain.keys(period)]


def _named(table: type[Village | Product], ids: Collection[int | None]) -> Places:
    rows = db.session.execute(
        select(table.id, table.slug, table.name).where(
            table.id.in_([one for one in ids if one])
        )
    )
    return {row.id: Place(row.id, row.slug, row.name) for row in rows}
