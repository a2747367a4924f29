"""Statements are built once; rows written without the ORM have ids and defaults."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import Select, bindparam, select

from core.clock import now
from core.database import AnySelect, db, transaction
from core.statements import filled, insert_all, insert_now, kept, table_of
from models.accounts import Visitor
from models.history import StateChange


@pytest.fixture(autouse=True)
def writing(context: Flask) -> Iterator[None]:
    """Everything here is written in a transaction."""
    with transaction():
        yield


def visitor(number: int) -> Visitor:
    return Visitor(token_digest=f"digest-{number}", expires_at=now())


def test_a_record_gets_its_id_and_its_defaults() -> None:
    first, second = visitor(1), visitor(2)
    insert_now(first)
    insert_now(second)
    assert second.id == first.id + 1
    assert db.session.get_one(Visitor, first.id).created_at is not None


def test_many_records_are_written_at_once() -> None:
    insert_all([visitor(number) for number in range(3)])
    assert db.session.query(Visitor).count() == 3


def test_no_records_are_no_statement() -> None:
    insert_all([])


def test_what_was_not_given_is_left_to_the_table() -> None:
    insert_now(StateChange(record_kind="order", record_id=1, to_state="placed"))
    change = db.session.query(StateChange).one()
    assert (change.from_state, change.reason) == (None, "")


def test_a_statement_is_built_once_for_its_arguments() -> None:
    built: list[str] = []

    @kept
    def by(column: str) -> AnySelect:
        built.append(column)
        visitors = table_of(Visitor)
        found: Select[tuple[int]] = select(visitors.c.id)
        return found.where(visitors.c[column] == bindparam("value"))

    insert_now(visitor(1))
    for value in ("digest-1", "digest-2"):
        db.session.scalar(by("token_digest"), {"value": value})
    by("created_at")
    assert built == ["token_digest", "created_at"]
    assert db.session.scalar(by("token_digest"), {"value": "digest-1"}) is not None
    assert db.session.scalar(by("token_digest"), {"value": "digest-2"}) is None


class Fruit(StrEnum):
    PEAR = "pear"


@dataclass(frozen=True)
class Basket:
    number: int
    fruit: Fruit | None
    weight_g: int


def test_a_view_takes_from_a_row_what_it_names() -> None:
    row = SimpleNamespace(number=3, fruit="pear", colour="green")

    assert filled(Basket, row, weight_g=500) == Basket(3, Fruit.PEAR, 500)


def test_a_view_needs_all_its_fields() -> None:
    with pytest.raises(TypeError, match="weight_g"):
        filled(Basket, SimpleNamespace(number=3, fruit=None))
