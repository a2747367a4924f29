"""The income report: what was sold of whose produce, and where each yuan went."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core.clock import now
from core.database import db
from domain.periods import Period
from models.alliances import Village
from models.catalogue import Product
from queries.income.figures import Sums, VillageIncome, add_up
from queries.income.grain import Grain, grain_for
from queries.income.movements import sales_by
from queries.income.scope import Narrowing, Place
from queries.income.villages import village_incomes
from queries.income.volumes import Volume, VolumeKey, volumes


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
    """The figures of one period, as of a moment.

    rows: village × product, the largest sales first; villages: one row each;
    before: the same days a year earlier; slices: every one, empty ones too.
    """

    as_of: datetime
    period: Period
    narrowing: Narrowing
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

    def value_of(self, name: str) -> int:
        """The total of a figure by its name in FIGURES."""
        return value_of(name, self.totals, self.income)


def value_of(name: str, sums: Sums, income: VillageIncome | None = None) -> int:
    """The value of a figure among a row's sums or a village's income."""
    holder = sums if hasattr(sums, name) else income
    return int(getattr(holder, name))


def income_report(period: Period, narrowing: Narrowing) -> IncomeReport:
    """Read the report; the number of statements does not depend on what it finds."""
    moment, grain = now(), grain_for(period)
    sales = sales_by(grain, period, narrowing)
    amounts = volumes(period, narrowing)
    incomes = village_incomes(period, narrowing)
    money = _by((sale[1:3], sale[3]) for sale in sales)
    keys = sorted(money.keys() | _cells(amounts))
    names = _names(keys, incomes)
    return IncomeReport(
        as_of=moment,
        period=period,
        narrowing=narrowing,
        totals=_with(add_up(money.values()), amounts, (None, None)),
        income=incomes[None],
        before=sums_of(period.previous_year(), narrowing),
        rows=_rows(keys, money, amounts, names),
        villages=_villages(money, amounts, incomes, names),
        grain=grain,
        slices=_slices(grain, period, sales),
    )


def sums_of(period: Period, narrowing: Narrowing) -> Sums:
    """The totals alone."""
    money = add_up(sale[3] for sale in sales_by(Grain.WHOLE, period, narrowing))
    return _with(money, volumes(period, narrowing), (None, None))


def _cells(amounts: dict[VolumeKey, Volume]) -> set[tuple[int, int]]:
    return {
        (village_id, product_id)
        for village_id, product_id in amounts
        if village_id is not None and product_id is not None
    }


def _by(pairs: Iterable[tuple[Any, Sums]]) -> dict[Any, Sums]:
    found: dict[Any, Sums] = {}
    for key, sums in pairs:
        found[key] = found.get(key, Sums()) + sums
    return found


def _with(sums: Sums, amounts: dict[VolumeKey, Volume], key: VolumeKey) -> Sums:
    volume = amounts.get(key, Volume())
    return replace(sums, weight_g=volume.weight_g, orders=volume.orders)


def _rows(
    keys: Sequence[tuple[int, int]],
    money: dict[tuple[int, int], Sums],
    amounts: dict[VolumeKey, Volume],
    names: "_Names",
) -> Sequence[IncomeRow]:
    rows = [
        IncomeRow(
            names.villages[village_id],
            names.products[product_id],
            _with(
                money.get((village_id, product_id), Sums()),
                amounts,
                (village_id, product_id),
            ),
        )
        for village_id, product_id in keys
    ]
    kept = [row for row in rows if not row.sums.is_empty]
    return sorted(kept, key=lambda row: (-row.sums.net_fen, row.product.id))


def _villages(
    money: dict[tuple[int, int], Sums],
    amounts: dict[VolumeKey, Volume],
    incomes: dict[int | None, VillageIncome],
    names: "_Names",
) -> Sequence[VillageRow]:
    by_village = _by((key[0], sums) for key, sums in money.items())
    rows = [
        VillageRow(
            place,
            _with(by_village.get(place.id, Sums()), amounts, (place.id, None)),
            incomes.get(place.id, VillageIncome()),
        )
        for place in names.villages.values()
    ]
    return sorted(rows, key=lambda row: (-row.sums.net_fen, row.village.name))


def _slices(
    grain: Grain, period: Period, sales: Sequence[tuple[int, int, int, Sums]]
) -> Sequence[Slice]:
    found = _by((sale[0], sale[3]) for sale in sales)
    return [Slice(key, found.get(key, Sums())) for key in grain.keys(period)]


@dataclass(frozen=True)
class _Names:
    villages: dict[int, Place]
    products: dict[int, Place]


def _names(
    keys: Sequence[tuple[int, int]], incomes: dict[int | None, VillageIncome]
) -> _Names:
    village_ids = {key[0] for key in keys} | (incomes.keys() - {None})
    return _Names(
        _places(Village, village_ids), _places(Product, {key[1] for key in keys})
    )


def _places(table: Any, ids: Iterable[Any]) -> dict[int, Place]:
    rows = db.session.execute(
        select(table.id, table.slug, table.name).where(table.id.in_(list(ids)))
    )
    return {row.id: Place(row.id, row.slug, row.name) for row in rows}
