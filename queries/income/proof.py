"""Whether the kept sums are what the ledger says, whatever has happened to it."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, or_, select, union_all

from core.database import AnyRow, AnySelect, db
from core.statements import table_of
from models.income_sums import IncomeSum, Unsummed
from queries.income.figures import Grain
from queries.income.sums import FIGURES, PLACE, sums_by_day
from queries.income.which import Which

FIRST_DAY = 1_000_000
"""Keys of days are larger, keys of months smaller."""
SHOWN = 5


def wrong_sums() -> Sequence[str]:
    """The days and months whose sums are wrong: the first few, or none.

    Days by a full sum over the whole ledger, months by their days.
    """
    return [
        f"{row.key} of village {row.village_id}, product {row.product_id}"
        for query in (_wrong_days(), _wrong_months())
        for row in _first(query)
    ]


def count_unsummed() -> int:
    """How much the sums do not hold yet."""
    return db.session.scalar(select(func.count()).select_from(Unsummed)) or 0


def _first(query: AnySelect) -> Iterator[AnyRow]:
    return iter(db.session.execute(query.limit(SHOWN)).all())


def _wrong_days() -> AnySelect:
    kept = table_of(IncomeSum).c
    added = sums_by_day(Which(unsummed=True)).c
    whole = sums_by_day(Which()).c
    return _unequal(
        _rows(kept).where(kept.key >= FIRST_DAY), _rows(added), _rows(whole, -1)
    )


def _wrong_months() -> AnySelect:
    kept = table_of(IncomeSum).c
    days = _rows(kept, units=Grain.MONTH.value).where(kept.key >= FIRST_DAY)
    return _unequal(days, _rows(kept, -1).where(kept.key < FIRST_DAY))


def _rows(columns: Any, sign: int = 1, units: int = 1) -> AnySelect:
    place = (columns[name] for name in PLACE)
    figures = ((columns[name] * sign).label(name) for name in FIGURES)
    return select((columns.key // units).label("key"), *place, *figures)


def _unequal(*parts: AnySelect) -> AnySelect:
    """Where the figures of the parts do not add up to nothing."""
    found = union_all(*parts).subquery()
    place = [found.c[name] for name in ("key", *PLACE)]
    wrong = or_(*(func.sum(found.c[name]) != 0 for name in FIGURES))
    return select(*place).group_by(*place).having(wrong).order_by(*place)
