"""The income report: what was sold of whose produce, and where each yuan went."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from core.database import db
from domain.periods import Period
from models.alliances import Village
from models.catalogue import Product
from queries.income.books import village_incomes
from queries.income.figures import Grain, Sums, VillageIncome, grain_for
from queries.income.scope import Narrowing, Place
from queries.income.sums import ByPlace, income_by

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
    found = income_by(grain, period, narrowing)
    incomes = village_incomes(period, narrowing)
    places = found.places
    villages = _named(Village, {place[0] for place in places} | incomes.keys())
    products = _named(Product, {place[1] for place in places})
    return IncomeReport(
        totals=places[None, None],
        income=incomes[None],
        before=sums_of(period.previous_year(), narrowing),
        rows=_rows(places, villages, products),
        villages=_villages(places, incomes, villages),
        grain=grain,
        slices=[
            Slice(key, found.slices.get(key, Sums())) for key in grain.keys(period)
        ],
    )


def sums_of(period: Period, narrowing: Narrowing) -> Sums:
    """The totals alone."""
    return income_by(Grain.WHOLE, period, narrowing).places[None, None]


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


def _named(table: type[Village | Product], ids: Collection[int | None]) -> Places:
    rows = db.session.execute(
        select(table.id, table.slug, table.name).where(
            table.id.in_([one for one in ids if one])
        )
    )
    return {row.id: Place(row.id, row.slug, row.name) for row in rows}
