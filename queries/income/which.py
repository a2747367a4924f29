"""Which movements of income are meant: all, some days', or those not summed yet."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    between,
    bindparam,
    exists,
    or_,
    select,
    true,
)

from core.statements import table_of
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
            noted = select(UNSUMMED.c.order_id).where(
                self._of_orders(UNSUMMED.c.order_id)
            )
            parts.append(order_id.in_(noted))
            parts.append(or_(*_notes(order_id, entries, closing=closing)))
        return and_(*parts)

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
