"""A shop's counter for tests: orders placed, paid at the sandbox, jobs done by hand."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

from flask import Flask
from sqlalchemy import select

from commands.worker.cli import load_handlers
from commands.worker.deadline import Stopper
from commands.worker.loop import work_until_empty
from core import clock
from core.access import Actor
from core.clock import now
from core.database import db, forget_reads, transaction
from domain.orders.states import PaymentMethod
from models.catalogue import Variant
from models.orders import Order, OrderLine, StockReservation
from models.outbox import Job, SentMessage
from models.payments import Payment, Refund
from queries.income.proof import wrong_sums
from queries.ledger import balances, verify
from sandbox.server import SandboxServer
from services.orders.cart import add_item
from services.orders.drafts import PlacedOrder, RefundDraft, RefundDraftLine
from services.orders.placing import place_orders
from services.payments.gateway_calls import open_payment, sync_payment, sync_refund
from tests.support.factories import ADDRESS, Goods, Person

serials = count(1)


@dataclass
class Counter:
    """What a test does at the shop; every step in transactions of its own."""

    sandbox: SandboxServer

    def place(
        self,
        buyer: Actor | Person,
        goods: Goods,
        quantity: int = 1,
        *,
        method: PaymentMethod = PaymentMethod.STRIPE,
    ) -> PlacedOrder:
        """An order of one product."""
        shopper = buyer if isinstance(buyer, Actor) else Actor(account_id=buyer.id)
        with transaction():
            add_item(shopper, variant_id=goods.variant_id, quantity=quantity)
        draft = replace(ADDRESS, request_id=new_request(), payment_method=method)
        with transaction():
            [order] = place_orders(shopper, draft)
        return order

    def open(self, order: PlacedOrder) -> str:
        """The id of the payment page that the buyer is sent to."""
        page = open_payment(order.payment_id)
        assert page is not None
        return page.rsplit("/", 1)[1]

    def pay_on_page(self, order: PlacedOrder, method: str = "card") -> str:
        """The buyer pays on the page; nothing of it has reached us yet."""
        session_id = self.open(order)
        self.sandbox.controls.pay_session(session_id, method=method)
        return session_id

    def pay(self, order: PlacedOrder, method: str = "card") -> None:
        """The buyer pays, and comes back."""
        self.pay_on_page(order, method)
        self.sync(order)

    def sync(self, order: PlacedOrder) -> None:
        """What the return page, a webhook's job and the sweeper do."""
        sync_payment(order.payment_id)

    def sell(self, buyer: Person, goods: Goods, quantity: int = 1) -> PlacedOrder:
        """An order placed and paid by card."""
        order = self.place(buyer, goods, quantity)
        self.pay(order)
        return order

    def send_refund(self, refund_id: int) -> None:
        """What the worker does with an approved refund."""
        sync_refund(refund_id)

    def release_money(self, order: PlacedOrder) -> None:
        """Stripe makes the money available, and we hear of it."""
        self.sandbox.controls.release_balance()
        self.sync(order)

    @contextmanager
    def later(self, by: timedelta) -> Iterator[None]:
        """Some time later, here and at Stripe."""
        self.sandbox.controls.advance_clock(int(by.total_seconds()))
        with clock.at(now() + by):
            yield

    def work(self) -> int:
        """Do every due job, as `flask worker --until-empty` does."""
        load_handlers()
        return work_until_empty(Stopper())


def _look_anew() -> None:
    """See what others have written, unless this test is writing itself."""
    if not db.session().info.get("writing"):
        forget_reads()


def new_request() -> str:
    """A request id that no form had before."""
    return f"request-{next(serials):06d}"


def order_of(order: PlacedOrder | int) -> Order:
    """The order as it is now."""
    _look_anew()
    wanted = order if isinstance(order, int) else order.order_id
    return db.session.get_one(Order, wanted, populate_existing=True)


def payment_of(order: PlacedOrder) -> Payment:
    """The order's payment as it is now."""
    _look_anew()
    return db.session.get_one(Payment, order.payment_id, populate_existing=True)


def refund_of(refund_id: int) -> Refund:
    """The refund as it is now."""
    _look_anew()
    return db.session.get_one(Refund, refund_id, populate_existing=True)


def states(order: PlacedOrder) -> tuple[str, str]:
    """The order's state and its payment's."""
    return order_of(order).state, payment_of(order).state


def stock_of(goods: Goods) -> int:
    """Boxes on the shelf."""
    _look_anew()
    query = select(Variant.stock).where(Variant.id == goods.variant_id)
    return db.session.scalars(query).one()


def reservations(order: PlacedOrder) -> list[tuple[str, int]]:
    """State and boxes of what the order took."""
    _look_anew()
    query = select(StockReservation.state, StockReservation.quantity).where(
        StockReservation.order_id == order.order_id
    )
    return [(state, boxes) for state, boxes in db.session.execute(query)]


def lines_of(order: PlacedOrder) -> list[OrderLine]:
    """The order's lines."""
    _look_anew()
    query = select(OrderLine).where(OrderLine.order_id == order.order_id)
    return list(db.session.scalars(query.order_by(OrderLine.position)))


def refunds_of(order: PlacedOrder) -> list[Refund]:
    """The order's refunds, oldest first."""
    _look_anew()
    query = select(Refund).where(Refund.order_id == order.order_id)
    return list(db.session.scalars(query.order_by(Refund.id)))


def jobs(kind: str) -> list[Job]:
    """Every job of a kind, done ones included."""
    _look_anew()
    return list(
        db.session.scalars(select(Job).where(Job.kind == kind).order_by(Job.id))
    )


def messages_to(phone: str) -> list[str]:
    """The text messages to a phone: those sent, then those on their way."""
    sent = select(SentMessage.body).where(
        SentMessage.recipient == phone, SentMessage.channel == "sms"
    )
    waiting = [
        job.payload["body"]
        for job in jobs("send_sms")
        if job.payload.get("to") == phone and job.done_at is None
    ]
    return [*db.session.scalars(sent.order_by(SentMessage.id)), *waiting]


def assert_books_are_right() -> None:
    """The ledger has nothing to explain, and the sums are what it says."""
    _look_anew()
    assert verify().problems == ()
    assert wrong_sums() == []


def coop_balances(cooperative_id: int) -> dict[str, int]:
    """What a cooperative's accounts hold, by their names within its books."""
    _look_anew()
    prefix = f"coop:{cooperative_id}:"
    found = balances(cooperative_id=cooperative_id)
    return {code.removeprefix(prefix): fen for code, fen in found.items()}


def box_refund(
    order: PlacedOrder,
    boxes: int,
    *,
    goods_fen: int | None = None,
    freight_fen: int = 0,
) -> RefundDraft:
    """A refund of some boxes of the order's first line."""
    line = lines_of(order)[0]
    amount_fen = boxes * line.price_fen if goods_fen is None else goods_fen
    return RefundDraft(
        request_id=new_request(),
        lines=[RefundDraftLine(line.id, boxes, amount_fen)],
        freight_fen=freight_fen,
        reason="坏了",
    )


def in_threads(app: Flask, *acts: Callable[[], object]) -> list[object]:
    """Run each act in a thread and an app context of its own, all at once."""
    results: list[object] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(index: int) -> None:
        with app.app_context():
            start.wait()
            try:
                results[index] = acts[index]()
            except Exception as error:  # noqa: BLE001 - the test looks at it
                results[index] = error
            finally:
                db.session.remove()

    threads = [
        threading.Thread(target=run, args=(index,)) for index in range(len(acts))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
