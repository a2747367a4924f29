"""Income as the kept sums have it, with what they do not hold yet added.

One statement, so that parts always add up: between two, a worker may have summed more.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Text,
    and_,
    case,
    cast,
    distinct,
    exists,
    func,
    literal,
    null,
    select,
    union_all,
)

from core.database import AnySelect, db
from core.statements import filled, kept, table_of
from domain.periods import Period
from models.income_sums import IncomeSum
from queries.income.figures import Grain, Sums, day_key
from queries.income.movements import (
    LINE,
    ORDER,
    money_columns,
    movements,
    whole,
    with_books,
)
from queries.income.scope import Narrowing
from queries.income.which import Which

KEPT = table_of(IncomeSum)
PLACE = ("cooperative_id", "village_id", "product_id", "villages")
FIGURES = (*(each.name for each in fields(Sums)), "village_orders")
ByPlace = Mapping[tuple[int | None, int | None], Sums]
"""By village id and product id; None in their place stands for all of them."""


@dataclass(frozen=True)
class Income:
    """Sums by place, and by stretch of time; those by time leave out the orders."""

    places: ByPlace
    slices: Mapping[int, Sums]


def income_by(grain: Grain, period: Period, narrowing: Narrowing) -> Income:
    """Sales of a period by village and product, and by stretches of `grain`."""
    days = {"first": period.first, "last": period.last}
    rows = db.session.execute(_grouped(grain, period, narrowing), days)
    places: dict[Any, Sums] = defaultdict(Sums)
    slices: dict[int, Sums] = {}
    baskets: dict[tuple[int, str], int] = {}
    for row in rows:
        if row.villages is not None:
            baskets[row.cooperative_id, row.villages] = row.village_orders
            if narrowing.product is None:
                places[row.village_id, None] += Sums(orders=row.village_orders)
        elif row.village_id is None:
            slices[row.key] = filled(Sums, row, orders=0)
        else:
            _add(places, row, narrowing)
    if narrowing.product is None:
        places[None, None] += Sums(orders=sum(baskets.values()))
    return Income(places, slices)


def _add(places: dict[Any, Sums], row: Any, narrowing: Narrowing) -> None:
    """A product of a village; orders add up over products only where there is one."""
    sums = filled(Sums, row)
    places[row.village_id, row.product_id] = sums
    if narrowing.product is None:
        sums = filled(Sums, row, orders=0)
    places[row.village_id, None] += sums
    places[None, None] += sums


def _grouped(grain: Grain, period: Period, narrowing: Narrowing) -> Any:
    """Rows by time, by place, and by the villages that orders are from together.

    Every village of a basket tells the basket's orders; who reads them counts one.
    """
    found = union_all(*_parts(grain, period, narrowing)).cte("found")
    sums = [whole(func.sum(found.c[name])).label(name) for name in FIGURES]
    group = {name: found.c[name] for name in ("key", *PLACE)}

    def by(*names: str) -> AnySelect:
        keys = [
            (column if name in names else cast(null(), column.type)).label(name)
            for name, column in group.items()
        ]
        return select(*keys, *sums).group_by(*(group[name] for name in names))

    basket = by("cooperative_id", "village_id", "villages")
    return union_all(
        by("village_id", "product_id"),
        by("key"),
        basket.where(found.c.village_orders != 0),
    )


def _parts(grain: Grain, period: Period, narrowing: Narrowing) -> Iterator[AnySelect]:
    """The sums of whole months, those of days beside, and what is not summed."""
    for part in [period] if grain is Grain.DAY else period.by_month():
        is_month = grain is not Grain.DAY and part.is_whole_months
        unit = Grain.MONTH if is_month else Grain.DAY
        within = KEPT.c.key.between(unit.key(part.first), unit.key(part.last))
        yield _narrowed(KEPT.c, grain // unit, narrowing).where(within)
    unsummed = sums_by_day(Which(of_period=True, unsummed=True))
    yield _narrowed(unsummed.c, grain.value, narrowing)


def _narrowed(columns: Any, units: int, narrowing: Narrowing) -> AnySelect:
    key = (columns.key if units == 1 else columns.key // units).label("key")
    places = (columns[name] for name in PLACE)
    held = narrowing.holds(
        columns.cooperative_id, columns.village_id, columns.product_id
    )
    return select(key, *places, *(columns[name] for name in FIGURES)).where(held)


@kept
def sums_by_day(which: Which) -> FromClause:
    """Movements as rows of IncomeSum, by day."""
    moved = movements(which)
    place = (
        day_key(moved.c.day).label("key"),
        ORDER.c.cooperative_id,
        LINE.c.village_id,
        LINE.c.product_id,
        _villages(moved).label("villages"),
    )
    sold = case((moved.c.is_sale == 1, moved.c.order_id))
    told = case((and_(moved.c.is_sale == 1, _tells_village()), moved.c.order_id))
    query = select(
        *place,
        whole(func.sum(moved.c.weight_g)).label("weight_g"),
        _count(sold).label("orders"),
        *money_columns(moved.c),
        _count(told).label("village_orders"),
    )
    return with_books(query, moved).group_by(*place).subquery()


def _count(ids: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.count(distinct(ids)), Integer)


def _villages(moved: FromClause) -> ColumnElement[str]:
    """What villages a sale's order is from, such as "3,7"; "" of what is no sale."""
    line = LINE.alias()
    names = func.group_concat(distinct(line.c.village_id))
    if db.engine.dialect.name == "postgresql":
        names = func.string_agg(distinct(cast(line.c.village_id, Text)), ",")
    of_order = select(names).where(line.c.order_id == moved.c.order_id)
    basket = of_order.correlate(moved).scalar_subquery()
    return case((moved.c.is_sale == 1, basket), else_=literal("", Text))


def _tells_village() -> ColumnElement[bool]:
    """Whether a line's product is the order's first of the village.

    Villages as a difference: SQLite would else look all lines of one up.
    """
    line = LINE.alias()
    before = exists().where(
        line.c.order_id == LINE.c.order_id,
        line.c.village_id - LINE.c.village_id == 0,
        line.c.product_id < LINE.c.product_id,
    )
    return ~before.correlate(LINE)
