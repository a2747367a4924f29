"""Training records: a member's portfolio and what an officer keeps."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import aliased

from core.access import Actor
from core.database import db
from core.errors import NotFound
from core.pages.paging import Page, paginate
from domain.periods import Period
from domain.training import READERS, RECORDS, Ability, RecordKind, RecordState
from models.accounts import Account
from models.training import TrainingRecord
from queries.training.members import in_reach

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


def records_of(
    account_id: int, page: int, *, kind: RecordKind | None = None
) -> Page[RecordRow]:
    """A member's records, newest first."""
    query = _records().where(TrainingRecord.account_id == account_id)
    if kind is not None:
        query = query.where(TrainingRecord.kind == kind)
    return _paged(query, page, PER_PAGE)


def records_in_scope(
    actor: Actor,
    *,
    kinds: Collection[RecordKind] = (),
    period: Period | None = None,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> Page[RecordRow]:
    """The records of every member whose portfolio `actor` reads, newest first.

    kinds: only these; none means all. period: begun on these days.
    """
    return _paged(_records().where(*_chosen(actor, kinds, period)), page, per_page)


def hours_in_scope(
    actor: Actor, *, kinds: Collection[RecordKind] = (), period: Period | None = None
) -> int:
    """The hours of the records of `records_in_scope` together."""
    hours = select(func.sum(TrainingRecord.hours))
    return int(db.session.scalar(hours.where(*_chosen(actor, kinds, period))) or 0)


def _chosen(
    actor: Actor, kinds: Collection[RecordKind], period: Period | None
) -> list[ColumnElement[bool]]:
    conditions = [in_reach(TrainingRecord, actor, *READERS)]
    if kinds:
        conditions.append(TrainingRecord.kind.in_(list(kinds)))
    if period:
        day = TrainingRecord.started_on
        conditions.append(day.between(period.first, period.last))
    return conditions


def get_record(record_id: int, actor: Actor) -> RecordRow:
    """One record of a member in reach. Raises NotFound."""
    query = _records().where(
        TrainingRecord.id == record_id, in_reach(TrainingRecord, actor, *READERS)
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound()
    return _record(row)


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


def _held(account_id: int) -> tuple[Any, ...]:
    return (
        TrainingRecord.account_id == account_id,
        TrainingRecord.state.not_in(NOT_HELD),
    )


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
    query: Select[*tuple[Any, ...]], page: int, per_page: int
) -> Page[RecordRow]:
    newest = query.order_by(TrainingRecord.started_on.desc(), TrainingRecord.id.desc())
    found = paginate(newest, page, per_page)
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
