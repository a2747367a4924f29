"""Statements built once, rows written and read without the ORM's unit of work.

For the paths that many walk at once: building a statement takes SQLAlchemy longer
than SQLite needs to answer it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar, cast, get_args, get_type_hints

from sqlalchemy import Executable, Insert, Table, insert
from sqlalchemy.sql.dml import ReturningInsert

from core.database import Base, db, insert_into

Arguments = ParamSpec("Arguments")
Statement = TypeVar("Statement")
View = TypeVar("View")
Keyed = TypeVar("Keyed", bound=Base)


def kept(build: Callable[Arguments, Statement]) -> Callable[Arguments, Statement]:
    """Build a statement once for each engine and each set of hashable arguments.

    What differs from call to call are its bound parameters.
    """

    @cache
    def built(_dialect: str, *args: Any) -> Statement:
        return build(*args)  # type: ignore[call-arg]

    @wraps(build)
    def of_engine(*args: Arguments.args, **_none: Arguments.kwargs) -> Statement:
        return built(db.engine.dialect.name, *args)

    return of_engine


def table_of(model: type[Base]) -> Table:
    """The table of a model: statements on it never pass through the ORM."""
    return cast("Table", model.__table__)


def columns_for(view: type, model: type[Base]) -> list[Any]:
    """The columns of `model` that fields of a dataclass are named after, in its order:
    who adds a field to what a query answers selects it too."""
    columns = table_of(model).c
    return [columns[each.name] for each in fields(view) if each.name in columns]


def insert_now(record: Base) -> None:
    """Insert a new record at once and give it its id; the session never holds it."""
    record.id = db.session.scalar(  # type: ignore[attr-defined]
        _inserting(type(record), answering=True), values_of(record)
    )


def insert_all(records: Sequence[Base]) -> None:
    """Insert records of one kind at once, without learning their ids."""
    if records:
        statement = _inserting(type(records[0]), answering=False)
        db.session.execute(statement, [values_of(record) for record in records])


def insert_by_key(records: Sequence[Keyed], key: str) -> list[Keyed]:
    """Insert records of one kind and give them their ids, told apart by `key`.

    Returns those whose key was taken already, which are not inserted.
    """
    if not records:
        return []
    rows = db.session.execute(
        _inserting_if_free(type(records[0]), key),
        [values_of(record) for record in records],
    )
    ids = {row[1]: row[0] for row in rows}
    taken = []
    for record in records:
        if (named := getattr(record, key)) in ids:
            record.id = ids[named]  # type: ignore[attr-defined]
        else:
            taken.append(record)
    return taken


@kept
def _inserting_if_free(model: type[Base], key: str) -> ReturningInsert[Any]:
    columns = table_of(model).c
    if_free = insert_into(model).on_conflict_do_nothing(index_elements=[key])
    return if_free.returning(columns.id, columns[key])


def rows_changed(statement: Executable, values: Sequence[Mapping[str, Any]]) -> int:
    """Execute an update or delete once for each of `values`; how many rows it met."""
    if not values:
        return 0
    done = db.session.execute(statement, list(values))
    return int(done.rowcount)  # type: ignore[attr-defined]


@cache
def _inserting(model: type[Base], *, answering: bool) -> Insert:
    table = table_of(model)
    statement = insert(table)
    return statement.returning(table.c.id) if answering else statement


def values_of(record: Base) -> dict[str, Any]:
    """What a new record was given, by its attributes, which are named as columns."""
    return {
        name: value for name, value in vars(record).items() if not name.startswith("_")
    }


def filled(view: type[View], row: Any, **more: Any) -> View:
    """A dataclass from what a row calls by the names of its fields; more: the rest.

    A text becomes the enumeration's member that the field is declared as.
    """
    for name, kind in _fields_of(cast("Any", view)):
        if name not in more and hasattr(row, name):
            value = getattr(row, name)
            more[name] = kind(value) if kind and value is not None else value
    return view(**more)


@cache
def _fields_of(view: type[Any]) -> tuple[tuple[str, type[StrEnum] | None], ...]:
    hints = get_type_hints(view)
    return tuple(
        (each.name, _enum_of(hints[each.name])) for each in fields(view) if each.init
    )


def _enum_of(hint: Any) -> type[StrEnum] | None:
    kinds = [k for k in get_args(hint) or (hint,) if isinstance(k, type)]
    return next((kind for kind in kinds if issubclass(kind, StrEnum)), None)
