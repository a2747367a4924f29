"""One scope for every table and role: one's own place, and nothing of another."""

from collections.abc import Callable, Mapping

import pytest
from sqlalchemy import select

from core.access import HOUSE, Actor
from core.database import Base, db, transaction
from core.errors import NotFound
from domain.roles import Role, ScopeKind
from models.accounts import RoleGrant
from models.alliances import AllianceMember
from models.cooperative import Farmer
from models.orders import Order, OrderAccess, OrderLine
from models.register import Invitation
from queries.scopes import OWNED, PATHS, find_visible, lock, visible
from tests.support.scopes import ALL, FOREIGN, GOLDEN, NOTHING, held, mark, table
from tests.support.worlds import ROWS, World, make_world


def _holder(world: World) -> int:
    return db.session.get_one(RoleGrant, world.rows[RoleGrant]).account_id


OWNERS: Mapping[type[Base], Callable[[World], Actor]] = {
    Order: lambda world: Actor(account_id=world.buyer.id),
    AllianceMember: lambda world: Actor(account_id=world.member.id),
    Invitation: lambda world: Actor(account_id=world.member.id),
    RoleGrant: lambda world: Actor(account_id=_holder(world)),
}
"""To whom the row of each table belongs that someone may own."""


@pytest.fixture
def here() -> World:
    with transaction():
        return make_world("苗山")


@pytest.fixture
def there() -> World:
    with transaction():
        return make_world("雪野")


def test_the_table_of_scopes_is_as_reviewed(here: World, there: World) -> None:
    found = table(here, there).splitlines()
    reviewed = GOLDEN.read_text().splitlines()

    gone = [line for line in reviewed if line not in found]
    new = [line for line in found if line not in reviewed]
    assert not gone + new, "\n".join(
        [
            "Review the change, then: python -m tests.support.scopes",
            *(f"- {line}" for line in gone),
            *(f"+ {line}" for line in new),
        ]
    )


def test_only_the_district_sees_other_places(here: World, there: World) -> None:
    """Whatever is reviewed: from neither place anything of the other."""
    for home, abroad in ((here, there), (there, here)):
        for role, kind in held():
            actor = Actor(grants=(home.grant(role, kind),))
            marks = {mark(model, actor, role, home, abroad) for model in PATHS}
            if kind is ScopeKind.DISTRICT:
                assert marks == {ALL}, role
            else:
                assert not marks & {ALL, FOREIGN}, (role, kind)


def test_a_role_that_was_not_asked_for_opens_nothing(here: World, there: World) -> None:
    for role, kind in held():
        actor = Actor(grants=(here.grant(role, kind),))
        others = [other for other in Role if other is not role]
        for model, record_id in here.rows.items():
            assert find_visible(model, record_id, actor, *others) is None, model
            assert mark(model, Actor(), role, here, there) == NOTHING, model


def test_a_scope_may_stand_beside_any_table(here: World) -> None:
    """The query around it may read what the scope reads by itself."""
    tables: list[type[Base]] = [Farmer, OrderAccess, OrderLine, *PATHS]
    everything = select(*(table.__mapper__.columns.id for table in tables))
    for kind in Role.AUDITOR.scopes:
        auditor = Actor(grants=(here.grant(Role.AUDITOR, kind),))
        for model in PATHS:
            everything.where(visible(model, auditor, Role.AUDITOR)).compile(db.engine)
    for model in OWNED:
        somebody = Actor(account_id=1, visitor_id=1)
        everything.where(visible(model, somebody)).compile(db.engine)


def test_what_is_ones_own_is_seen_without_a_role(here: World, there: World) -> None:
    missing = {model.__name__ for model in set(OWNED) - set(OWNERS)}
    assert not missing, f"say in OWNERS of this file whose rows these are: {missing}"
    for model, owner in OWNERS.items():
        own = select_ids(model, owner(here))
        assert here.rows[model] in own
        assert there.rows[model] not in own
        assert not select_ids(model, Actor()), model


def select_ids(model: type[Base], actor: Actor) -> set[int]:
    key = model.__mapper__.columns.id
    return set(db.session.scalars(select(key).where(visible(model, actor))))


def test_a_record_is_locked_in_ones_own_place_only(here: World, there: World) -> None:
    accountant = Actor(grants=(here.grant(Role.ACCOUNTANT, ScopeKind.COOPERATIVE),))
    own, foreign = here.rows[Order], there.rows[Order]
    with transaction():
        assert lock(Order, own, accountant, Role.ACCOUNTANT).id == own
        for record_id, role in ((foreign, Role.ACCOUNTANT), (own, Role.CHAIR)):
            with pytest.raises(NotFound):
                lock(Order, record_id, accountant, role)


def test_the_house_may_change_every_row(here: World) -> None:
    with transaction():
        locked = [lock(model, one, HOUSE) for model, one in here.rows.items()]
    assert len(locked) == len(PATHS)


def test_a_table_that_no_world_has_a_row_of_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = {model: make for model, make in ROWS.items() if model is not Order}
    monkeypatch.setattr("tests.support.worlds.ROWS", rows)

    with (
        pytest.raises(AssertionError, match=r"Order has paths .* and no row here"),
        transaction(),
    ):
        make_world("苗山")
