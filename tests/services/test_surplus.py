"""Money beside an order's price: paid twice, too much, too late; it goes back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.access import HOUSE, Actor, Grant
from core.database import transaction
from domain.orders.states import PaymentMethod, PaymentMoved
from domain.roles import BOOK_READERS, Role, ScopeKind
from integrations.merchants import gateway_for
from queries.orders.attention import attention
from queries.orders.details import order_view
from services.orders.cancelling import cancel, cancel_own
from services.orders.drafts import PlacedOrder
from services.orders.offline import (
    NotByTransfer,
    NothingCame,
    confirm_transfer,
    return_transfer,
)
from services.orders.refunding import approve_refund, settle_manual_refund
from services.payments.gateway_calls import return_parked, sync_payment
from services.payments.opening import renew
from services.payments.refunds import apply_refund
from tests.support.counter import (
    Counter,
    assert_books_are_right,
    coop_balances,
    jobs,
    order_of,
    payment_of,
    refund_of,
    refunds_of,
    states,
    stock_of,
)
from tests.support.factories import Goods, Person, Place, actor_of


def two_pages(counter: Counter, order: PlacedOrder) -> tuple[str, str]:
    """A page that was given up while it was still open, and the one after it."""
    first = counter.open(order)
    with transaction():
        renew(order.payment_id, payment_of(order).idempotency_key)
    return first, counter.open(order)


def pay_twice(counter: Counter, order: PlacedOrder) -> str:
    """Both pages are paid; the second one counts. Returns the first."""
    first, second = two_pages(counter, order)
    counter.sandbox.controls.pay_session(second)
    counter.sync(order)
    counter.sandbox.controls.pay_session(first)
    sync_payment(order.payment_id, session_id=first)
    return first


def test_who_pays_two_pages_gets_one_back_by_itself(
    counter: Counter, order: PlacedOrder, place: Place, goods: Goods
) -> None:
    first = pay_twice(counter, order)
    counter.work()
    sync_payment(order.payment_id, session_id=first)
    counter.work()

    assert states(order) == ("paid", "paid")
    assert stock_of(goods) == 98
    [refund] = refunds_of(order)
    assert (refund.state, refund.amount_fen) == ("succeeded", 6_780)
    assert refund.provider_intent != payment_of(order).provider_intent
    balances = coop_balances(place.cooperative_id)
    assert balances["order_clearing"] == -6_780
    assert balances.get("refund_clearing", 0) == 0
    fee_fen = payment_of(order).fee_fen or 0
    assert balances["psp_fee"] == 2 * fee_fen
    assert balances["stripe_pending"] == 2 * (6_780 - fee_fen)
    assert_books_are_right()


def test_both_payments_become_available(
    counter: Counter, order: PlacedOrder, place: Place
) -> None:
    pay_twice(counter, order)
    counter.work()
    counter.sandbox.controls.release_balance()
    with counter.later(timedelta(days=8)):
        counter.work()

        balances = coop_balances(place.cooperative_id)
        assert balances.get("stripe_pending", 0) == 0
        fee_fen = payment_of(order).fee_fen or 0
        assert balances["stripe_available"] == 6_780 - 2 * fee_fen
        assert [job.done_at is None for job in jobs("check_surplus")] == [False]
        assert_books_are_right()


def test_a_second_payment_takes_nothing_from_what_may_go_back(
    counter: Counter, order: PlacedOrder, alice: Person
) -> None:
    pay_twice(counter, order)
    counter.work()
    assert order_view(order.order_id).refundable_fen == 6_780
    with transaction():
        cancel(actor_of(alice), order.order_id, reason="不要了")
    counter.work()

    assert [refund.amount_fen for refund in refunds_of(order)] == [6_780, 6_780]
    assert {refund.state for refund in refunds_of(order)} == {"succeeded"}
    assert_books_are_right()


def test_a_second_payment_that_could_not_go_back_is_tried_again(
    counter: Counter, order: PlacedOrder, alice: Person
) -> None:
    pay_twice(counter, order)
    refund_id = refunds_of(order)[0].id
    counter.work()
    gateway = gateway_for(order_of(order).cooperative_id)
    found = gateway.fetch_refund(refund_of(refund_id).provider_refund or "")
    with transaction():
        apply_refund(refund_id, replace(found, status="failed", reason="expired card"))
    assert refund_of(refund_id).state == "failed"
    assert_books_are_right()
    with transaction():
        approve_refund(actor_of(alice), refund_id)

    assert refund_of(refund_id).state == "approved"
    assert_books_are_right()


def test_a_lost_page_that_is_paid_after_the_order_ended_is_given_back(
    counter: Counter, order: PlacedOrder, goods: Goods
) -> None:
    first, _second = two_pages(counter, order)
    with transaction():
        cancel_own(HOUSE, order.order_id, reason="不要了")
    counter.work()
    assert states(order) == ("cancelled", "expired")
    counter.sandbox.controls.pay_session(first)
    sync_payment(order.payment_id, session_id=first)
    counter.work()

    [refund] = refunds_of(order)
    assert (refund.state, refund.amount_fen) == ("succeeded", 6_780)
    assert stock_of(goods) == 100
    assert_books_are_right()


def park(counter: Counter, order: PlacedOrder, fen: int = 5_000) -> None:
    """The page was paid with another amount than the order's."""
    session_id = counter.open(order)
    account = counter.sandbox.world.account("sk_test_shop")
    account.objects["checkout.session"][session_id]["amount_total"] = fen
    counter.sandbox.controls.pay_session(session_id)
    counter.sync(order)
    assert states(order) == ("placed", "parked")


def send_parked_back(order: PlacedOrder, by: Person) -> None:
    return_parked(actor_of(by), order.payment_id)


def test_a_payment_of_a_wrong_amount_goes_back_when_a_person_says_so(
    counter: Counter, order: PlacedOrder, goods: Goods, place: Place, alice: Person
) -> None:
    park(counter, order)
    counter.work()
    desk = Actor(
        grants=(Grant(Role.CHAIR, ScopeKind.COOPERATIVE, place.cooperative_id),)
    )
    [parked] = attention(desk, BOOK_READERS).payments
    assert (parked.due_fen, parked.came) == (6_780, "¥50.00")
    send_parked_back(order, alice)
    counter.work()

    assert states(order) == ("cancelled", "refunded_late")
    assert stock_of(goods) == 100
    [refund] = refunds_of(order)
    assert (refund.state, refund.amount_fen) == ("succeeded", 5_000)
    assert attention(desk, BOOK_READERS).count == 0
    balances = coop_balances(place.cooperative_id)
    assert balances.get("order_clearing", 0) == balances.get("refund_clearing", 0) == 0
    assert_books_are_right()
    with pytest.raises(PaymentMoved):
        send_parked_back(order, alice)


def test_a_parked_payment_of_a_cancelled_order_is_not_forgotten(
    counter: Counter, order: PlacedOrder, goods: Goods, alice: Person
) -> None:
    park(counter, order)
    with transaction():
        cancel(actor_of(alice), order.order_id, reason="对不上")
    assert attention(HOUSE, BOOK_READERS).count == 1
    send_parked_back(order, alice)
    counter.work()

    assert [refund.state for refund in refunds_of(order)] == ["succeeded"]
    assert stock_of(goods) == 100
    assert_books_are_right()


def transfer(order: PlacedOrder, by: Person, reference: str, fen: int) -> None:
    with transaction():
        return_transfer(
            actor_of(by), order.order_id, reference=reference, amount_fen=fen
        )


def test_a_transfer_of_too_little_goes_back_and_the_order_waits(
    counter: Counter, charlie: Person, goods: Goods, place: Place, alice: Person
) -> None:
    order = counter.place(charlie, goods, 2, method=PaymentMethod.BANK_TRANSFER)
    transfer(order, alice, "B-1", 6_000)
    transfer(order, alice, "B-1", 6_000)
    assert states(order) == ("placed", "created")
    [refund] = refunds_of(order)
    assert (refund.state, refund.amount_fen) == ("approved", 6_000)
    assert [one.refund_id for one in attention(HOUSE, BOOK_READERS).refunds]
    with transaction():
        settle_manual_refund(actor_of(alice), refund.id, "B-2")
        confirm_transfer(actor_of(alice), order.order_id, "B-3")

    balances = coop_balances(place.cooperative_id)
    assert (balances["bank"], balances["order_clearing"]) == (6_780, -6_780)
    assert_books_are_right()


def test_a_second_transfer_goes_back_beside_a_paid_order(
    counter: Counter, charlie: Person, goods: Goods, alice: Person
) -> None:
    order = counter.place(charlie, goods, 2, method=PaymentMethod.BANK_TRANSFER)
    with transaction():
        confirm_transfer(actor_of(alice), order.order_id, "B-1")
    transfer(order, alice, "B-2", 6_780)

    assert states(order) == ("paid", "paid")
    assert order_view(order.order_id).refundable_fen == 6_780
    assert_books_are_right()


def test_only_transfers_of_something_are_recorded(
    order: PlacedOrder, counter: Counter, charlie: Person, goods: Goods, alice: Person
) -> None:
    with pytest.raises(NotByTransfer):
        transfer(order, alice, "B-1", 100)
    other = counter.place(charlie, goods, method=PaymentMethod.BANK_TRANSFER)
    with pytest.raises(NothingCame):
        transfer(other, alice, "B-1", 0)
