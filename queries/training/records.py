"""Training records: a member's portfolio and what an officer keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import aliased

from core.database import db
from core.pages.paging import Page, paginate
from domain.training import RECORDS, Ability, RecordKind, RecordState
from models.accounts import Account
from models.history import StateChange
from models.training import TrainingRecord
from queries.training.members import TrainingScope, present_members

PER_PAGE = 20
NOT_HELD = (RecordState.ABSENT, RecordState.STOPPED)


@dataclass(frozen=True)
class RecordRow:
    """One record of a member; `next_states` are the moves its life allows."""

    id: int
    account_id: int
    member: str
    kind: RecordKind
    state: RecordState
    title: str
    place: str
    abilities: tuple[Ability, ...]
    started_on: date
    ended_on: date | None
    hours: int
    mentor: str | None
    note: str

    @property
    def next_states(self) -> tuple[RecordState, ...]:
        """The states that may follow, in the order of the kind's life."""
        machine = RECORDS[self.kind]
        return tuple(
            RecordState(state)
            for state in machine.moves
            if machine.allows(self.state, state)
        )


@dataclass(frozen=True)
class KindSum:
    """How many records of a kind there are, and their hours."""

    count: int
    hours: int


@dataclass(frozen=True)
class Step:
    """One step in the history of a record or certificate."""

    record_id: int
    from_state: str | None
    to_state: str
    by: str | None
    reason: str
    at: datetime


def records_of(
    account_id: int, page: int, *, kind: RecordKind | None = None
) -> Page[RecordRow]:
    """A member's records, newest first."""
    query = _records().where(TrainingRecord.account_id == account_id)
    return _paged(query, page, kind)


def records_in_scope(
    scope: TrainingScope,
    page: int,
    *,
    kind: RecordKind | None = None,
    state: RecordState | None = None,
) -> Page[RecordRow]:
    """The records of every member in reach, newest first."""
    query = _records().where(_in_reach(scope))
    if state is not None:
        query = query.where(TrainingRecord.state == state)
    return _paged(query, page, kind)


def find_record(record_id: int, scope: TrainingScope) -> RecordRow | None:
    """One record of a member in reach, or None."""
    query = _records().where(TrainingRecord.id == record_id, _in_reach(scope))
    row = db.session.execute(query).one_or_none()
    return _record(row) if row else None


def kind_sums(account_id: int) -> dict[RecordKind, KindSum]:
    """Count and hours of a member's records of each kind.

    Courses missed and stopped records are no training and left out.
    """
    rows = db.session.execute(
        select(
            TrainingRecord.kind,
            func.count().label("records"),
            func.sum(TrainingRecord.hours).label("hours"),
        )
        .where(*_held(account_id))
        .group_by(TrainingRecord.kind)
    )
    found = {RecordKind(row.kind): KindSum(row.records, int(row.hours)) for row in rows}
    return {kind: found.get(kind, KindSum(0, 0)) for kind in RecordKind}


def ability_sums(account_id: int) -> dict[Ability, KindSum]:
    """Count and hours of a member's records that serve each ability.

    A record that serves two abilities counts under both.
    """
    columns = []
    for ability in Ability:
        serves = TrainingRecord.abilities.contains(ability.value)
        columns += [
            func.count(case((serves, 1))).label(f"{ability}_count"),
            func.coalesce(func.sum(case((serves, TrainingRecord.hours))), 0).label(
                f"{ability}_hours"
            ),
        ]
    row = db.session.execute(select(*columns).where(*_held(account_id))).one()
    values = row._mapping
    return {
        ability: KindSum(values[f"{ability}_count"], int(values[f"{ability}_hours"]))
        for ability in Ability
    }


def mentored_count(account_id: int) -> int:
    """How many other members this one has guided (帮带) or is guiding."""
    counted = select(func.count(func.distinct(TrainingRecord.account_id))).where(
        TrainingRecord.mentor_id == account_id,
        TrainingRecord.kind == RecordKind.MENTORING,
        TrainingRecord.state.not_in(NOT_HELD),
    )
    return db.session.scalar(counted) or 0


def steps_of(record_kind: str, record_ids: Sequence[int]) -> Sequence[Step]:
    """The history of records or certificates, oldest first.

    record_kind: a table's name, training_record or certificate.
    """
    rows = db.session.execute(
        select(
            StateChange.record_id,
            StateChange.from_state,
            StateChange.to_state,
            Account.name.label("by"),
            StateChange.reason,
            StateChange.at,
        )
        .outerjoin(Account, Account.id == StateChange.account_id)
        .where(
            StateChange.record_kind == record_kind,
            StateChange.record_id.in_(record_ids),
        )
        .order_by(StateChange.at, StateChange.id)
    )
    return [Step(*row) for row in rows]


def _held(account_id: int) -> tuple[Any, ...]:
    return (
        TrainingRecord.account_id == account_id,
        TrainingRecord.state.not_in(NOT_HELD),
    )


def _in_reach(scope: TrainingScope) -> Any:
    reached = present_members().where(scope.holds()).with_only_columns(Account.id)
    return TrainingRecord.account_id.in_(reached)


def _records() -> Select[*tuple[Any, ...]]:
    mentor = aliased(Account)
    return (
        select(
            TrainingRecord.id,
            TrainingRecord.account_id,
            Account.name.label("member"),
            TrainingRecord.kind,
            TrainingRecord.state,
            TrainingRecord.title,
            TrainingRecord.place,
            TrainingRecord.abilities,
            TrainingRecord.started_on,
            TrainingRecord.ended_on,
            TrainingRecord.hours,
            mentor.name.label("mentor"),
            TrainingRecord.note,
        )
        .join(Account, Account.id == TrainingRecord.account_id)
        .outerjoin(mentor, mentor.id == TrainingRecord.mentor_id)
    )


def _paged(
    query: Select[*tuple[Any, ...]], page: int, kind: RecordKind | None
) -> Page[RecordRow]:
    if kind is not None:
        query = query.where(TrainingRecord.kind == kind)
    newest = query.order_by(TrainingRecord.started_on.desc(), TrainingRecord.id.desc())
    found = paginate(newest, page, PER_PAGE)
    rows = [_record(row) for row in found.items]
    return Page(rows, found.page, found.per_page, found.total)


def _record(row: Any) -> RecordRow:
    values = dict(row._mapping)
    values["kind"] = RecordKind(row.kind)
    values["state"] = RecordState(row.state)
    values["abilities"] = abilities_from(row.abilities)
    return RecordRow(**values)


def abilities_from(text: str) -> tuple[Ability, ...]:
    """The abilities stored as comma-separated words, in their usual order."""
    words = set(text.split(","))
    return tuple(ability for ability in Ability if ability in words)
