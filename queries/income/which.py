"""Which movements of income are meant: all, some days', or those not summed yet."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    and_,
    between,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
)

from core.database import db
from core.statements import table_of
from domain.ledger.legs import EntryKind
from models.income_sums import Unsummed

UNSUMMED = table_of(Unsummed)


class Orders(Enum):
    """Whose movements: of `order_ids`, or from `first_order` to `last_order`.

    They are parameters of the statement.
    """

    LISTED = auto()
    RANGE = auto()


@dataclass(frozen=True)
class Which:
    """Which movements are meant; without anything, all that there ever were.

    of_period: those that count from the day `first` to the day `last`, parameters of
    the statement. unsummed: those that the sums do not hold yet.
    """

    of_period: bool = False
    unsummed: bool = False
    orders: Orders | None = None

    def means(
        self, day: Any, order_id: Any, *, entries: Any = (), closing: bool = False
    ) -> ColumnElement[bool]:
        """The condition on a movement. entries, closing: what it came about by.

        It is in the sums when all of that is.
        """
        parts: list[ColumnElement[bool]] = [self._of_orders(order_id)]
        if self.of_period:
            parts.append(between(day, bindparam("first"), bindparam("last")))
        if self.unsummed:
            parts.append(self._is_noted(order_id))
            parts.append(or_(*_notes(order_id, entries, closing=closing)))
        return and_(*parts)

    def has_kind(self, entry: FromClause, *kinds: EntryKind) -> ColumnElement[bool]:
        """The condition on an entry's kind.

        As a computed value where orders are known: SQLite would else read every entry
        there ever was by its kind, instead of those of a few orders.
        """
        kind: ColumnElement[str] = entry.c.kind
        if self.unsummed or self.orders is not None:
            kind = kind.concat("")
        return kind.in_(kinds)

    def _is_noted(self, order_id: Any) -> ColumnElement[bool]:
        """PostgreSQL expects an array to be short, and looks orders up by it, however
        many notes there were when it last counted them.
        """
        column = UNSUMMED.c.order_id
        noted = select(column).where(self._of_orders(column)).distinct()
        if db.engine.dialect.name != "postgresql":
            return order_id.in_(noted)  # type: ignore[no-any-return]
        known: ColumnElement[bool] = order_id == func.any(
            func.array(noted.scalar_subquery())
        )
        return known

    def _of_orders(self, order_id: Any) -> ColumnElement[bool]:
        match self.orders:
            case Orders.LISTED:
                listed: Any = bindparam("order_ids", expanding=True)
                return order_id.in_(listed)  # type: ignore[no-any-return]
            case Orders.RANGE:
                first: Any = bindparam("first_order")
                return between(order_id, first, bindparam("last_order"))
        return true()


def _notes(order_id: Any, entries: Any, *, closing: bool) -> list[ColumnElement[bool]]:
    noted: list[ColumnElement[bool]] = [
        exists().where(UNSUMMED.c.entry_id == entry.id) for entry in entries
    ]
    if closing:
        closed = and_(UNSUMMED.c.order_id == order_id, UNSUMMED.c.entry_id.is_(None))
        noted.append(exists().where(closed))
    return noted
