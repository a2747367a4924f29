"""Every door to a record: it opens in the own place, and nowhere else.

Whoever enters by a role asks for a record of the own place and for one of another,
with every method, and with forms that are right, so that the service behind the door
decides: a scope loosened there turns these tests red.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from core.access import Actor, Grant, Policy, find_actor, policy_of
from core.clock import today
from core.database import Base
from domain.roles import Role, ScopeKind
from models.alliances import AllianceMember
from models.catalogue import Product
from models.income import Employment, IncomeVoucher
from models.live import LiveSession
from models.orders import Order
from models.payments import Payment, Refund
from models.training import Certificate, TrainingRecord
from queries.scopes import find_visible
from tests.support.doors import Door, doors
from tests.support.factories import make_person
from tests.support.listing_form import filled
from tests.support.people import sign_in, writing
from tests.support.scopes import held
from tests.support.worlds import World, furnish, make_world

OPEN_TO_ALL = set(
    "catalogue.label catalogue.photo catalogue.show catalogue.trace live.replay"
    " live.say live.show live.state live.ticket payments.returned payments.webhook"
    " training.certificate".split()
)
TABLES: Mapping[str, type[Base]] = {
    "account_id": AllianceMember,
    "certificate_id": Certificate,
    "employment_id": Employment,
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


def form_of(world: World) -> dict[str, Any]:
    """Every field of every form, rightly filled in."""
    return {
        **filled(world.place),
        "amount": "1.00",
        "author": world.author,
        "bearer": "parties",
        "carrier": "顺丰速运",
        "fee": "0",
        "freight": "0",
        "host_id": world.worker.id,
        "outcome": "returned",
        "place": "room",
        "product_id": world.goods.id,
        "product_ids": world.goods.id,
        "quantity": "2",
        "reason": "调走了",
        "reference": "2026-0001",
        "starts_on": (today() + timedelta(days=1)).isoformat(),
        "starts_time": "19:00",
        "state": "attended",
        "title": "蜜薯当面掰",
        "tracking_number": "SF1",
        **{f"quantity_{line_id}": "1" for line_id in world.line_ids},
    }


def doors_of(app: Flask, world: World) -> list[tuple[Door, Policy]]:
    """The doors to a record of `world` that not everybody may enter."""
    found = [
        (door, policy)
        for door in doors(app, world.leads)
        if door.arguments
        and door.endpoint not in OPEN_TO_ALL
        and (policy := policy_of(app.view_functions[door.endpoint]))
    ]
    return sorted(found, key=lambda one: one[0].endpoint in LAST)


def entering(policy: Policy) -> Iterator[tuple[Role, ScopeKind]]:
    """Who gets past a policy, in every kind of scope that the role is held in."""
    for role in sorted(map(Role, policy.roles)):
        for kind in role.scopes:
            yield role, kind


def knock(client: FlaskClient, door: Door, world: World) -> int:
    data = form_of(world) if door.method == "POST" else None
    return client.open(door.path, method=door.method, data=data).status_code


class People:
    """Browsers of those who hold the same roles."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.browsers: dict[tuple[Grant, ...], FlaskClient] = {}

    def holding(self, *grants: Grant) -> FlaskClient:
        """The browser of who holds these roles and no others."""
        if grants not in self.browsers:
            with writing(self.app):
                person = make_person("王小明", *grants)
            self.browsers[grants] = sign_in(self.app.test_client(), person)
        return self.browsers[grants]

    def see(self, grant: Grant, door: Door, world: World) -> bool:
        """Whether the record behind a door lies in what the role is held for."""
        [table] = {TABLES[name] for name in door.arguments if name in TABLES}
        actor = Actor(grants=(grant,))
        with self.app.app_context():
            found = find_visible(table, world.rows[table], actor, grant.role)
        return found is not None


@pytest.fixture
def here(app: Flask) -> World:
    with writing(app):
        return furnish(make_world("苗山"))


@pytest.fixture
def there(app: Flask) -> World:
    with writing(app):
        return furnish(make_world("雪野"))


def test_every_door_says_whose_record_it_leads_to(app: Flask, here: World) -> None:
    unknown = {
        f"{door.endpoint} {sorted(door.arguments)}"
        for door, policy in doors_of(app, here)
        if policy.roles and not door.arguments & set(TABLES)
    }
    assert not unknown, (
        "say in TABLES of this file which table these lead to, or in OPEN_TO_ALL that "
        f"everybody may enter: {unknown}"
    )


def test_no_door_leads_into_another_place(
    app: Flask, here: World, there: World
) -> None:
    """Whoever enters by a role of there holds every role here that does not enter."""
    people, wrong = People(app), []
    for door, policy in doors_of(app, here):
        useless = [
            here.grant(role, kind) for role, kind in held() if role not in policy.roles
        ]
        for role, kind in entering(policy):
            if kind is ScopeKind.DISTRICT:
                continue
            client = people.holding(there.grant(role, kind), *useless)
            if (status := knock(client, door, here)) != 404:
                who = f"{role} of another {kind}"
                wrong.append(f"{door.method} {door.endpoint} lets {who} in: {status}")
    assert not wrong, "\n".join(wrong)


def test_every_door_leads_into_the_own_place(app: Flask, here: World) -> None:
    people, wrong = People(app), []
    for door, policy in doors_of(app, here):
        statuses = set()
        for role, kind in entering(policy):
            grant = here.grant(role, kind)
            status = knock(people.holding(grant), door, here)
            statuses.add(status)
            if (status == 404) == people.see(grant, door, here):
                wrong.append(f"{door.method} {door.endpoint} {role} {kind}: {status}")
        if policy.roles and not statuses & DONE and door.endpoint != OUTSIDE:
            wrong.append(f"{door.method} {door.endpoint} does nothing: {statuses}")
    assert not wrong, "\n".join(wrong)


def test_every_service_looks_at_the_scope_itself(
    app: Flask, here: World, there: World
) -> None:
    """Also behind a view that looked before: the role is lost in between."""
    people, wrong = People(app), []
    for door, policy in doors_of(app, here):
        if door.method != "POST" or door.endpoint == OUTSIDE:
            continue
        for role, kind in entering(policy):
            grant = here.grant(role, kind)
            if kind is ScopeKind.DISTRICT or not people.see(grant, door, here):
                continue
            client = people.holding(grant)
            with losing(there.grant(role, kind)):
                status = knock(client, door, here)
            if status not in (403, 404):
                wrong.append(f"{door.endpoint} lets {role} {kind} go on: {status}")
    assert not wrong, "\n".join(wrong)


@contextmanager
def losing(foreign: Grant) -> Iterator[None]:
    """Let who acts hold `foreign` alone as soon as a transaction is open."""

    def swap(session: Session, *_ignored: object) -> None:
        if session.info.get("writing") and (actor := find_actor()):
            object.__setattr__(actor, "grants", (foreign,))

    event.listen(Session, "after_begin", swap)
    yield
    event.remove(Session, "after_begin", swap)


def test_a_buyers_doors_are_closed_to_others(
    app: Flask, here: World, there: World
) -> None:
    own = [door for door, policy in doors_of(app, here) if not policy.roles]
    buyer = sign_in(app.test_client(), here.buyer)
    others = [
        app.test_client(),
        *(sign_in(app.test_client(), who) for who in (there.buyer, here.worker)),
    ]
    wrong = [
        f"{door.method} {door.endpoint} is open to others"
        for door in own
        for client in others
        if knock(client, door, here) != 404
    ]
    wrong += [
        f"{door.method} {door.endpoint}: {status}"
        for door in own
        if (status := knock(buyer, door, here)) not in DONE
    ]
    assert not wrong, "\n".join(wrong)
    assert len(own) > 5
