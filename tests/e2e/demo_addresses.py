"""Where every page of the demo district is: addresses by endpoint, in every state."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from core.database import db
from models.accounts import Account, RoleGrant
from models.alliances import AllianceMember
from models.catalogue import HarvestBatch, Product
from models.income import Employment, IncomeVoucher
from models.live import LiveSession
from models.orders import Order
from models.payments import Refund
from models.register import Invitation
from models.training import Certificate, TrainingRecord

NO_PAGES = {
    "bundle",
    "catalogue.photo",
    "desk.studio",
    "exports.file",
    "home.healthz",
    "home.readyz",
    "live.host_ticket",
    "live.replay",
    "live.state",
    "live.ticket",
    "payments.proceed",
    "payments.returned",
    "static",
}
"""Pictures, files, JSON, and addresses that only lead on, as to a recording."""

QUERIES: Mapping[str, Sequence[str]] = {
    "accounts.login": ("next=/studio/listings",),
    "catalogue.index": ("all=1", "category=ginger", "q=没有这样的货"),
    "catalogue.listings": ("state=draft", "q=没有这样的货"),
    "desk.index": ("role=chair",),
    "demo.messages": ("to=13800000001", "to=0"),
    "income.report": ("from=2025-01-01&to=2025-12-31", "from=1999-01-01&to=1999-01-31"),
    "income.orders": ("from=2025-01-01&to=2025-12-31",),
    "live.sessions": ("state=cancelled",),
    "orders.desk": ("state=placed&method=bank_transfer", "q=0", "from=x"),
    "orders.refunds": ("tab=open", "tab=failed"),
    "orders.shipping": ("queue=accept", "queue=pack", "queue=ship", "queue=on_the_way"),
    "training.members": ("q=没有这个人",),
}
"""Other faces of a page, beside the one without a query."""


def addresses(app: Flask, phone: str = "") -> Iterator[tuple[str, str]]:
    """Endpoint and path of every page that answers GET, as often as it has faces.

    phone: whose own orders stand for the orders of a buyer; without one, anybody's.
    """
    with app.test_request_context():
        found = _found(phone)
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
            if "GET" not in (rule.methods or ()) or rule.endpoint in NO_PAGES:
                continue
            for values in found[rule.endpoint] if rule.arguments else [{}]:
                path = adapter.build(rule.endpoint, values)
                yield rule.endpoint, path
                for query in QUERIES.get(rule.endpoint, ()):
                    yield rule.endpoint, f"{path}?{query}"
        yield from (("orders.slips", path) for path in _slips())
        yield "home.index", "/such-a-page-does-not-exist"


def _found(phone: str) -> Mapping[str, list[dict[str, Any]]]:
    """Values for the variable parts of addresses: one row for each state."""
    who = select(Account.id).where(Account.phone == phone)
    own, of_own = Order.account_id.in_(who), RoleGrant.account_id.in_(who)
    orders = _each("number", Order.number, Order.state, Order.payment_method)
    listings = _each("listing_id", Product.id, Product.state)
    certificates = _each("certificate_id", Certificate.id, Certificate.kind)
    return {
        "catalogue.show": _each(
            "slug", Product.slug, Product.state, Product.village_id
        ),
        "catalogue.trace": _each("code", HarvestBatch.code),
        "catalogue.label": _each("code", HarvestBatch.code),
        "catalogue.listing": listings,
        "catalogue.edit_listing": listings,
        "live.show": _each("slug", LiveSession.slug, LiveSession.state),
        "live.console": _each("session_id", LiveSession.id, LiveSession.state),
        "live.edit_session": _each(
            "session_id", LiveSession.id, where=LiveSession.state == "planned"
        ),
        "orders.show": _each(
            "number", Order.number, Order.state, Order.payment_method, where=own
        )
        or orders[:1],
        "orders.desk_order": orders,
        "orders.grant": _each("number", Order.number, where=Order.state == "delivered"),
        "orders.refund": _each("refund_id", Refund.id, Refund.state),
        "income.postings": orders,
        "income.void_employment": _each("employment_id", Employment.id),
        "income.void_voucher": _each("voucher_id", IncomeVoucher.id),
        "register.end": _each("grant_id", RoleGrant.id, RoleGrant.role),
        "register.lay_down": _each("grant_id", RoleGrant.id, where=of_own),
        "register.invitation": _each("invitation_id", Invitation.id, Invitation.state),
        "training.certificate": [
            *_each("number", Certificate.number),
            {"number": "XX-0000"},
        ],
        "training.member": _each("account_id", AllianceMember.account_id),
        "training.record": _each(
            "record_id", TrainingRecord.id, TrainingRecord.kind, TrainingRecord.state
        ),
        "training.revoke": certificates,
    }


def _each(name: str, column: Any, *by: Any, where: Any = True) -> list[dict[str, Any]]:
    """One value of `column` for each value of `by`, as arguments of an address."""
    query = select(func.min(column)).where(where).group_by(*by)
    return [{name: value} for value in db.session.scalars(query) if value is not None]


def _slips() -> list[str]:
    """Packing slips of an order that waits to be packed, on both papers."""
    waiting = select(func.min(Order.id)).where(Order.state == "paid")
    order_id = db.session.scalar(waiting)
    return [
        f"/studio/shipping/slips?order={order_id}",
        f"/studio/shipping/slips?order={order_id}&size=label",
    ]
