"""0003 admits the roles of the coming rooms; going back takes their grants along."""

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.database import db, transaction
from tests.support.factories import Person
from tests.support.scopes import held

GRANT = text(
    "INSERT INTO role_grant (account_id, role, scope_kind, scope_id, granted_at)"
    " VALUES (:account_id, :role, :kind, 0, '2026-11-24')"
)
OLD = {("auditor", "district"), ("member", "alliance"), ("secretary", "village")}
NEW = {("grid_lead", "grid"), ("auditor", "shop"), ("veteran", "workshop")}


def grant(person: Person, *pairs: tuple[str, str]) -> None:
    with transaction() as session:
        for role, kind in pairs:
            values = {"account_id": person.id, "role": role, "kind": kind}
            session.execute(GRANT, values)


def granted() -> set[tuple[str, str]]:
    rows = db.session.execute(text("SELECT role, scope_kind FROM role_grant"))
    found = {(str(role), str(kind)) for role, kind in rows}
    db.session.remove()
    return found


def test_every_role_is_admitted_in_each_of_its_scopes(
    context: Flask, charlie: Person
) -> None:
    grant(charlie, *held())
    assert granted() == set(held())


@pytest.mark.parametrize("pair", [("king", "district"), ("member", "galaxy")])
def test_no_other_word_is(
    context: Flask, charlie: Person, pair: tuple[str, str]
) -> None:
    with pytest.raises(IntegrityError):
        grant(charlie, pair)


def test_going_back_keeps_the_old_grants_alone(context: Flask, charlie: Person) -> None:
    grant(charlie, *OLD, *NEW)
    db.session.remove()
    downgrade(revision="0002")

    assert granted() == OLD
    for pair in NEW:
        with pytest.raises(IntegrityError):
            grant(charlie, pair)
    upgrade()
    grant(charlie, *NEW)
    assert granted() == OLD | NEW
