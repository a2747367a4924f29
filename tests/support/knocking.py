"""Who knocks at which door, with which form: for tests of what lies behind them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from core.access import Grant, Policy, find_actor, policy_of
from core.clock import today
from domain.roles import Role, ScopeKind
from tests.support.doors import Door, doors
from tests.support.factories import make_person
from tests.support.listing_form import filled
from tests.support.people import sign_in, writing
from tests.support.worlds import World

KINDS = {"income.new_voucher": "subsidy", "training.new_certificate": "course"}
"""Where `kind` is another than that of a training record."""


def doors_of(app: Flask, world: World) -> list[tuple[Door, Policy]]:
    """Every door, with the addresses of `world`'s records, and its policy."""
    policies = {name: policy_of(view) for name, view in app.view_functions.items()}
    found = ((door, policies[door.endpoint]) for door in doors(app, world.leads))
    return [(door, policy) for door, policy in found if policy]


def entering(policy: Policy) -> Iterator[tuple[Role, ScopeKind]]:
    """Who gets past a policy, in every kind of scope that the role is held in."""
    for role in sorted(map(Role, policy.roles)):
        for kind in role.scopes:
            yield role, kind


def knock(client: FlaskClient, door: Door, world: World) -> TestResponse:
    """Ask at a door, with a form that is rightly filled in for `world`."""
    form = form_of(world, door.endpoint) if door.method == "POST" else None
    return client.open(door.path, method=door.method, data=form)


class People:
    """Browsers of those who hold the same roles."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.browsers: dict[tuple[Grant, ...], FlaskClient] = {}

    def holding(self, *grants: Grant) -> FlaskClient:
        """The browser of who holds these roles and no others."""
        if grants not in self.browsers:
            with writing(self.app):
                person = make_person("某人", *grants)
            self.browsers[grants] = sign_in(self.app.test_client(), person)
        return self.browsers[grants]


@contextmanager
def losing(foreign: Grant) -> Iterator[None]:
    """Let who acts hold `foreign` alone as soon as a transaction is open."""

    def swap(session: Session, *_ignored: object) -> None:
        if session.info.get("writing") and (actor := find_actor()):
            object.__setattr__(actor, "grants", (foreign,))

    event.listen(Session, "after_begin", swap)
    yield
    event.remove(Session, "after_begin", swap)


def form_of(world: World, endpoint: str) -> dict[str, Any]:
    """Every field of every form, as it is right for one endpoint."""
    invites = endpoint == "register.new_invitation"
    tomorrow = (today() + timedelta(days=1)).isoformat()
    return {
        **filled(world.place),
        "abilities": "service",
        "amount": "1.00",
        "author": world.author,
        "bearer": "parties",
        "carrier": "顺丰速运",
        "cooperative": world.place.cooperative_id,
        "days": "3",
        "fee": "0",
        "freight": "0",
        "host_id": world.worker.id,
        "hours": "4",
        "identity_hint": "031X",
        "issuer": "区人社局",
        "kind": KINDS.get(endpoint, "business"),
        "member": world.member.id,
        "memo": "租金",
        "month": f"{today():%Y-%m}",
        "number": f"NEW-{world.member.id:04d}",
        "outcome": "returned",
        "person_name": "钱家",
        "phone": "15900000088",
        "place": f"alliance:{world.place.alliance_id}" if invites else "room",
        "role": "member",
        "product_id": world.goods.id,
        "product_ids": world.goods.id,
        "quantity": "2",
        "reason": "调走了",
        "received_on": today().isoformat(),
        "reference": "2026-0001",
        "started_on": today().isoformat(),
        "starts_on": tomorrow,
        "starts_time": "19:00",
        "state": "attended",
        "title": "蜜薯当面掰",
        "tracking_number": "SF1",
        "valid_from": today().isoformat(),
        "valid_until": tomorrow,
        "village": world.place.village_id,
        "wages": "100",
        **{f"quantity_{line_id}": "1" for line_id in world.line_ids},
    }
