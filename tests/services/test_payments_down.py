"""Stripe away, answers lost, the process killed: nothing lost, nothing charged twice.

Every test ends the same way: what was interrupted is done again, by the buyer or by
the worker, and the shop is where it would have been.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from core import clock
from core.access import HOUSE
from core.clock import now
from core.database import db, transaction
from domain.orders.states import OrderState
from integrations.gateway import PaymentDown
from services.orders.cancelling import cancel
from services.orders.drafts import PlacedOrder
from services.orders.fulfilling import confirm_delivery, pack, ship
from services.orders.refunding import grant_refund
from services.payments.gateway_calls import (
    open_payment,
    sync_payment,
    sync_refund,
)
from tests.support.counter import (
    Counter,
    assert_books_are_right,
    box_refund,
    coop_balances,
    jobs,
    order_of,
    payment_of,
    refund_of,
    reservations,
    states,
    stock_of,
)
from tests.support.factories import Goods, Person, Place, actor_of

MORE_THAN_RETRIES = 3
Faults = list[dict[str, object]]

AWAY: list[Faults] = [
    [{"kind": kind, "count": MORE_THAN_RETRIES}]
    for kind in ("error", "unavailable", "drop")
]
"""Nothing was done, and no retry helped."""

LOST: list[Faults] = [
    [{"kind": kind, "when": "after"}, {"kind": "unavailable", "count": 2}]
    for kind in ("error", "unavailable", "drop")
]
"""The work was done, its answer was lost, and no retry helped."""

SPENT: Faults = [
    {"kind": "error", "when": "after", "saved": True},
    {"kind": "unavailable", "method": "GET", "count": MORE_THAN_RETRIES},
]
"""The work was done, its key answers an error for good, and nothing can be listed."""

DOWN = [*AWAY, *LOST, SPENT]
STEPS = list(product((1, 2), ("before", "within")))


class Killed(BaseException):
    """The process ended here."""


@pytest.fixture
def order(counter: Counter, charlie: Person, goods: Goods) -> PlacedOrder:
    return counter.place(charlie, goods, quantity=2)


@contextmanager
def killed_at(step: int, moment: str) -> Iterator[None]:
    """The process dies at its step-th transaction.

    moment: "before" anything of it is done, or "within", before it is kept.
    """
    begun = 0

    def die(session: Session, *_: object) -> None:
        nonlocal begun
        begun += bool(session.info.get("writing"))
        if begun == step:
            raise Killed

    name = "after_begin" if moment == "before" else "before_commit"
    event.listen(db.session, name, die)
    try:
        with pytest.raises(Killed):
            yield
    finally:
        event.remove(db.session, name, die)


def break_stripe(counter: Counter, path: str, faults: Faults) -> None:
    for fault in faults:
        counter.sandbox.controls.add_fault(path=path, **fault)


def pages(counter: Counter) -> list[dict[str, object]]:
    account = counter.sandbox.world.account("sk_test_shop")
    return list(account.objects["checkout.session"].values())


def refunds_made(counter: Counter) -> list[dict[str, object]]:
    account = counter.sandbox.world.account("sk_test_shop")
    return list(account.objects["refund"].values())


def charged(counter: Counter) -> int:
    account = counter.sandbox.world.account("sk_test_shop")
    return sum(
        charge["amount"] - charge["amount_refunded"]
        for charge in account.objects["charge"].values()
        if charge["status"] == "succeeded"
    )


def assert_paid_once(counter: Counter, order: PlacedOrder, goods: Goods) -> None:
    assert states(order) == ("paid", "paid")
    assert charged(counter) == order_of(order).total_fen
    assert reservations(order) == [("consumed", 2)]
    assert stock_of(goods) == 98
    assert_books_are_right()


def assert_released(counter: Counter, order: PlacedOrder, goods: Goods) -> None:
    assert states(order) == ("expired", "expired")
    assert charged(counter) == 0
    assert reservations(order) == [("released", 2)]
    assert stock_of(goods) == 100
    assert_books_are_right()


@pytest.mark.parametrize("faults", DOWN)
def test_stripe_down_while_opening_keeps_the_order(
    counter: Counter, order: PlacedOrder, goods: Goods, faults: Faults
) -> None:
    break_stripe(counter, "/v1/checkout", faults)
    with pytest.raises(PaymentDown) as refused:
        open_payment(order.payment_id)
    assert "过一会儿再试" in refused.value.text
    assert states(order) == ("placed", "created")

    counter.sandbox.controls.clear_faults()
    counter.pay(order)
    assert len(pages(counter)) == 1
    assert_paid_once(counter, order, goods)


@pytest.mark.parametrize("faults", DOWN)
def test_stripe_down_while_opening_and_nobody_comes_back(
    counter: Counter, order: PlacedOrder, goods: Goods, faults: Faults
) -> None:
    break_stripe(counter, "/v1/checkout", faults)
    with pytest.raises(PaymentDown):
        open_payment(order.payment_id)
    counter.sandbox.controls.clear_faults()
    with counter.later(timedelta(minutes=37)):
        counter.work()

        assert_released(counter, order, goods)


@pytest.mark.parametrize("faults", DOWN)
def test_stripe_down_while_opening_and_the_worker_opens_it(
    counter: Counter, order: PlacedOrder, goods: Goods, faults: Faults
) -> None:
    break_stripe(counter, "/v1/checkout", faults)
    with pytest.raises(PaymentDown):
        open_payment(order.payment_id)
    counter.sandbox.controls.clear_faults()
    counter.work()
    assert states(order) == ("placed", "pending")
    assert payment_of(order).provider_away_since is None

    counter.pay(order)
    assert len(pages(counter)) == 1
    assert_paid_once(counter, order, goods)


def test_the_worker_asks_evenly_for_a_buyer_who_waits(
    counter: Counter, order: PlacedOrder
) -> None:
    """One job asks, however often the buyer does."""
    counter.sandbox.controls.add_fault(kind="unavailable", count=10_000)
    for _ in range(2):
        with pytest.raises(PaymentDown):
            open_payment(order.payment_id)
    for minutes in range(1, 6):
        with clock.at(now() + timedelta(minutes=minutes)):
            counter.work()
            [job] = jobs("resume_payment")
            assert timedelta() < job.due_at - now() < timedelta(minutes=1)
    counter.sandbox.controls.clear_faults()
    with clock.at(now() + timedelta(minutes=6)):
        counter.work()
    assert states(order) == ("placed", "pending")


def test_an_order_called_off_meanwhile_is_not_opened(
    counter: Counter, order: PlacedOrder
) -> None:
    counter.sandbox.controls.add_fault(kind="drop", count=MORE_THAN_RETRIES)
    with pytest.raises(PaymentDown):
        open_payment(order.payment_id)
    with transaction():
        cancel(HOUSE, order.order_id, reason="不要了")
    counter.work()

    assert pages(counter) == []
    assert payment_of(order).provider_away_since is None
    assert [job.done_at for job in jobs("resume_payment")] != [None]


def test_a_lost_answer_is_asked_for_again_at_once(
    counter: Counter, order: PlacedOrder, goods: Goods
) -> None:
    counter.sandbox.controls.add_fault(kind="drop", when="after", path="/v1/checkout")
    counter.pay(order)

    assert len(pages(counter)) == 1
    assert_paid_once(counter, order, goods)


def test_a_key_that_answers_an_error_for_good_finds_its_page(
    counter: Counter, order: PlacedOrder, goods: Goods
) -> None:
    break_stripe(counter, "/v1/checkout", SPENT[:1])
    counter.pay(order)

    assert len(pages(counter)) == 1
    assert_paid_once(counter, order, goods)


def test_stripe_down_until_the_window_is_over_opens_with_a_new_key(
    counter: Counter, order: PlacedOrder, goods: Goods
) -> None:
    counter.sandbox.controls.add_fault(
        kind="unavailable", count=MORE_THAN_RETRIES, path="/v1/checkout"
    )
    with pytest.raises(PaymentDown):
        open_payment(order.payment_id)
    with counter.later(timedelta(minutes=20)):
        counter.pay(order)
        assert_paid_once(counter, order, goods)
        assert payment_of(order).attempt == 2


@pytest.mark.parametrize(("step", "moment"), STEPS, ids=str)
def test_killed_while_opening_the_buyer_pays_once(
    counter: Counter, order: PlacedOrder, goods: Goods, step: int, moment: str
) -> None:
    with killed_at(step, moment):
        open_payment(order.payment_id)
    counter.pay(order)

    assert len(pages(counter)) == 1
    assert_paid_once(counter, order, goods)


@pytest.mark.parametrize(("step", "moment"), STEPS, ids=str)
def test_killed_while_opening_the_sweeper_gives_the_stock_back(
    counter: Counter, order: PlacedOrder, goods: Goods, step: int, moment: str
) -> None:
    with killed_at(step, moment):
        open_payment(order.payment_id)
    with counter.later(timedelta(minutes=37)):
        counter.work()

        assert_released(counter, order, goods)


def test_a_page_that_was_never_recorded_and_yet_paid_counts(
    counter: Counter, order: PlacedOrder, goods: Goods
) -> None:
    with killed_at(2, "before"):
        open_payment(order.payment_id)
    [page] = pages(counter)
    counter.sandbox.controls.pay_session(str(page["id"]))
    sync_payment(order.payment_id, session_id=str(page["id"]))

    assert_paid_once(counter, order, goods)


def test_a_page_that_was_never_recorded_and_paid_is_found_by_the_sweeper(
    counter: Counter, order: PlacedOrder, goods: Goods
) -> None:
    with killed_at(2, "before"):
        open_payment(order.payment_id)
    counter.sandbox.controls.pay_session(str(pages(counter)[0]["id"]))
    with counter.later(timedelta(minutes=37)):
        counter.work()

        assert_paid_once(counter, order, goods)


@pytest.mark.parametrize("moment", ["before", "within"])
def test_killed_while_applying_the_sweeper_marks_it_paid(
    counter: Counter, order: PlacedOrder, goods: Goods, moment: str
) -> None:
    counter.pay_on_page(order)
    with killed_at(1, moment):
        sync_payment(order.payment_id)
    assert states(order) == ("placed", "pending")
    with counter.later(timedelta(minutes=37)):
        counter.work()

        assert_paid_once(counter, order, goods)


@pytest.mark.parametrize("faults", AWAY)
def test_stripe_down_while_returning_is_made_up_for_by_the_worker(
    counter: Counter, order: PlacedOrder, goods: Goods, faults: Faults
) -> None:
    counter.pay_on_page(order)
    break_stripe(counter, "/v1/checkout", faults)
    with pytest.raises(PaymentDown):
        counter.sync(order)
    assert states(order) == ("placed", "pending")
    counter.sandbox.controls.clear_faults()
    with counter.later(timedelta(minutes=37)):
        counter.work()

        assert_paid_once(counter, order, goods)


def test_the_worker_tries_again_while_stripe_is_down(
    counter: Counter, order: PlacedOrder, goods: Goods
) -> None:
    counter.open(order)
    counter.sandbox.controls.add_fault(kind="unavailable", count=MORE_THAN_RETRIES)
    with counter.later(timedelta(minutes=37)):
        counter.work()
        assert states(order) == ("placed", "pending")
        [job] = jobs("sync_payment")
        assert job.done_at is None
        with counter.later(timedelta(minutes=1)):
            counter.work()

            assert_released(counter, order, goods)


@pytest.fixture
def delivered(
    counter: Counter, order: PlacedOrder, alice: Person
) -> Callable[[], PlacedOrder]:
    """The order, paid and delivered."""

    def deliver() -> PlacedOrder:
        counter.pay(order)
        with transaction():
            pack(actor_of(alice), order.order_id)
        with transaction():
            ship(actor_of(alice), order.order_id, carrier="顺丰", tracking_number="SF1")
        with transaction():
            confirm_delivery(actor_of(alice), order.order_id)
        return order

    return deliver


def granted(order: PlacedOrder, by: Person) -> int:
    with transaction():
        return grant_refund(actor_of(by), order.order_id, box_refund(order, 1))


def assert_refunded_once(
    counter: Counter, order: PlacedOrder, refund_id: int, place: Place
) -> None:
    assert refund_of(refund_id).state == "succeeded"
    assert [refund["amount"] for refund in refunds_made(counter)] == [2_990]
    assert coop_balances(place.cooperative_id).get("refund_clearing", 0) == 0
    assert_books_are_right()


@pytest.mark.parametrize("faults", DOWN)
def test_stripe_down_while_refunding_pays_back_once(
    counter: Counter,
    delivered: Callable[[], PlacedOrder],
    alice: Person,
    place: Place,
    faults: Faults,
) -> None:
    order = delivered()
    refund_id = granted(order, alice)
    break_stripe(counter, "/v1/refunds", faults)
    counter.work()
    counter.sandbox.controls.clear_faults()
    with counter.later(timedelta(minutes=5)):
        counter.work()

        assert_refunded_once(counter, order, refund_id, place)


@pytest.mark.parametrize(("step", "moment"), STEPS, ids=str)
def test_killed_while_refunding_pays_back_once(
    counter: Counter,
    delivered: Callable[[], PlacedOrder],
    alice: Person,
    place: Place,
    step: int,
    moment: str,
) -> None:
    order = delivered()
    refund_id = granted(order, alice)
    with killed_at(step, moment):
        sync_refund(refund_id)
    counter.work()

    assert_refunded_once(counter, order, refund_id, place)


def test_killed_between_cancelling_and_closing_the_page(
    counter: Counter, order: PlacedOrder, goods: Goods
) -> None:
    """The page stays open for a while; whoever pays on it gets the money back."""
    session_id = counter.open(order)
    with transaction():
        cancel(HOUSE, order.order_id, reason="不要了")
    counter.sandbox.controls.pay_session(session_id)
    counter.work()

    assert order_of(order).state == OrderState.CANCELLED
    assert charged(counter) == 0
    assert stock_of(goods) == 100
    assert_books_are_right()


def test_recording_a_page_of_an_order_cancelled_meanwhile_closes_it(
    counter: Counter, order: PlacedOrder, goods: Goods
) -> None:
    with killed_at(2, "before"):
        open_payment(order.payment_id)
    with transaction():
        cancel(HOUSE, order.order_id, reason="不要了")
    with counter.later(timedelta(minutes=37)):
        counter.work()
        assert states(order) == ("cancelled", "expired")

    assert stock_of(goods) == 100
    assert all(page["status"] == "expired" for page in pages(counter))


def test_a_refund_whose_key_was_forgotten_pays_back_once(
    counter: Counter,
    delivered: Callable[[], PlacedOrder],
    alice: Person,
    place: Place,
) -> None:
    """Stripe keeps a key for a day: asked again after that, it would pay twice."""
    order = delivered()
    refund_id = granted(order, alice)
    with killed_at(2, "before"):
        sync_refund(refund_id)
    with counter.later(timedelta(hours=25)):
        counter.work()

        assert_refunded_once(counter, order, refund_id, place)


def test_an_outage_of_days_parks_nothing(
    counter: Counter, order: PlacedOrder, goods: Goods
) -> None:
    counter.open(order)
    counter.sandbox.controls.add_fault(kind="unavailable", count=10_000)
    for hours in range(1, 30):
        with clock.at(now() + timedelta(hours=hours)):
            counter.work()
    assert [job for job in jobs("sync_payment") if job.parked_at] == []
    counter.sandbox.controls.clear_faults()
    with counter.later(timedelta(hours=31)):
        counter.work()

        assert_released(counter, order, goods)
