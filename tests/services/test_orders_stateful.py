"""Whatever happens in whatever order: stock is exact and the ledger is right.

One shop, many lives of it: each example sells a new product. SQLite only; the engines'
differences are tested where they matter, in races.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from core.access import HOUSE
from core.database import db, forget_reads, transaction
from core.errors import DomainError
from domain.orders.states import PaymentMethod, ShipmentState
from models.orders import StockReservation
from models.payments import Payment
from queries.income.proof import wrong_sums
from queries.ledger import verify
from sandbox.server import SandboxServer
from services.orders.cancelling import cancel, fail_parcel
from services.orders.drafts import PlacedOrder
from services.orders.fulfilling import accept_cash_order, confirm_delivery, pack, ship
from services.orders.offline import confirm_transfer, record_remittance
from services.orders.refunding import approve_refund, grant_refund, settle_manual_refund
from services.rollups import sum_some
from tests.support.counter import (
    Counter,
    box_refund,
    order_of,
    payment_of,
    refund_of,
    refunds_of,
    reservations,
    stock_of,
)
from tests.support.factories import Goods, Person, Place, actor_of, make_goods

STOCK = 12
Act = TypeVar("Act", bound=Callable[..., Any])

methods = st.sampled_from(PaymentMethod)
wallets = st.sampled_from(["card", "alipay"])
boxes = st.integers(0, 3)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def refusable(act: Act) -> Act:
    """A step that the shop may refuse with a sentence, and then does nothing."""

    @wraps(act)
    def step(*arguments: Any, **named: Any) -> Any:
        with suppress(DomainError):
            return act(*arguments, **named)
        return None

    return step  # type: ignore[return-value]


class Shop(RuleBasedStateMachine):
    """Buyers, packers, the accountant and Stripe, each doing what they like."""

    counter: Counter
    place_: Place
    worker: Person
    buyer: Person

    orders = Bundle("orders")

    @initialize()
    def stock_up(self) -> None:
        self.placed: list[PlacedOrder] = []
        with transaction():
            self.goods: Goods = make_goods(self.place_, self.worker, stock=STOCK)

    @rule(target=orders, quantity=st.integers(1, 5), method=methods)
    @refusable
    def place(self, quantity: int, method: PaymentMethod) -> PlacedOrder | None:
        order = self.counter.place(self.buyer, self.goods, quantity, method=method)
        self.placed.append(order)
        return order

    @rule(order=orders, wallet=wallets)
    @refusable
    def pay_on_the_page(self, order: PlacedOrder | None, wallet: str) -> None:
        if order:
            with suppress(ValueError, AssertionError):
                self.counter.pay_on_page(order, wallet)

    @rule(order=orders)
    def expire_the_page(self, order: PlacedOrder | None) -> None:
        session_id = order and payment_of(order).provider_session
        if session_id:
            self.counter.sandbox.controls.expire_session(session_id)

    @rule(order=orders)
    @refusable
    def hear_of_it(self, order: PlacedOrder | None) -> None:
        if order:
            self.counter.sync(order)

    @rule(order=orders)
    @refusable
    def take_other_money(self, order: PlacedOrder | None) -> None:
        if order and order.method is PaymentMethod.BANK_TRANSFER:
            with transaction():
                confirm_transfer(actor_of(self.worker), order.order_id, "回单")
        elif order:
            with transaction():
                accept_cash_order(actor_of(self.worker), order.order_id)

    @rule(order=orders)
    @refusable
    def cancel(self, order: PlacedOrder | None) -> None:
        if order:
            with transaction():
                cancel(HOUSE, order.order_id, reason="不要了")

    @rule(order=orders)
    @refusable
    def move_on(self, order: PlacedOrder | None) -> None:
        """Pack, send or deliver, whichever comes next."""
        if not order:
            return
        order_id, by = order.order_id, actor_of(self.worker)
        with transaction():
            match order_of(order).state:
                case "paid" | "accepted":
                    pack(by, order_id)
                case "packed":
                    ship(by, order_id, carrier="顺丰", tracking_number="1")
                case "shipped":
                    confirm_delivery(by, order_id)
                case "delivered":
                    record_remittance(by, order_id, reference="1", fee_fen=99)

    @rule(order=orders, restock=st.booleans())
    @refusable
    def lose_the_parcel(self, order: PlacedOrder | None, restock: bool) -> None:
        if order:
            with transaction():
                fail_parcel(
                    actor_of(self.worker),
                    order.order_id,
                    outcome=ShipmentState.RETURNED,
                    reason="拒收",
                    restock=restock,
                )

    @rule(order=orders, quantity=boxes, freight_fen=st.integers(0, 900))
    @refusable
    def refund(
        self, order: PlacedOrder | None, quantity: int, freight_fen: int
    ) -> None:
        if order:
            draft = box_refund(order, quantity, freight_fen=freight_fen)
            with transaction():
                grant_refund(actor_of(self.worker), order.order_id, draft)

    @rule(order=orders, succeeded=st.booleans())
    @refusable
    def carry_out_refunds(self, order: PlacedOrder | None, succeeded: bool) -> None:
        for refund in refunds_of(order) if order else ():
            if order and order.method is PaymentMethod.STRIPE:
                self._through_stripe(refund.id, succeeded)
            else:
                with suppress(DomainError), transaction():
                    settle_manual_refund(actor_of(self.worker), refund.id, "回单")

    @rule(order=consumes(orders))
    @refusable
    def try_failed_refunds_again(self, order: PlacedOrder | None) -> None:
        for refund in refunds_of(order) if order else ():
            if refund.state == "failed":
                with transaction():
                    approve_refund(actor_of(self.worker), refund.id)

    @rule(orders=st.integers(1, 3))
    def sum_income(self, orders: int) -> None:
        with transaction():
            sum_some(orders)

    def _through_stripe(self, refund_id: int, succeeded: bool) -> None:
        self.counter.send_refund(refund_id)
        provider_id = refund_of(refund_id).provider_refund
        if provider_id:
            controls = self.counter.sandbox.controls
            controls.settle_refund(provider_id, succeeded=succeeded)
            self.counter.send_refund(refund_id)

    @invariant()
    def every_box_is_on_the_shelf_or_in_an_order(self) -> None:
        held = sum(
            quantity
            for order in getattr(self, "placed", ())
            for state, quantity in reservations(order)
            if state != "released"
        )
        if hasattr(self, "goods"):
            assert stock_of(self.goods) + held == STOCK

    @invariant()
    def the_ledger_is_right(self) -> None:
        forget_reads()
        assert verify().problems == ()
        assert wrong_sums() == []

    @invariant()
    def nobody_is_charged_twice(self) -> None:
        account = self.counter.sandbox.world.account("sk_test_shop")
        charged = sum(
            charge["amount"]
            for charge in account.objects["charge"].values()
            if charge["status"] == "succeeded"
        )
        due = db.session.scalar(
            select(func.sum(Payment.amount_fen)).where(Payment.method == "stripe")
        )
        assert charged <= (due or 0)


def test_stock_and_ledger_stay_right_whatever_happens(
    stripe_sandbox: SandboxServer, place: Place, alice: Person, charlie: Person
) -> None:
    Shop.counter = Counter(stripe_sandbox)
    Shop.place_, Shop.worker, Shop.buyer = place, alice, charlie
    run_state_machine_as_test(
        Shop,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert db.session.scalar(select(func.count(StockReservation.id)))
