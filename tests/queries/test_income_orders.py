"""The income report after a real order: bought, paid, delivered, partly refunded."""

import pytest

from core.access import Actor, Grant
from core.clock import today
from core.database import db, transaction
from domain.periods import Period
from domain.roles import Role, ScopeKind
from models.catalogue import Variant
from queries.income.report import income_report
from queries.income.scope import IncomeScope, Narrowing
from sandbox.server import SandboxServer
from services.orders.cancelling import cancel_own
from services.orders.drafts import PlacedOrder
from services.orders.fulfilling import confirm_delivery, pack, ship
from services.orders.refunding import grant_refund
from tests.support.counter import Counter, box_refund
from tests.support.factories import Goods, Person, Place, actor_of, make_goods


@pytest.fixture
def golden(place: Place, alice: Person) -> Goods:
    """Boxes of 4.5 斤 at ¥25.20."""
    with transaction():
        goods = make_goods(place, alice, price_fen=2_520)
        db.session.get_one(Variant, goods.variant_id).weight_g = 2_250
    return goods


@pytest.fixture
def counter(stripe_sandbox: SandboxServer) -> Counter:
    stripe_sandbox.controls.set(fee_rate_bp=0, fee_fixed=619)
    return Counter(stripe_sandbox)


def deliver(order: PlacedOrder, worker: Person) -> None:
    with transaction():
        pack(actor_of(worker), order.order_id)
    with transaction():
        ship(actor_of(worker), order.order_id, carrier="顺丰", tracking_number="SF1")
    with transaction():
        confirm_delivery(actor_of(worker), order.order_id)


def figures(place: Place) -> dict[str, int]:
    keeper = Grant(Role.ACCOUNTANT, ScopeKind.COOPERATIVE, place.cooperative_id)
    scope = IncomeScope(Actor(grants=(keeper,)))
    day = today()
    totals = income_report(Period(day, day), Narrowing(scope)).totals
    assert totals.parties_fen == totals.net_fen
    return {name: value for name, value in vars(totals).items() if value}


def test_the_golden_order_is_reported_as_it_was_bought(
    counter: Counter, golden: Goods, place: Place, alice: Person, charlie: Person
) -> None:
    order = counter.sell(charlie, golden, quantity=4)
    assert figures(place) == {}
    deliver(order, alice)
    with transaction():
        refund_id = grant_refund(actor_of(alice), order.order_id, box_refund(order, 1))
    counter.send_refund(refund_id)

    assert figures(place) == {
        "weight_g": 6_750,
        "orders": 1,
        "gross_fen": 10_080,
        "refunds_fen": 2_520,
        "freight_fen": 1_200,
        "member_fen": 6_049,
        "coop_fen": 378,
        "village_operating_fen": 378,
        "host_fen": 604,
        "platform_fen": -468,
        "psp_fee_fen": 619,
    }


def test_a_cancelled_order_leaves_its_fee_on_the_day_it_closed(
    counter: Counter, golden: Goods, place: Place, charlie: Person
) -> None:
    order = counter.sell(charlie, golden)
    with transaction():
        cancel_own(actor_of(charlie), order.order_id, reason="不要了")

    assert figures(place) == {"psp_fee_fen": 619, "platform_fen": -619}
