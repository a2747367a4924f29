"""Every door opens in the own place, and leads to nothing of another.

Whoever enters by a role asks for the records and the lists of the own place and of
another, with every method, and with forms that are right, so that the service behind
the door decides: a scope loosened there turns these tests red.
"""

import re
from collections.abc import Iterator, Mapping

import pytest
from flask import Flask

from core import clock
from core.access import Actor, Grant, Policy
from core.clock import now
from core.database import Base
from domain.roles import Role, ScopeKind
from models.accounts import RoleGrant
from models.alliances import AllianceMember
from models.catalogue import Product
from models.income import Employment, IncomeVoucher
from models.live import LiveSession
from models.orders import Order
from models.payments import Payment, Refund
from models.register import Invitation
from models.training import Certificate, TrainingRecord
from queries.scopes import find_visible
from tests.support.doors import Door
from tests.support.knocking import People, doors_of, entering, knock, losing
from tests.support.leads import furnish
from tests.support.people import sign_in, writing
from tests.support.scopes import held
from tests.support.worlds import World, fill, make_world

OPEN_TO_ALL = set(
    "bundle catalogue.label catalogue.photo catalogue.show catalogue.trace live.replay"
    " live.say live.show live.state live.ticket payments.returned payments.webhook"
    " training.certificate".split()
)
TABLES: Mapping[str, type[Base]] = {
    "account_id": AllianceMember,
    "certificate_id": Certificate,
    "employment_id": Employment,
    "grant_id": RoleGrant,
    "invitation_id": Invitation,
    "job_id": Order,
    "listing_id": Product,
    "number": Order,
    "order_id": Order,
    "payment_id": Payment,
    "record_id": TrainingRecord,
    "refund_id": Refund,
    "session_id": LiveSession,
    "voucher_id": IncomeVoucher,
}
"""Of which table the record is that an argument of an address names."""
LAST = ("live.end", "catalogue.withdraw")
"""Doors after which others of the same record do not open any more."""
DONE = {200, 204, 303}
OUTSIDE = "orders.return_payment"
"""It asks Stripe before it writes, of a payment that Stripe does not know here."""
MANY = ("orders.handle_packets", "orders.slips")
"""They take ids from a form or a query, and leave out what is not in scope."""
LEADS_ON = "desk.studio"
"""It shows nothing, and leads to the desk."""
MADE_ANEW = re.compile(r'name="request_id" value="[^"]*"')
INVITING = ("register.new_invitation", Role.LEAD)
"""Its form offers a role that a lead gives."""
BOOKS = "income.orders"
"""It lists the orders behind figures: a world has nothing in the ledger."""


@pytest.fixture
def here(app: Flask) -> World:
    with writing(app):
        return furnish(make_world("云台"))


@pytest.fixture
def there(app: Flask) -> World:
    with writing(app):
        return furnish(make_world("雪野"))


def closed(app: Flask, world: World) -> list[tuple[Door, Policy]]:
    """The doors that only some roles open, or to a record that is not for all."""
    found = [
        (door, policy)
        for door, policy in doors_of(app, world)
        if policy.roles or (door.arguments and door.endpoint not in OPEN_TO_ALL)
    ]
    return sorted(found, key=lambda one: one[0].endpoint in LAST)


def to_records(app: Flask, world: World) -> Iterator[tuple[Door, Policy]]:
    """The closed doors that a role opens to one record."""
    for door, policy in closed(app, world):
        if door.arguments and policy.roles:
            yield door, policy


def to_lists(app: Flask, world: World) -> Iterator[tuple[Door, Policy]]:
    """The doors that a role opens to lists, and to forms with choices."""
    for door, policy in closed(app, world):
        is_list = door.endpoint not in (LEADS_ON, *MANY)
        if not door.arguments and door.method == "GET" and is_list:
            yield door, policy


def is_seen(app: Flask, grant: Grant, door: Door, world: World) -> bool:
    """Whether what a door leads to lies in what a role is held for."""
    named = {TABLES[name] for name in door.arguments if name in TABLES}
    with app.app_context():
        return all(
            find_visible(table, world.rows[table], Actor(grants=(grant,)), grant.role)
            for table in named
        )


def useless(policy: Policy, world: World) -> list[Grant]:
    """Every role by which one does not enter."""
    return [
        world.grant(role, kind) for role, kind in held() if role not in policy.roles
    ]


def test_every_door_says_whose_record_it_leads_to(app: Flask, here: World) -> None:
    unknown = {
        f"{door.endpoint} {sorted(door.arguments)}"
        for door, _policy in to_records(app, here)
        if not door.arguments & set(TABLES)
    }
    assert not unknown, (
        "say in TABLES of this file which table these lead to, or in OPEN_TO_ALL that "
        f"everybody may enter: {unknown}"
    )


def test_no_door_leads_into_another_place(
    app: Flask, here: World, there: World
) -> None:
    """Whoever enters by a role of there holds here every role that does not enter."""
    people, wrong = People(app), []
    for door, policy in to_records(app, here):
        for role, kind in entering(policy):
            if kind is ScopeKind.DISTRICT:
                continue
            client = people.holding(there.grant(role, kind), *useless(policy, here))
            if (status := knock(client, door, here).status_code) != 404:
                who = f"{role} of another {kind}"
                wrong.append(f"{door.method} {door.endpoint} lets {who} in: {status}")
    assert not wrong, "\n".join(wrong)


def test_no_list_tells_of_another_place(app: Flask, here: World, there: World) -> None:
    """Nor any count or sum on it: whatever comes here, pages of there stay as is."""
    people = People(app)
    readers = [
        (door, people.holding(there.grant(role, kind), *useless(policy, here)))
        for door, policy in to_lists(app, here)
        for role, kind in entering(policy)
        if kind is not ScopeKind.DISTRICT
    ]

    def pages() -> list[str]:
        answers = [knock(client, door, here).text for door, client in readers]
        return [MADE_ANEW.sub("", text) for text in answers]

    with clock.at(now()):
        before = pages()
        with writing(app):
            furnish(fill(here.name, here.place, here.worker, here.goods, here.buyer))
        after = pages()
    wrong = {
        door.endpoint
        for (door, _client), old, new in zip(readers, before, after, strict=True)
        if old != new or here.name in new
    }
    assert not wrong


def test_every_list_shows_the_own_place(app: Flask, here: World) -> None:
    people, wrong = People(app), []
    for door, policy in to_lists(app, here):
        pages = [
            knock(people.holding(here.grant(role, kind)), door, here)
            for role, kind in entering(policy)
        ]
        assert {page.status_code for page in pages} == {200}, door
        told = (here.name, here.order.number)
        is_shown = any(word in page.text for page in pages for word in told)
        if not is_shown and door.endpoint != BOOKS:
            wrong.append(f"{door.endpoint} shows nobody anything")
    assert not wrong, "\n".join(wrong)


def test_every_door_leads_into_the_own_place(app: Flask, here: World) -> None:
    people, wrong = People(app), []
    for door, policy in closed(app, here):
        if not policy.roles or door.endpoint in MANY:
            continue
        statuses = set()
        for role, kind in entering(policy):
            grant = here.grant(role, kind)
            status = knock(people.holding(grant), door, here).status_code
            statuses.add(status)
            if (status == 404) == is_seen(app, grant, door, here):
                wrong.append(f"{door.method} {door.endpoint} {role} {kind}: {status}")
        if not statuses & DONE and door.endpoint != OUTSIDE:
            wrong.append(f"{door.method} {door.endpoint} does nothing: {statuses}")
    assert not wrong, "\n".join(wrong)


def test_every_service_looks_at_the_scope_itself(
    app: Flask, here: World, there: World
) -> None:
    """Also behind a view that looked before: the role is lost in between."""
    people, wrong = People(app), []
    for door, policy in closed(app, here):
        if door.method != "POST" or door.endpoint in (OUTSIDE, *MANY):
            continue
        for role, kind in entering(policy):
            grant = here.grant(role, kind)
            if kind is ScopeKind.DISTRICT or not is_seen(app, grant, door, here):
                continue
            if door.endpoint == INVITING[0] and role is not INVITING[1]:
                continue
            client = people.holding(grant)
            with losing(there.grant(role, kind)):
                status = knock(client, door, here).status_code
            if status not in (403, 404):
                wrong.append(f"{door.endpoint} lets {role} {kind} go on: {status}")
    assert not wrong, "\n".join(wrong)


def test_a_buyers_doors_are_closed_to_others(
    app: Flask, here: World, there: World
) -> None:
    own = [door for door, policy in closed(app, here) if not policy.roles]
    asked = {door.endpoint for door, policy in closed(app, here) if policy.needs_login}
    buyer = sign_in(app.test_client(), here.buyer)
    guest = app.test_client()
    signed_in = (sign_in(app.test_client(), who) for who in (there.buyer, here.worker))
    others = [guest, *signed_in]
    wrong = [
        f"{door.method} {door.endpoint} is open to others"
        for door in own
        for client in others
        if knock(client, door, here).status_code
        != (303 if client is guest and door.endpoint in asked else 404)
    ]
    wrong += [
        f"{door.method} {door.endpoint}: {status}"
        for door in own
        if (status := knock(buyer, door, here).status_code) not in DONE
    ]
    assert not wrong, "\n".join(wrong)
    assert len(own) > 5
