"""Refunds: asked for, decided, sent, failed, tried again; never too much."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core.access import HOUSE
from core.database import db, transaction
from domain.orders.states import RefundBearer, RefundMoved
from domain.shares import RefundTooLarge
from integrations.gateway import Event, ProviderRefund
from models.ledger import JournalEntry
from queries.ledger import verify
from queries.orders.details import order_view
from queries.orders.packing import packets_of
from queries.orders.refunds import refund_details
from sandbox.server import SandboxServer
from services.orders.cancelling import cancel, cancel_own
from services.orders.drafts import PlacedOrder, RefundDraft
from services.orders.fulfilling import confirm_delivery, pack, ship
from services.orders.refund_rules import (
    BearerTooEarly,
    BoxesAtTheirPrice,
    NothingToRefund,
    NotPaid,
)
from services.orders.refunding import (
    RefundedByProvider,
    RequestTaken,
    approve_refund,
    grant_refund,
    reject_refund,
    request_refund,
    settle_manual_refund,
)
from services.payments.refunds import apply_refund
from services.payments.webhooks import take_event
from tests.support.counter import (
    Counter,
    assert_books_are_right,
    box_refund,
    coop_balances,
    in_threads,
    lines_of,
    messages_to,
    order_of,
    refund_of,
    refunds_of,
    reservations,
    stock_of,
)
from tests.support.factories import ADDRESS, Goods, Person, Place, actor_of


@pytest.fixture
def paid(counter: Counter, charlie: Person, goods: Goods) -> PlacedOrder:
    """Three boxes: ¥89.70 and ¥11.00 freight."""
    return counter.sell(charlie, goods, quantity=3)


@pytest.fixture
def deliver(alice: Person) -> Callable[[PlacedOrder], None]:
    def act(order: PlacedOrder) -> None:
        with transaction():
            pack(actor_of(alice), order.order_id)
        with transaction():
            ship(actor_of(alice), order.order_id, carrier="顺丰", tracking_number="SF1")
        with transaction():
            confirm_delivery(actor_of(alice), order.order_id)

    return act


def grant(order: PlacedOrder, draft: RefundDraft, by: Person) -> int:
    with transaction():
        return grant_refund(actor_of(by), order.order_id, draft)


def ask(order: PlacedOrder, draft: RefundDraft, by: Person | None = None) -> int:
    with transaction():
        return request_refund(actor_of(by) if by else HOUSE, order.order_id, draft)


def test_a_refund_is_asked_for_approved_and_sent(
    counter: Counter, paid: PlacedOrder, charlie: Person, alice: Person
) -> None:
    refund_id = ask(paid, box_refund(paid, 1), charlie)
    assert refund_of(refund_id).state == "requested"
    assert order_view(paid.order_id).refundable_fen == 10_070 - 2_990
    with transaction():
        approve_refund(actor_of(alice), refund_id)
    counter.work()

    refund = refund_of(refund_id)
    assert (refund.state, refund.decided_by) == ("succeeded", alice.id)
    assert refund.settled_at is not None
    assert "退款 ¥29.90 已退回" in messages_to(ADDRESS.phone)[-1]
    assert_books_are_right()


def test_the_same_request_asks_once(paid: PlacedOrder, charlie: Person) -> None:
    draft = box_refund(paid, 1)
    assert ask(paid, draft, charlie) == ask(paid, draft, charlie)
    assert len(refunds_of(paid)) == 1


def test_a_request_id_belongs_to_one_order(
    counter: Counter, paid: PlacedOrder, charlie: Person, goods: Goods
) -> None:
    other = counter.sell(charlie, goods)
    draft = box_refund(paid, 1)
    ask(paid, draft, charlie)
    with pytest.raises(RequestTaken):
        ask(other, draft, charlie)


def test_a_rejected_refund_says_why_and_frees_its_amount(
    paid: PlacedOrder, charlie: Person, alice: Person
) -> None:
    refund_id = ask(paid, box_refund(paid, 3), charlie)
    with transaction():
        reject_refund(actor_of(alice), refund_id, "照片里没有坏果")

    assert "照片里没有坏果" in messages_to(ADDRESS.phone)[-1]
    with pytest.raises(RefundMoved), transaction():
        approve_refund(actor_of(alice), refund_id)
    ask(paid, box_refund(paid, 3), charlie)


def test_refunds_under_way_count_against_the_cap(
    paid: PlacedOrder, charlie: Person
) -> None:
    ask(paid, box_refund(paid, 2), charlie)
    with pytest.raises(RefundTooLarge):
        ask(paid, box_refund(paid, 2), charlie)


def test_a_box_goes_back_once_however_little_it_costs(
    paid: PlacedOrder, charlie: Person, deliver: Callable[[PlacedOrder], None]
) -> None:
    deliver(paid)
    ask(paid, box_refund(paid, 2, goods_fen=1), charlie)
    with pytest.raises(RefundTooLarge):
        ask(paid, box_refund(paid, 2, goods_fen=1), charlie)


def test_two_refunds_at_once_never_pass_what_is_left(
    app: Flask, paid: PlacedOrder, charlie: Person
) -> None:
    drafts = [box_refund(paid, 2) for _ in range(2)]
    results = in_threads(
        app, *(lambda draft=draft: ask(paid, draft, charlie) for draft in drafts)
    )

    assert sorted(type(result).__name__ for result in results) == [
        "RefundTooLarge",
        "int",
    ]


@pytest.mark.parametrize(
    ("boxes", "goods_fen", "freight_fen"),
    [
        (4, 2_990, 0),
        (1, 8_971, 0),
        (1, 2_990, 1_101),
        (-1, 2_990, 0),
        (1, -1, 100),
        (1, 10**20, 0),
        (0, 0, -1),
    ],
)
def test_more_than_was_bought_is_never_given_back(
    paid: PlacedOrder, charlie: Person, boxes: int, goods_fen: int, freight_fen: int
) -> None:
    draft = box_refund(paid, boxes, goods_fen=goods_fen, freight_fen=freight_fen)
    with pytest.raises((RefundTooLarge, NothingToRefund)):
        ask(paid, draft, charlie)


def test_a_line_of_another_order_is_refused(
    counter: Counter, paid: PlacedOrder, charlie: Person, goods: Goods
) -> None:
    other = counter.sell(charlie, goods)
    with pytest.raises(RefundTooLarge):
        ask(paid, box_refund(other, 1), charlie)


def test_a_line_named_twice_is_refused(paid: PlacedOrder, charlie: Person) -> None:
    draft = box_refund(paid, 1)
    with pytest.raises(RefundTooLarge):
        ask(paid, replace(draft, lines=[*draft.lines, *draft.lines]), charlie)


def test_nothing_is_no_refund(paid: PlacedOrder, charlie: Person) -> None:
    with pytest.raises(NothingToRefund):
        ask(paid, box_refund(paid, 0), charlie)


def test_what_is_not_paid_is_not_refunded(
    counter: Counter, charlie: Person, goods: Goods
) -> None:
    order = counter.place(charlie, goods)
    with pytest.raises(NotPaid):
        ask(order, box_refund(order, 1), charlie)


def test_boxes_given_up_before_sending_return_to_the_shelf(
    counter: Counter,
    paid: PlacedOrder,
    alice: Person,
    goods: Goods,
    place: Place,
    deliver: Callable[[PlacedOrder], None],
) -> None:
    grant(paid, box_refund(paid, 1), alice)
    counter.work()
    assert stock_of(goods) == 98
    assert reservations(paid) == [("consumed", 2)]
    [packet] = packets_of(HOUSE, [paid.order_id])
    assert [line.quantity for line in packet.lines] == [2]
    deliver(paid)

    balances = coop_balances(place.cooperative_id)
    assert balances.get("order_clearing", 0) == 0
    assert balances["freight_payable"] == -1_100
    assert balances[f"village:{place.village_id}"] == -299
    assert_books_are_right()


def test_giving_up_every_box_cancels_the_order(
    counter: Counter, paid: PlacedOrder, alice: Person, goods: Goods
) -> None:
    grant(paid, box_refund(paid, 3), alice)
    counter.work()

    assert order_of(paid).state == "cancelled"
    assert [refund.amount_fen for refund in refunds_of(paid)] == [8_970, 1_100]
    assert stock_of(goods) == 100
    assert_books_are_right()


def test_cancelling_after_a_part_was_refunded_gives_back_the_rest(
    counter: Counter, paid: PlacedOrder, charlie: Person, alice: Person, goods: Goods
) -> None:
    grant(paid, box_refund(paid, 1), alice)
    asked = ask(paid, box_refund(paid, 1), charlie)
    with transaction():
        cancel(actor_of(alice), paid.order_id, reason="不要了")
    counter.work()

    assert refund_of(asked).state == "rejected"
    assert [refund.amount_fen for refund in refunds_of(paid)] == [2_990, 2_990, 7_080]
    assert stock_of(goods) == 100
    assert_books_are_right()


def test_after_delivery_each_party_gives_back_its_part(
    counter: Counter,
    paid: PlacedOrder,
    alice: Person,
    place: Place,
    goods: Goods,
    deliver: Callable[[PlacedOrder], None],
) -> None:
    deliver(paid)
    for boxes in (1, 1, 1):
        grant(paid, box_refund(paid, boxes), alice)
    counter.work()

    balances = coop_balances(place.cooperative_id)
    parties = {
        name: fen
        for name, fen in balances.items()
        if name.startswith(("host", "village", "reserve", "member"))
    }
    assert parties == {}
    assert stock_of(goods) == 97
    assert order_of(paid).state == "delivered"
    assert_books_are_right()


def test_freight_given_back_lowers_what_the_carrier_is_owed(
    counter: Counter,
    paid: PlacedOrder,
    alice: Person,
    place: Place,
    deliver: Callable[[PlacedOrder], None],
) -> None:
    deliver(paid)
    grant(paid, box_refund(paid, 0, goods_fen=0, freight_fen=300), alice)
    counter.work()

    assert coop_balances(place.cooperative_id)["freight_payable"] == -800
    assert_books_are_right()


@pytest.mark.parametrize("bearer", [RefundBearer.CARRIER, RefundBearer.PLATFORM])
def test_spoiled_goods_are_paid_by_who_spoiled_them(
    counter: Counter,
    paid: PlacedOrder,
    alice: Person,
    place: Place,
    bearer: RefundBearer,
    deliver: Callable[[PlacedOrder], None],
) -> None:
    with pytest.raises(BearerTooEarly):
        grant(paid, replace(box_refund(paid, 1), bearer=bearer), alice)
    deliver(paid)
    before = coop_balances(place.cooperative_id)
    refund_id = ask(paid, box_refund(paid, 1, freight_fen=100))
    with transaction():
        approve_refund(actor_of(alice), refund_id, bearer=bearer)
    counter.work()

    after = coop_balances(place.cooperative_id)
    assert after[f"claim:{bearer}"] == 3_090
    assert after["reserve"] == before["reserve"]
    assert refund_of(refund_id).bearer == bearer
    assert_books_are_right()


@pytest.mark.parametrize("delivered", [False, True])
def test_a_wallets_refund_waits_until_the_provider_is_done(
    counter: Counter,
    charlie: Person,
    goods: Goods,
    alice: Person,
    place: Place,
    delivered: bool,
    deliver: Callable[[PlacedOrder], None],
) -> None:
    order = counter.place(charlie, goods, quantity=2)
    counter.pay(order, "alipay")
    if delivered:
        deliver(order)
    refund_id = grant(order, box_refund(order, 1), alice)
    counter.work()
    assert refund_of(refund_id).state == "pending"
    assert coop_balances(place.cooperative_id)["refund_clearing"] == -2_990
    assert_books_are_right()
    provider_id = refund_of(refund_id).provider_refund or ""
    counter.sandbox.controls.settle_refund(provider_id)
    with transaction():
        notice = Event("evt_1", "refund.updated", provider_id)
        take_event("stripe", notice, cooperative_id=None)
    counter.work()

    assert refund_of(refund_id).state == "succeeded"
    assert coop_balances(place.cooperative_id).get("refund_clearing", 0) == 0
    assert_books_are_right()


def test_a_refund_whose_events_are_lost_is_asked_for(
    counter: Counter, charlie: Person, goods: Goods, alice: Person
) -> None:
    order = counter.place(charlie, goods, quantity=2)
    counter.pay(order, "alipay")
    refund_id = grant(order, box_refund(order, 1), alice)
    counter.work()
    assert refund_of(refund_id).state == "pending"
    with counter.later(timedelta(hours=1)):
        counter.work()
        assert refund_of(refund_id).state == "succeeded"


@pytest.mark.parametrize("delivered", [False, True])
def test_a_failed_refund_is_undone_and_can_be_tried_again(
    counter: Counter,
    charlie: Person,
    goods: Goods,
    alice: Person,
    place: Place,
    delivered: bool,
    deliver: Callable[[PlacedOrder], None],
) -> None:
    order = counter.place(charlie, goods, quantity=2)
    counter.pay(order, "wechat_pay")
    if delivered:
        deliver(order)
    before = coop_balances(place.cooperative_id)
    refund_id = grant(order, box_refund(order, 1), alice)
    counter.work()
    first = refund_of(refund_id).provider_refund or ""
    counter.sandbox.controls.settle_refund(first, succeeded=False)
    counter.send_refund(refund_id)
    assert refund_of(refund_id).state == "failed"
    assert coop_balances(place.cooperative_id) == before
    assert verify().problems == ()

    with transaction():
        approve_refund(actor_of(alice), refund_id)
    counter.work()
    second = refund_of(refund_id).provider_refund or ""
    assert second != first
    counter.sandbox.controls.settle_refund(second)
    counter.send_refund(refund_id)
    assert refund_of(refund_id).state == "succeeded"
    assert_books_are_right()


def test_a_refund_that_failed_before_delivery_is_paid_after_it(
    counter: Counter,
    charlie: Person,
    goods: Goods,
    alice: Person,
    place: Place,
    deliver: Callable[[PlacedOrder], None],
) -> None:
    """The parties never had this money: it waits with the cooperative."""
    order = counter.place(charlie, goods, quantity=2)
    counter.pay(order, "alipay")
    refund_id = grant(order, box_refund(order, 1), alice)
    counter.work()
    provider_id = refund_of(refund_id).provider_refund or ""
    counter.sandbox.controls.settle_refund(provider_id, succeeded=False)
    counter.send_refund(refund_id)
    deliver(order)
    assert coop_balances(place.cooperative_id)["order_clearing"] == -2_990
    assert coop_balances(place.cooperative_id)["reserve"] == -149
    assert_books_are_right()
    with transaction():
        approve_refund(actor_of(alice), refund_id)
    counter.work()

    balances = coop_balances(place.cooperative_id)
    assert (balances.get("order_clearing", 0), balances["reserve"]) == (0, -149)
    assert_books_are_right()


def test_a_failed_refund_still_holds_its_boxes(
    counter: Counter, charlie: Person, goods: Goods, alice: Person
) -> None:
    order = counter.place(charlie, goods, quantity=2)
    counter.pay(order, "alipay")
    refund_id = grant(order, box_refund(order, 2), alice)
    counter.work()
    provider_id = refund_of(refund_id).provider_refund or ""
    counter.sandbox.controls.settle_refund(provider_id, succeeded=False)
    counter.send_refund(refund_id)

    with pytest.raises(RefundTooLarge):
        ask(order, box_refund(order, 1), charlie)
    assert order_view(order.order_id).refundable_fen == 0
    assert stock_of(goods) == 100
    assert verify().problems == ()


def test_a_failure_reported_after_success_is_undone(
    counter: Counter, paid: PlacedOrder, alice: Person, place: Place
) -> None:
    before = coop_balances(place.cooperative_id)
    refund_id = grant(paid, box_refund(paid, 1), alice)
    counter.work()
    provider_id = refund_of(refund_id).provider_refund or ""
    with transaction():
        apply_refund(refund_id, ProviderRefund(provider_id, "failed"))

    assert refund_of(refund_id).state == "failed"
    assert coop_balances(place.cooperative_id) == before


def test_stale_news_of_a_refund_change_nothing(
    counter: Counter, paid: PlacedOrder, charlie: Person, alice: Person
) -> None:
    refund_id = grant(paid, box_refund(paid, 1), alice)
    counter.work()
    provider_id = refund_of(refund_id).provider_refund or ""
    for news in (
        ProviderRefund(provider_id, "pending"),
        ProviderRefund(provider_id, "succeeded"),
        ProviderRefund("re_another", "failed"),
    ):
        with transaction():
            apply_refund(refund_id, news)
    assert refund_of(refund_id).state == "succeeded"
    assert list(db.session.scalars(select(JournalEntry.kind))).count("refund_done") == 1


def test_news_of_an_attempt_that_failed_do_not_end_the_next_one(
    counter: Counter, charlie: Person, goods: Goods, alice: Person
) -> None:
    """The provider was asked before the accountant had it sent again."""
    order = counter.place(charlie, goods, quantity=2)
    counter.pay(order, "alipay")
    refund_id = grant(order, box_refund(order, 1), alice)
    counter.work()
    provider_id = refund_of(refund_id).provider_refund or ""
    counter.sandbox.controls.settle_refund(provider_id, succeeded=False)
    counter.send_refund(refund_id)
    with transaction():
        approve_refund(actor_of(alice), refund_id)
    with transaction():
        apply_refund(refund_id, ProviderRefund(provider_id, "failed"))

    assert refund_of(refund_id).state == "approved"
    assert refund_of(refund_id).provider_refund is None


def test_a_refund_the_provider_will_never_do_fails(
    counter: Counter, paid: PlacedOrder, alice: Person, stripe_sandbox: SandboxServer
) -> None:
    """Someone refunded the whole payment on the provider's own pages."""
    account = stripe_sandbox.world.account("sk_test_shop")
    [charge] = account.objects["charge"].values()
    charge["amount_refunded"] = charge["amount"]
    refund_id = grant(paid, box_refund(paid, 1), alice)
    counter.work()

    assert refund_of(refund_id).state == "failed"


def test_what_the_provider_pays_is_not_settled_by_hand(
    paid: PlacedOrder, alice: Person
) -> None:
    refund_id = grant(paid, box_refund(paid, 1), alice)
    with pytest.raises(RefundedByProvider), transaction():
        settle_manual_refund(actor_of(alice), refund_id, "1")


def test_approving_twice_changes_nothing(paid: PlacedOrder, alice: Person) -> None:
    refund_id = grant(paid, box_refund(paid, 1), alice)
    with pytest.raises(RefundMoved), transaction():
        approve_refund(actor_of(alice), refund_id)
    assert (
        list(db.session.scalars(select(JournalEntry.kind))).count("refund_undelivered")
        == 1
    )


def test_freight_goes_back_line_by_line_to_the_fen(
    counter: Counter, charlie: Person, goods: Goods, alice: Person
) -> None:
    order = counter.sell(charlie, goods, quantity=3)
    for freight_fen in (333, 333, 434):
        grant(order, box_refund(order, 0, freight_fen=freight_fen), alice)
    with pytest.raises(RefundTooLarge):
        ask(order, box_refund(order, 0, freight_fen=1), charlie)
    assert sum(line.freight_fen for line in lines_of(order)) == 1_100


def test_no_buyer_takes_the_request_id_of_a_late_payments_refund(
    counter: Counter, paid: PlacedOrder, charlie: Person, goods: Goods
) -> None:
    """Payment ids can be guessed; a taken request id would keep the money here."""
    other = counter.place(charlie, goods)
    page = counter.open(other)
    guessed = f"late-{other.payment_id}"
    ask(paid, replace(box_refund(paid, 1), request_id=guessed), charlie)
    with transaction():
        cancel_own(actor_of(charlie), other.order_id, reason="不要了")
    counter.sandbox.controls.pay_session(page)
    counter.work()

    assert [refund.state for refund in refunds_of(other)] == ["succeeded"]


def test_no_buyer_takes_the_request_id_of_a_cancelled_orders_refund(
    counter: Counter, paid: PlacedOrder, charlie: Person, alice: Person
) -> None:
    guessed = f"cancel-{paid.number}"
    refund_id = ask(paid, replace(box_refund(paid, 1), request_id=guessed), charlie)
    with transaction():
        reject_refund(actor_of(alice), refund_id, "没坏")
    with transaction():
        cancel_own(actor_of(charlie), paid.order_id, reason="不要了")
    counter.work()

    assert [refund.amount_fen for refund in refunds_of(paid)] == [2_990, 10_070]
    assert_books_are_right()


@pytest.mark.parametrize("boxes", [1, 2, 3])
def test_boxes_that_are_not_sent_go_back_at_their_price(
    paid: PlacedOrder, charlie: Person, boxes: int
) -> None:
    with pytest.raises(BoxesAtTheirPrice):
        ask(paid, box_refund(paid, boxes, goods_fen=boxes * 2_990 - 1), charlie)
    assert refunds_of(paid) == []

    ask(paid, box_refund(paid, boxes), charlie)
    assert [one.amount_fen for one in refunds_of(paid)] == [boxes * 2_990]


def test_the_last_boxes_cost_what_is_left_of_them(
    paid: PlacedOrder, charlie: Person
) -> None:
    ask(paid, box_refund(paid, 0, goods_fen=1_000), charlie)
    with pytest.raises(BoxesAtTheirPrice):
        ask(paid, box_refund(paid, 3, goods_fen=3 * 2_990 - 1_001), charlie)
    ask(paid, box_refund(paid, 3, goods_fen=3 * 2_990 - 1_000), charlie)
    assert len(refunds_of(paid)) == 2


def test_a_part_of_the_price_is_enough_once_the_box_was_sent(
    paid: PlacedOrder, charlie: Person, deliver: Callable[[PlacedOrder], None]
) -> None:
    deliver(paid)
    ask(paid, box_refund(paid, 3, goods_fen=500), charlie)
    assert [one.amount_fen for one in refunds_of(paid)] == [500]


def test_the_page_says_what_granting_gives_back(
    counter: Counter, paid: PlacedOrder, charlie: Person, alice: Person
) -> None:
    part = ask(paid, box_refund(paid, 1), charlie)
    assert refund_details(part).rest_fen is None
    money = ask(paid, box_refund(paid, 0, goods_fen=100), charlie)
    assert refund_details(money).granted_fen == 100
    grant(paid, box_refund(paid, 1), alice)
    rest = ask(paid, box_refund(paid, 1, goods_fen=2_890), charlie)
    assert refund_details(rest).rest_fen is None

    with transaction():
        approve_refund(actor_of(alice), part)
    told = refund_details(rest).granted_fen
    before = 2 * 2_990
    with transaction():
        approve_refund(actor_of(alice), rest)

    granted = [one for one in refunds_of(paid) if one.state != "rejected"]
    assert sum(one.amount_fen for one in granted) - before == told == 2_990 + 1_100
    assert order_of(paid).state == "cancelled"
    assert refund_details(rest).rest_fen is None
