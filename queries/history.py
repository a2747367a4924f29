"""What was done with a record: the steps of its state, by whom, when and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core.database import Base, db
from models.accounts import Account
from models.history import StateChange


@dataclass(frozen=True)
class Step:
    """One step; the first has no state before, and `by` is None for the house."""

    from_state: str | None
    to_state: str
    at: datetime
    by: str | None
    reason: str


def steps_of(table: type[Base], record_ids: Sequence[int]) -> Sequence[Step]:
    """The steps of some records of one table, oldest first."""
    rows = db.session.execute(
        select(
            StateChange.from_state,
            StateChange.to_state,
            StateChange.at,
            Account.name.label("by"),
            StateChange.reason,
        )
        .outerjoin(Account, Account.id == StateChange.account_id)
        .where(
            StateChange.record_kind == table.__tablename__,
            StateChange.record_id.in_(record_ids),
        )
        .order_by(StateChange.at, StateChange.id)
    )
    return [Step(*row) for row in rows]
