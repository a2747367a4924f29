"""Every door of the house: each endpoint and method, with an address that leads in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from core.access import HOUSE, Grant
from core.clock import today
from core.database import db
from domain.roles import Role, ScopeKind
from domain.training import Ability, RecordKind
from models.alliances import AllianceMember
from models.catalogue import HarvestBatch
from services.accounts import roles
from services.training import RecordDraft, enter_record
from tests.support.factories import (
    FOUNDED,
    Goods,
    Person,
    Place,
    actor_of,
    make_person,
    place_order,
)
from tests.support.studio import make_session

SELDOM = {"HEAD", "OPTIONS"}
DISTRICT = (ScopeKind.DISTRICT, 0)


@dataclass(frozen=True)
class Door:
    """One method of one endpoint; `path` is percent-encoded."""

    endpoint: str
    method: str
    path: str


def doors(app: Flask, values: Mapping[str, object]) -> Iterator[Door]:
    """Every endpoint but static files, with `values` in the variable parts.

    values: by argument name, else by converter name (`id`, `default`).
    """
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
            if rule.endpoint == "static":
                continue
            path = adapter.build(rule.endpoint, _arguments(rule, values))
            for method in sorted((rule.methods or set()) - SELDOM):
                yield Door(rule.endpoint, method, path)


def _arguments(rule: Rule, values: Mapping[str, object]) -> dict[str, object]:
    found = {}
    for name in rule.arguments:
        kind = type(rule._converters[name]).__name__
        fallback = values["id"] if kind == "IdConverter" else values["text"]
        found[name] = values.get(name, fallback)
    return found


def furnish_rooms(place: Place, worker: Person, goods: Goods) -> dict[str, object]:
    """Rows behind every door, and the values that lead to them.

    `worker` gets every role: what only some may do is `test_policies`' question.
    """
    for role in (Role.TRAINER, Role.DISTRICT_OFFICER, Role.AUDITOR):
        roles.grant_role(HOUSE, worker.id, Grant(role, *DISTRICT))
    order = place_order(worker, goods)
    session = make_session(place, worker, goods)
    member = _make_member(place)
    record = enter_record(
        actor_of(worker),
        RecordDraft(
            request_id="a-record-of-doors",
            account_id=member.id,
            kind=RecordKind.BUSINESS,
            title="直播选品课",
            started_on=today(),
            ended_on=None,
            place="党群服务中心",
            hours=4,
            abilities=(Ability.SERVICE,),
            mentor_id=None,
            note="",
        ),
    )
    batch = db.session.scalars(select(HarvestBatch.code)).first()
    return {
        "id": 1,
        "text": goods.slug,
        "number": order.number,
        "order_id": order.order_id,
        "account_id": member.id,
        "record_id": record,
        "session_id": session.id,
        "listing_id": goods.id,
        "code": batch,
        "account": "default",
        "name": "a" * 64 + "-480.webp",
    }


def _make_member(place: Place) -> Person:
    member = make_person("朵拉")
    db.session.add(
        AllianceMember(
            alliance_id=place.alliance_id, account_id=member.id, joined_on=FOUNDED
        )
    )
    db.session.flush()
    return member
