"""Two people, or two workers, at one order in the same moment."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from flask import Flask

from core import clock
from core.access import HOUSE
from core.clock import now
from core.database import transaction
from core.errors import Conflict
from domain.orders.states import PaymentMethod
from services.orders.cancelling import cancel_own
from services.orders.drafts import PlacedOrder
from services.orders.fulfilling import confirm_delivery, pack, ship
from services.orders.offline import confirm_transfer, return_transfer
from services.orders.refunding import approve_refund, grant_refund, request_refund
from services.payments.applying import release_expired
from services.payments.gateway_calls import sync_payment, sync_refund
from services.payments.opening import renew
from tests.support.counter import (
    Counter,
    assert_books_are_right,
    box_refund,
    in_threads,
    payment_of,
    refunds_of,
    states,
    stock_of,
)
from tests.support.factories import Goods, Person, actor_of


def once(
    act: Callable[..., object], *args: object, **kwargs: object
) -> Callable[[], object]:
    """An act in a transaction of its own."""

    def run() -> object:
        with transaction():
            return act(*args, **kwargs)

    return run


def failures(results: list[object]) -> list[object]:
    """What went wrong besides losing the race."""
    return [
        result
        for result in results
        if isinstance(result, Exception) and not isinstance(result, Conflict)
    ]


def test_cancelling_while_the_payment_arrives(
    app: Flask, counter: Counter, order: PlacedOrder, goods: Goods
) -> None:
    counter.pay_on_page(order)
    results = in_threads(
        app,
        once(cancel_own, HOUSE, order.order_id, reason="不要了"),
        lambda: sync_payment(order.payment_id),
        lambda: sync_payment(order.payment_id),
    )
    counter.work()

    assert failures(results) == []
    assert states(order)[0] == "cancelled"
    assert [refund.state for refund in refunds_of(order)] == ["succeeded"]
    assert stock_of(goods) == 100
    assert_books_are_right()


def test_two_pages_paid_and_seen_at_once(
    app: Flask, counter: Counter, order: PlacedOrder
) -> None:
    first = counter.open(order)
    with transaction():
        renew(order.payment_id, payment_of(order).idempotency_key)
    second = counter.open(order)
    for page in (first, second):
        counter.sandbox.controls.pay_session(page)
    results = in_threads(
        app,
        *(
            partial(sync_payment, order.payment_id, session_id=page)
            for page in (first, second, first, second)
        ),
    )
    counter.work()

    assert failures(results) == []
    assert states(order) == ("paid", "paid")
    assert [refund.state for refund in refunds_of(order)] == ["succeeded"]
    assert_books_are_right()


def test_a_transfer_is_confirmed_while_its_time_runs_out(
    app: Flask, counter: Counter, charlie: Person, goods: Goods, alice: Person
) -> None:
    order = counter.place(charlie, goods, method=PaymentMethod.BANK_TRANSFER)
    later = now() + timedelta(days=4)

    def expire() -> None:
        with clock.at(later), transaction():
            release_expired(order.payment_id)

    results = in_threads(
        app,
        expire,
        once(confirm_transfer, actor_of(alice), order.order_id, "B-1"),
        once(confirm_transfer, actor_of(alice), order.order_id, "B-1"),
    )

    assert failures(results) == []
    if states(order) == ("paid", "paid"):
        assert (stock_of(goods), refunds_of(order)) == (99, [])
    else:
        assert states(order) == ("expired", "late")
        assert (stock_of(goods), len(refunds_of(order))) == (100, 1)
    assert_books_are_right()


def test_the_same_transfer_is_recorded_once(
    app: Flask, counter: Counter, charlie: Person, goods: Goods, alice: Person
) -> None:
    order = counter.place(charlie, goods, method=PaymentMethod.BANK_TRANSFER)
    record = once(
        return_transfer,
        actor_of(alice),
        order.order_id,
        reference="B-1",
        amount_fen=500,
    )

    assert failures(in_threads(app, record, record, record)) == []
    assert [refund.amount_fen for refund in refunds_of(order)] == [500]
    assert_books_are_right()


def test_a_refund_is_approved_and_sent_once(
    app: Flask, counter: Counter, order: PlacedOrder, alice: Person
) -> None:
    counter.pay(order)
    with transaction():
        refund_id = request_refund(HOUSE, order.order_id, box_refund(order, 1))
    approve = once(approve_refund, actor_of(alice), refund_id)
    assert failures(in_threads(app, approve, approve)) == []
    in_threads(app, *(lambda: sync_refund(refund_id) for _ in range(3)))
    counter.work()

    account = counter.sandbox.world.account("sk_test_shop")
    assert [one["amount"] for one in account.objects["refund"].values()] == [2_990]
    assert [refund.state for refund in refunds_of(order)] == ["succeeded"]
    assert_books_are_right()


def test_two_refunds_at_once_never_exceed_what_was_paid(
    app: Flask, counter: Counter, order: PlacedOrder, alice: Person
) -> None:
    counter.pay(order)
    drafts = [box_refund(order, 2), box_refund(order, 2), box_refund(order, 1)]
    in_threads(
        app,
        *(
            once(grant_refund, actor_of(alice), order.order_id, draft)
            for draft in drafts
        ),
    )
    counter.work()

    assert sum(refund.amount_fen for refund in refunds_of(order)) <= 6_780
    assert_books_are_right()


def test_delivery_and_refund_at_once_divide_what_is_left(
    app: Flask, counter: Counter, order: PlacedOrder, alice: Person
) -> None:
    counter.pay(order)
    with transaction():
        pack(actor_of(alice), order.order_id)
        ship(actor_of(alice), order.order_id, carrier="顺丰", tracking_number="SF1")
    results = in_threads(
        app,
        once(confirm_delivery, actor_of(alice), order.order_id),
        once(confirm_delivery, actor_of(alice), order.order_id),
        once(grant_refund, actor_of(alice), order.order_id, box_refund(order, 1)),
    )
    counter.work()

    assert failures(results) == []
    assert len([one for one in results if isinstance(one, Conflict)]) == 1
    assert states(order)[0] == "delivered"
    assert_books_are_right()
