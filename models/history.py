"""Who changed which record's state, when and why: one table for every aggregate."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, bindparam, update
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.dml import ReturningUpdate

from core.clock import now
from core.database import Base, db
from core.errors import StateChanged
from core.statements import insert_all, insert_now, kept
from models.columns import Created, Key, big, ref


class StateChange(Base):
    """One step of one record. Insert only."""

    __tablename__ = "state_change"
    __table_args__ = (Index("ix_state_change_record", "record_kind", "record_id"),)

    id: Mapped[Key]
    record_kind: Mapped[str] = mapped_column(String(30))
    record_id: Mapped[int] = mapped_column(big)
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int | None] = mapped_column(ref("account"))
    reason: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[Created]


def record_change(
    record: Any,
    to_state: str,
    *,
    from_state: str | None = None,
    account_id: int | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> None:
    """Write one history row; `account_id` None stands for the system."""
    insert_now(
        StateChange(
            record_kind=record.__tablename__,
            record_id=record.id,
            from_state=from_state,
            to_state=to_state,
            account_id=account_id,
            reason=reason[:500],
            at=at or now(),
        )
    )


def record_made(records: Sequence[Any]) -> None:
    """Write how the history of new records begins, each made by its own account."""
    insert_all(
        [
            StateChange(
                record_kind=record.__tablename__,
                record_id=record.id,
                to_state=record.state,
                account_id=record.account_id,
            )
            for record in records
        ]
    )


def move(
    record: Any,
    to_state: str,
    *,
    account_id: int | None = None,
    reason: str = "",
    **values: Any,
) -> None:
    """Move `record.state` by a guarded update, with `values`, and write history.

    Raises StateChanged when another request moved it first.
    """
    from_state = record.state
    session: Session = db.session()
    session.flush()
    now_held = session.scalars(
        _moving(type(record), tuple(values)),
        {
            "record_id": record.id,
            "from_state": from_state,
            "to_state": to_state,
            **{f"new_{name}": value for name, value in values.items()},
        },
        execution_options=AS_IT_IS_NOW,
    ).one_or_none()
    if now_held is None:
        raise StateChanged()
    record_change(
        record, to_state, from_state=from_state, account_id=account_id, reason=reason
    )


AS_IT_IS_NOW = {"populate_existing": True, "synchronize_session": False}


@kept
def _moving(model: type[Base], names: tuple[str, ...]) -> ReturningUpdate[Any]:
    """The update that also answers the row, which the session then holds."""
    columns = model.__mapper__.columns
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return (
        update(model)
        .where(
            columns.id == bindparam("record_id"),
            columns.state == bindparam("from_state"),
        )
        .values(state=bindparam("to_state"), **values)
        .returning(model)
    )
