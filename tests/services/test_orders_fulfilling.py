"""Packing, sending, arriving; transfers and cash; cancelling; what time brings."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from core import clock
from core.access import HOUSE
from core.clock import now, today
from core.database import db, transaction
from domain.orders.states import (
    OrderMoved,
    OrderState,
    PaymentMethod,
    ShipmentMoved,
    ShipmentState,
)
from models.catalogue import BatchDelivery, Product
from models.history import StateChange
from models.ledger import JournalEntry
from models.orders import OrderLine, Shipment
from queries.orders.details import order_view
from services.orders.cancelling import TooLateToCancel, cancel, cancel_own, fail_parcel
from services.orders.drafts import PlacedOrder
from services.orders.fulfilling import (
    NotCashOnDelivery,
    accept_cash_order,
    confirm_delivery,
    pack,
    ship,
)
from services.orders.offline import (
    FeeTooLarge,
    NotByTransfer,
    NotCollected,
    confirm_transfer,
    record_remittance,
)
from services.orders.refunding import grant_refund, request_refund, settle_manual_refund
from tests.support.counter import (
    Counter,
    assert_books_are_right,
    box_refund,
    coop_balances,
    messages_to,
    order_of,
    payment_of,
    refunds_of,
    reservations,
    states,
    stock_of,
)
from tests.support.factories import ADDRESS, Goods, Person, Place, actor_of

TRANSFER, CASH = PaymentMethod.BANK_TRANSFER, PaymentMethod.CASH_ON_DELIVERY


@pytest.fixture
def paid(counter: Counter, charlie: Person, goods: Goods) -> PlacedOrder:
    return counter.sell(charlie, goods, quantity=2)


@pytest.fixture
def by_transfer(counter: Counter, charlie: Person, goods: Goods) -> PlacedOrder:
    return counter.place(charlie, goods, quantity=2, method=TRANSFER)


@pytest.fixture
def at_the_door(counter: Counter, charlie: Person, goods: Goods) -> PlacedOrder:
    return counter.place(charlie, goods, quantity=2, method=CASH)


def send(order: PlacedOrder, by: Person) -> None:
    with transaction():
        pack(actor_of(by), order.order_id)
    with transaction():
        ship(actor_of(by), order.order_id, carrier="顺丰", tracking_number="SF123")


def deliver(order: PlacedOrder, by: Person) -> None:
    send(order, by)
    with transaction():
        confirm_delivery(actor_of(by), order.order_id)


def kinds() -> list[str]:
    return sorted(db.session.scalars(select(JournalEntry.kind)))


def test_a_paid_order_goes_all_the_way(
    counter: Counter, paid: PlacedOrder, alice: Person, goods: Goods
) -> None:
    deliver(paid, alice)
    view = order_view(paid.order_id)

    assert view.state is OrderState.DELIVERED
    assert view.parcel is not None
    assert (view.parcel.carrier, view.parcel.tracking_number) == ("顺丰", "SF123")
    assert [step.to_state for step in view.history] == [
        "placed",
        "paid",
        "packed",
        "shipped",
        "delivered",
    ]
    assert view.history[-1].by == alice.name
    assert order_of(paid).delivered_on == today()
    assert db.session.get_one(Product, goods.id).sold_count == 2
    assert any("SF123" in message for message in messages_to(ADDRESS.phone))
    assert_books_are_right()


def test_delivery_divides_by_the_days_rule_and_the_batchs_families(
    counter: Counter, paid: PlacedOrder, alice: Person, place: Place
) -> None:
    deliver(paid, alice)
    balances = coop_balances(place.cooperative_id)
    first, second = place.farmer_ids

    assert balances[f"host:alliance:{place.alliance_id}"] == -478
    assert balances[f"village:{place.village_id}"] == -299
    assert balances["reserve"] == -299
    assert balances[f"member:{first}"] == -2_870
    assert balances[f"member:{second}"] == -1_914
    assert balances["freight_payable"] == -800
    assert balances.get("order_clearing", 0) == 0


def test_without_deliveries_the_members_share_waits(
    counter: Counter, paid: PlacedOrder, alice: Person, place: Place
) -> None:
    with transaction():
        line = db.session.scalars(select(OrderLine)).one()
        line.batch_id = None
    deliver(paid, alice)

    assert coop_balances(place.cooperative_id)["members_unassigned"] == -4_784
    assert db.session.scalar(select(BatchDelivery.id)) is not None


@pytest.mark.parametrize(
    "act",
    [
        lambda order: pack(HOUSE, order),
        lambda order: ship(HOUSE, order, carrier="顺丰", tracking_number="1"),
        lambda order: confirm_delivery(HOUSE, order),
    ],
)
def test_nothing_is_sent_before_it_is_paid(
    counter: Counter, charlie: Person, goods: Goods, act: Callable[[int], None]
) -> None:
    order = counter.place(charlie, goods)
    with pytest.raises(OrderMoved), transaction():
        act(order.order_id)
    assert order_of(order).state == "placed"


def test_steps_cannot_be_skipped_or_repeated(paid: PlacedOrder, alice: Person) -> None:
    with pytest.raises(OrderMoved), transaction():
        ship(actor_of(alice), paid.order_id, carrier="顺丰", tracking_number="1")
    deliver(paid, alice)
    with pytest.raises(OrderMoved), transaction():
        confirm_delivery(actor_of(alice), paid.order_id)
    assert kinds().count("delivered") == 1


def test_an_order_completes_a_week_after_it_arrived(
    counter: Counter, paid: PlacedOrder, alice: Person
) -> None:
    deliver(paid, alice)
    with clock.at(now() + timedelta(days=6, hours=23)):
        counter.work()
        assert order_of(paid).state == "delivered"
    with clock.at(now() + timedelta(days=7, minutes=1)):
        counter.work()
        assert order_of(paid).state == "completed"
        assert order_of(paid).closed_on == today()


def test_an_open_refund_keeps_an_order_from_completing(
    counter: Counter, paid: PlacedOrder, alice: Person, charlie: Person
) -> None:
    deliver(paid, alice)
    with transaction():
        request_refund(actor_of(charlie), paid.order_id, box_refund(paid, 1))
    with clock.at(now() + timedelta(days=8)):
        counter.work()
        assert order_of(paid).state == "delivered"


@pytest.mark.parametrize("packed", [False, True])
def test_cancelling_a_paid_order_gives_money_and_stock_back(
    counter: Counter,
    paid: PlacedOrder,
    alice: Person,
    place: Place,
    goods: Goods,
    packed: bool,
) -> None:
    if packed:
        with transaction():
            pack(actor_of(alice), paid.order_id)
    for _twice in range(2):
        with transaction():
            cancel(actor_of(alice), paid.order_id, reason="下雨采不了")
    counter.work()

    assert order_of(paid).state == "cancelled"
    assert order_of(paid).closed_on == today()
    [refund] = refunds_of(paid)
    assert (refund.state, refund.amount_fen) == ("succeeded", 6_780)
    assert stock_of(goods) == 100
    balances = coop_balances(place.cooperative_id)
    assert balances.get("order_clearing", 0) == balances.get("refund_clearing", 0) == 0
    assert_books_are_right()


def test_a_buyer_cannot_cancel_what_is_packed(paid: PlacedOrder, alice: Person) -> None:
    with transaction():
        pack(actor_of(alice), paid.order_id)
    with pytest.raises(TooLateToCancel), transaction():
        cancel_own(HOUSE, paid.order_id, reason="不要了")
    assert order_of(paid).state == "packed"


def test_nobody_cancels_what_is_sent(paid: PlacedOrder, alice: Person) -> None:
    send(paid, alice)
    with pytest.raises(TooLateToCancel), transaction():
        cancel(actor_of(alice), paid.order_id, reason="不要了")


@pytest.mark.parametrize("restock", [False, True])
def test_a_refused_parcel_gives_the_money_back(
    counter: Counter,
    paid: PlacedOrder,
    alice: Person,
    goods: Goods,
    restock: bool,
) -> None:
    send(paid, alice)
    with transaction():
        fail_parcel(
            actor_of(alice),
            paid.order_id,
            outcome=ShipmentState.RETURNED,
            reason="拒收",
            restock=restock,
        )
    counter.work()

    assert order_of(paid).state == "cancelled"
    assert [refund.state for refund in refunds_of(paid)] == ["succeeded"]
    assert stock_of(goods) == (100 if restock else 98)
    assert db.session.scalars(select(Shipment.state)).one() == "returned"
    assert_books_are_right()


def test_what_was_never_sent_cannot_be_refused(
    paid: PlacedOrder, alice: Person
) -> None:
    with pytest.raises(OrderMoved), transaction():
        fail_parcel(
            actor_of(alice), paid.order_id, outcome=ShipmentState.LOST, reason="丢了"
        )


def test_a_parcel_fails_once(paid: PlacedOrder, alice: Person) -> None:
    send(paid, alice)
    with transaction():
        fail_parcel(
            actor_of(alice), paid.order_id, outcome=ShipmentState.LOST, reason="丢了"
        )
    with pytest.raises((OrderMoved, ShipmentMoved)), transaction():
        fail_parcel(
            actor_of(alice), paid.order_id, outcome=ShipmentState.LOST, reason="丢了"
        )


def test_a_transfer_is_confirmed_with_its_reference(
    by_transfer: PlacedOrder, alice: Person, place: Place
) -> None:
    for _twice in range(2):
        with transaction():
            confirm_transfer(actor_of(alice), by_transfer.order_id, "回单 0317")

    assert states(by_transfer) == ("paid", "paid")
    assert payment_of(by_transfer).reference == "回单 0317"
    assert coop_balances(place.cooperative_id) == {
        "bank": 6_780,
        "order_clearing": -6_780,
    }
    assert reservations(by_transfer) == [("consumed", 2)]
    assert_books_are_right()


def test_a_transfer_that_does_not_come_gives_the_stock_back(
    counter: Counter, by_transfer: PlacedOrder, goods: Goods
) -> None:
    with clock.at(now() + timedelta(hours=47)):
        counter.work()
        assert states(by_transfer) == ("placed", "created")
    with clock.at(now() + timedelta(hours=48, minutes=2)):
        counter.work()
        assert states(by_transfer) == ("expired", "expired")
        assert stock_of(goods) == 100


def test_a_transfer_that_comes_too_late_is_booked_and_goes_back(
    counter: Counter, by_transfer: PlacedOrder, alice: Person, place: Place
) -> None:
    with clock.at(now() + timedelta(days=4)):
        counter.work()
        with transaction():
            confirm_transfer(actor_of(alice), by_transfer.order_id, "回单 0318")
        counter.work()
        [refund] = refunds_of(by_transfer)
        assert (refund.state, refund.amount_fen) == ("approved", 6_780)
        assert_books_are_right()
        with transaction():
            settle_manual_refund(actor_of(alice), refund.id, "退 0319")

    assert states(by_transfer) == ("expired", "refunded_late")
    assert coop_balances(place.cooperative_id) == {}


def test_only_transfers_are_confirmed(paid: PlacedOrder, alice: Person) -> None:
    with pytest.raises(NotByTransfer), transaction():
        confirm_transfer(actor_of(alice), paid.order_id, "1")


def test_cash_is_collected_at_the_door_and_remitted(
    counter: Counter, at_the_door: PlacedOrder, alice: Person, place: Place
) -> None:
    with transaction():
        accept_cash_order(actor_of(alice), at_the_door.order_id)
    assert reservations(at_the_door) == [("consumed", 2)]
    deliver(at_the_door, alice)
    assert states(at_the_door) == ("delivered", "paid")
    assert coop_balances(place.cooperative_id)["cod_receivable"] == 6_780
    for _twice in range(2):
        with transaction():
            record_remittance(
                actor_of(alice),
                at_the_door.order_id,
                reference="顺丰 11 月",
                fee_fen=136,
            )
    balances = coop_balances(place.cooperative_id)

    assert balances["bank"] == 6_644
    assert balances.get("cod_receivable", 0) == 0
    assert (balances["psp_fee"], balances["psp_fee_recovered"]) == (136, -136)
    assert_books_are_right()


def test_a_remittance_without_fee_books_none(
    at_the_door: PlacedOrder, alice: Person, place: Place
) -> None:
    with transaction():
        accept_cash_order(actor_of(alice), at_the_door.order_id)
    deliver(at_the_door, alice)
    with transaction():
        record_remittance(
            actor_of(alice), at_the_door.order_id, reference="现金", fee_fen=0
        )

    assert coop_balances(place.cooperative_id)["bank"] == 6_780
    assert "psp_fee" not in coop_balances(place.cooperative_id)


@pytest.mark.parametrize("fee_fen", [-1, 6_781])
def test_a_fee_above_the_cash_is_refused(
    at_the_door: PlacedOrder, alice: Person, fee_fen: int
) -> None:
    with transaction():
        accept_cash_order(actor_of(alice), at_the_door.order_id)
    with pytest.raises(NotCollected), transaction():
        record_remittance(
            actor_of(alice), at_the_door.order_id, reference="1", fee_fen=0
        )
    deliver(at_the_door, alice)
    with pytest.raises(FeeTooLarge), transaction():
        record_remittance(
            actor_of(alice), at_the_door.order_id, reference="1", fee_fen=fee_fen
        )


def test_only_cash_orders_are_accepted(paid: PlacedOrder, alice: Person) -> None:
    with pytest.raises(NotCashOnDelivery), transaction():
        accept_cash_order(actor_of(alice), paid.order_id)


@pytest.mark.parametrize("accepted", [False, True])
def test_cancelling_a_cash_order_gives_only_the_stock_back(
    at_the_door: PlacedOrder, alice: Person, goods: Goods, accepted: bool
) -> None:
    if accepted:
        with transaction():
            accept_cash_order(actor_of(alice), at_the_door.order_id)
    with transaction():
        cancel_own(HOUSE, at_the_door.order_id, reason="不要了")

    assert states(at_the_door) == ("cancelled", "expired")
    assert (stock_of(goods), kinds()) == (100, [])


def test_a_refused_cash_parcel_costs_the_buyer_nothing(
    at_the_door: PlacedOrder, alice: Person
) -> None:
    with transaction():
        accept_cash_order(actor_of(alice), at_the_door.order_id)
    send(at_the_door, alice)
    with transaction():
        fail_parcel(
            actor_of(alice),
            at_the_door.order_id,
            outcome=ShipmentState.RETURNED,
            reason="拒收",
        )
    assert states(at_the_door) == ("cancelled", "expired")
    assert (refunds_of(at_the_door), kinds()) == ([], [])


def test_a_cash_refund_is_paid_by_hand(
    at_the_door: PlacedOrder, alice: Person, place: Place
) -> None:
    with transaction():
        accept_cash_order(actor_of(alice), at_the_door.order_id)
    deliver(at_the_door, alice)
    with transaction():
        refund_id = grant_refund(
            actor_of(alice), at_the_door.order_id, box_refund(at_the_door, 1)
        )
    with transaction():
        settle_manual_refund(actor_of(alice), refund_id, "微信转账")

    assert coop_balances(place.cooperative_id)["bank"] == -2_990
    assert_books_are_right()


def test_every_step_has_its_history(
    counter: Counter, paid: PlacedOrder, alice: Person
) -> None:
    deliver(paid, alice)
    rows = db.session.execute(
        select(StateChange.record_kind, StateChange.to_state).order_by(StateChange.id)
    ).all()

    assert ("payment", "pending") in rows
    assert ("payment", "paid") in rows
    assert ("shipment", "delivered") in rows
