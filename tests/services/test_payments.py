"""Payment pages: opened once, applied level-triggered, late money sent back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from core import clock
from core.access import HOUSE
from core.clock import now
from core.database import db, transaction
from domain.orders.sessions import SessionSnapshot, SessionStep
from domain.orders.states import OrderMoved, PaymentMethod
from integrations.gateway import Event, PaymentNotSetUp, PaymentSession
from integrations.merchants import gateway_for, seal
from models.ledger import JournalEntry
from models.outbox import Job
from models.payments import PaymentAccount, WebhookEvent
from services.orders.cancelling import cancel, cancel_own
from services.orders.drafts import PlacedOrder
from services.payments.applying import apply_session
from services.payments.gateway_calls import open_payment, sync_payment
from services.payments.opening import NotPaidOnline
from services.payments.webhooks import take_event
from tests.support.counter import (
    Counter,
    assert_books_are_right,
    coop_balances,
    in_threads,
    jobs,
    messages_to,
    order_of,
    payment_of,
    refunds_of,
    reservations,
    states,
    stock_of,
)
from tests.support.factories import ADDRESS, Goods, Person, Place


def sessions_made(counter: Counter) -> list[dict[str, object]]:
    return [
        request
        for request in counter.sandbox.controls.requests()
        if (request["method"], request["path"]) == ("POST", "/v1/checkout/sessions")
    ]


def fetch(counter: Counter, order: PlacedOrder) -> PaymentSession:
    gateway = gateway_for(order_of(order).cooperative_id)
    return gateway.fetch_session(payment_of(order).provider_session or "")


def entry_kinds() -> list[str]:
    return sorted(db.session.scalars(select(JournalEntry.kind)))


def test_the_page_asks_for_the_orders_lines_and_freight(
    counter: Counter, order: PlacedOrder
) -> None:
    session_id = counter.open(order)
    [asked] = sessions_made(counter)
    params = asked["params"]

    assert isinstance(params, dict)
    assert params["client_reference_id"] == order.number
    assert params["metadata[payment_id]"] == str(order.payment_id)
    assert params["line_items[0][price_data][unit_amount]"] == "2990"
    assert params["line_items[0][quantity]"] == "2"
    assert params["line_items[1][price_data][unit_amount]"] == "800"
    assert params["payment_method_options[wechat_pay][client]"] == "web"
    assert f"/payments/return/{order.number}?" in params["success_url"]
    assert asked["idempotency_key"] == payment_of(order).idempotency_key
    assert payment_of(order).provider_session == session_id
    assert states(order) == ("placed", "pending")


def test_opening_again_leads_to_the_same_page(
    counter: Counter, order: PlacedOrder
) -> None:
    assert counter.open(order) == counter.open(order)
    assert len(sessions_made(counter)) == 1


def test_paying_marks_the_order_paid_and_books_the_fee(
    counter: Counter, order: PlacedOrder, place: Place
) -> None:
    counter.pay(order)

    assert states(order) == ("paid", "paid")
    assert reservations(order) == [("consumed", 2)]
    assert payment_of(order).fee_fen == 6_780 * 340 // 10_000 + 1 + 235
    assert entry_kinds() == ["fee", "fee_borne", "paid"]
    balances = coop_balances(place.cooperative_id)
    assert balances["order_clearing"] == -6_780
    assert balances["stripe_pending"] == 6_780 - (payment_of(order).fee_fen or 0)
    assert "已收到付款 ¥67.80" in messages_to(ADDRESS.phone)[-1]
    assert_books_are_right()


def test_applying_again_changes_nothing(counter: Counter, order: PlacedOrder) -> None:
    counter.pay(order)
    session = fetch(counter, order)
    for _again in range(3):
        with transaction():
            assert apply_session(order.payment_id, session) is SessionStep.NOTHING

    assert entry_kinds() == ["fee", "fee_borne", "paid"]
    assert len(messages_to(ADDRESS.phone)) == 2


def test_money_becomes_available_when_the_provider_says_so(
    counter: Counter, order: PlacedOrder, place: Place
) -> None:
    counter.pay(order)
    assert "available" not in entry_kinds()
    [check] = jobs("check_availability")
    assert check.due_at > now() + timedelta(days=1)
    counter.release_money(order)
    counter.sync(order)

    assert entry_kinds() == ["available", "fee", "fee_borne", "paid"]
    assert coop_balances(place.cooperative_id).get("stripe_pending", 0) == 0


def test_the_worker_asks_until_the_money_is_available(
    counter: Counter, order: PlacedOrder
) -> None:
    counter.pay(order)
    with clock.at(now() + timedelta(days=2, minutes=1)):
        counter.work()
        assert "available" not in entry_kinds()
        assert jobs("check_availability")[0].done_at is None
    counter.sandbox.controls.release_balance()
    with clock.at(now() + timedelta(days=3)):
        counter.work()
        assert "available" in entry_kinds()


def test_a_fee_that_is_known_later_is_booked_later(
    counter: Counter, order: PlacedOrder
) -> None:
    counter.pay_on_page(order)
    session = fetch(counter, order)
    with transaction():
        apply_session(order.payment_id, replace(session, fee_fen=None))
    assert entry_kinds() == ["paid"]
    counter.sync(order)

    assert entry_kinds() == ["fee", "fee_borne", "paid"]


def test_stock_returns_when_the_provider_says_expired(
    counter: Counter, order: PlacedOrder, goods: Goods
) -> None:
    counter.open(order)
    with counter.later(timedelta(minutes=37)):
        counter.work()
        assert states(order) == ("expired", "expired")
        assert stock_of(goods) == 100
        assert reservations(order) == [("released", 2)]
        counter.sync(order)
        assert stock_of(goods) == 100


def test_stock_stays_held_while_the_page_is_open(
    counter: Counter, order: PlacedOrder, goods: Goods
) -> None:
    """Our clock may run ahead: only the provider says that a page has expired."""
    counter.open(order)
    with clock.at(now() + timedelta(minutes=50)):
        counter.work()
        assert states(order) == ("placed", "pending")
        assert stock_of(goods) == 98
        counter.sandbox.controls.advance_clock(3_000)
        with clock.at(now() + timedelta(minutes=5)):
            counter.work()
            assert states(order) == ("expired", "expired")
            assert stock_of(goods) == 100


def test_a_payment_after_release_is_booked_and_sent_back(
    counter: Counter, order: PlacedOrder, goods: Goods, place: Place
) -> None:
    counter.open(order)
    with transaction():
        cancel_own(HOUSE, order.order_id, reason="不要了")
    assert stock_of(goods) == 100
    session_id = payment_of(order).provider_session or ""
    counter.sandbox.controls.pay_session(session_id)
    counter.work()

    assert states(order) == ("cancelled", "refunded_late")
    [refund] = refunds_of(order)
    assert (refund.state, refund.amount_fen) == ("succeeded", 6_780)
    assert stock_of(goods) == 100
    assert entry_kinds() == [
        "fee",
        "fee_borne",
        "late_payment",
        "paid",
        "refund_done",
    ]
    balances = coop_balances(place.cooperative_id)
    assert balances.get("order_clearing", 0) == balances.get("refund_clearing", 0) == 0
    assert_books_are_right()


def test_cancelling_closes_the_page(counter: Counter, order: PlacedOrder) -> None:
    session_id = counter.open(order)
    with transaction():
        cancel_own(HOUSE, order.order_id, reason="不要了")
    counter.work()

    assert states(order) == ("cancelled", "expired")
    with pytest.raises(ValueError, match="expired"):
        counter.sandbox.controls.pay_session(session_id)


@pytest.mark.parametrize(
    "changes",
    [{"amount_total_fen": 6_779}, {"currency": "usd"}, {"amount_total_fen": 0}],
)
def test_a_wrong_amount_parks_the_payment_for_a_person(
    counter: Counter, order: PlacedOrder, goods: Goods, changes: dict[str, object]
) -> None:
    counter.pay_on_page(order)
    session = fetch(counter, order)
    snapshot = SessionSnapshot(**(vars(session.snapshot) | changes))
    with transaction():
        step = apply_session(order.payment_id, replace(session, snapshot=snapshot))
    counter.work()

    assert step is SessionStep.PARK
    assert states(order) == ("placed", "parked")
    assert (stock_of(goods), entry_kinds()) == (98, [])
    [job] = jobs("look_at_payment")
    assert job.parked_at is not None
    assert "amount" in job.last_error


def test_a_page_of_another_order_is_ignored(
    counter: Counter, order: PlacedOrder, charlie: Person, goods: Goods
) -> None:
    other = counter.place(charlie, goods)
    paid_page = counter.pay_on_page(other)
    counter.open(order)
    sync_payment(order.payment_id, session_id=paid_page)

    assert states(order) == ("placed", "pending")


def test_an_order_not_paid_online_has_no_page(
    counter: Counter, charlie: Person, goods: Goods
) -> None:
    order = counter.place(charlie, goods, method=PaymentMethod.BANK_TRANSFER)
    with pytest.raises(NotPaidOnline):
        counter.open(order)
    counter.sync(order)
    assert states(order) == ("placed", "created")


def test_a_paid_order_leads_to_its_own_page(
    counter: Counter, order: PlacedOrder
) -> None:
    counter.pay_on_page(order)
    assert open_payment(order.payment_id) is None
    assert states(order) == ("paid", "paid")
    assert open_payment(order.payment_id) is None


def test_paying_again_after_the_page_expired_opens_a_new_one(
    counter: Counter, order: PlacedOrder, goods: Goods
) -> None:
    first = counter.open(order)
    with counter.later(timedelta(minutes=36)):
        second = counter.open(order)
        assert second != first
        counter.work()
        assert states(order) == ("placed", "pending")
        counter.sandbox.controls.pay_session(second)
        counter.sync(order)
        assert states(order) == ("paid", "paid")
    assert payment_of(order).attempt == 2
    assert stock_of(goods) == 98


def test_news_of_a_page_that_was_replaced_change_nothing(
    counter: Counter, order: PlacedOrder, goods: Goods
) -> None:
    first = counter.open(order)
    with counter.later(timedelta(minutes=36)):
        counter.open(order)
        sync_payment(order.payment_id, session_id=first)
        assert states(order) == ("placed", "pending")
    assert stock_of(goods) == 98


def test_webhook_return_page_and_sweeper_at_once_book_once(
    app: Flask, counter: Counter, order: PlacedOrder
) -> None:
    counter.pay_on_page(order)
    results = in_threads(app, *[lambda: counter.sync(order)] * 4)

    assert results == [None] * 4
    assert states(order) == ("paid", "paid")
    assert entry_kinds() == ["fee", "fee_borne", "paid"]


def test_cancelling_while_paying_ends_either_way(
    app: Flask, counter: Counter, order: PlacedOrder, goods: Goods
) -> None:
    def call_off() -> None:
        with transaction():
            cancel(HOUSE, order.order_id, reason="不要了")

    counter.pay_on_page(order)
    results = in_threads(app, call_off, lambda: counter.sync(order))
    counter.work()

    assert results == [None, None]
    assert order_of(order).state == "cancelled"
    assert [refund.state for refund in refunds_of(order)] == ["succeeded"]
    assert stock_of(goods) == 100
    assert_books_are_right()


def test_a_released_order_opens_no_page(counter: Counter, order: PlacedOrder) -> None:
    counter.open(order)
    with counter.later(timedelta(minutes=37)):
        counter.work()
        assert open_payment(order.payment_id) is None
    assert len(sessions_made(counter)) == 1


def test_declined_attempts_leave_the_page_open(
    counter: Counter, order: PlacedOrder
) -> None:
    session_id = counter.open(order)
    counter.sandbox.controls.decline_session(session_id)
    counter.sync(order)
    assert states(order) == ("placed", "pending")
    counter.sandbox.controls.pay_session(session_id, method="alipay")
    counter.sync(order)

    assert states(order) == ("paid", "paid")


def test_a_cooperatives_own_account_is_paid(
    counter: Counter, order: PlacedOrder, place: Place
) -> None:
    with transaction():
        db.session.add(
            PaymentAccount(
                cooperative_id=place.cooperative_id,
                provider="stripe",
                secret_key=seal("sk_test_own"),
                webhook_secret=seal("whsec_own"),
            )
        )
    counter.pay(order)

    assert states(order) == ("paid", "paid")
    held = counter.sandbox.world.account("sk_test_own").objects["checkout.session"]
    assert payment_of(order).provider_session in held


def test_an_account_sealed_with_another_key_asks_for_a_person(
    counter: Counter, order: PlacedOrder, place: Place
) -> None:
    with transaction():
        db.session.add(
            PaymentAccount(
                cooperative_id=place.cooperative_id,
                provider="stripe",
                secret_key="gAAAAAB",
                webhook_secret="gAAAAAB",
            )
        )
    with pytest.raises(PaymentNotSetUp):
        counter.open(order)


def event(kind: str, object_id: str, event_id: str = "evt_1", **known: str) -> Event:
    return Event(id=event_id, kind=kind, object_id=object_id, references=known)


def take(notice: Event, cooperative_id: int | None = None) -> bool:
    with transaction():
        return take_event("stripe", notice, cooperative_id=cooperative_id)


def test_an_event_is_kept_for_good_and_handled_once(
    counter: Counter, order: PlacedOrder
) -> None:
    session_id = counter.pay_on_page(order)
    notice = event("checkout.session.completed", session_id)

    assert [take(notice), take(notice)] == [True, False]
    assert db.session.scalar(select(func.count(WebhookEvent.id))) == 1
    counter.work()
    assert states(order) == ("paid", "paid")


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("checkout.session.completed", "client_reference_id"),
        ("payment_intent.succeeded", "payment_id"),
        ("charge.succeeded", "payment_id"),
    ],
)
def test_an_event_finds_its_order_by_what_it_carries(
    counter: Counter, order: PlacedOrder, kind: str, known: str
) -> None:
    counter.pay_on_page(order)
    value = order.number if known.endswith("reference_id") else str(order.payment_id)
    session_id = payment_of(order).provider_session or ""
    object_id = session_id if kind.startswith("checkout") else "pi_unknown"
    take(event(kind, object_id, **{known: value}))
    counter.work()

    assert states(order) == ("paid", "paid")


@pytest.mark.parametrize(
    "notice",
    [
        event("checkout.session.completed", "cs_test_unknown"),
        event("charge.refunded", "ch_unknown", payment_id="³"),
        event("refund.updated", "re_unknown", refund_id=str(10**20)),
        event("customer.created", "cus_1"),
        event("", ""),
    ],
)
def test_an_event_about_the_unknown_is_kept_and_needs_nothing(notice: Event) -> None:
    assert take(notice)
    assert db.session.scalar(select(func.count(Job.id))) == 0


def test_another_cooperatives_account_cannot_speak_of_an_order(
    counter: Counter, order: PlacedOrder, other_place: Place
) -> None:
    session_id = counter.pay_on_page(order)
    take(
        event(
            "checkout.session.completed",
            session_id,
            client_reference_id=order.number,
            payment_id=str(order.payment_id),
        ),
        cooperative_id=other_place.cooperative_id,
    )
    assert jobs("sync_payment")[1:] == []


def test_events_in_any_order_end_in_the_same_state(
    counter: Counter, order: PlacedOrder, goods: Goods
) -> None:
    session_id = counter.pay_on_page(order)
    kinds = (
        "checkout.session.expired",
        "charge.refunded",
        "checkout.session.completed",
        "payment_intent.payment_failed",
        "payment_intent.created",
    )
    for number, kind in enumerate(kinds):
        take(
            event(
                kind,
                session_id if kind.startswith("checkout") else "pi_1",
                event_id=f"evt_{number}",
                payment_id=str(order.payment_id),
            )
        )
    counter.work()

    assert states(order) == ("paid", "paid")
    assert stock_of(goods) == 98
    assert entry_kinds() == ["fee", "fee_borne", "paid"]


def test_preparing_a_released_payment_says_so(
    counter: Counter, order: PlacedOrder
) -> None:
    from services.payments.opening import prepare

    with transaction():
        cancel(HOUSE, order.order_id, reason="不要了")
    with pytest.raises(OrderMoved), transaction():
        prepare(order.payment_id)
