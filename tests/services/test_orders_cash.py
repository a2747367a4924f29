"""Cash on delivery: nobody's word is taken for money, and no stock waits for ever."""

from datetime import timedelta

import pytest

from core.database import transaction
from domain.orders.states import PaymentMethod
from queries.orders.details import order_view
from services.orders.drafts import PlacedOrder
from services.orders.fulfilling import (
    CarrierTells,
    accept_cash_order,
    confirm_receipt,
    pack,
    ship,
)
from tests.support.counter import (
    Counter,
    assert_books_are_right,
    messages_to,
    states,
    stock_of,
)
from tests.support.factories import ADDRESS, Goods, Person, actor_of


@pytest.fixture
def order(counter: Counter, charlie: Person, goods: Goods) -> PlacedOrder:
    """Two boxes, to be paid at the door."""
    return counter.place(charlie, goods, 2, method=PaymentMethod.CASH_ON_DELIVERY)


def test_a_buyers_word_is_no_cash(
    order: PlacedOrder, alice: Person, charlie: Person
) -> None:
    """Else the families would be owed, and a refund paid of, money that never came."""
    with transaction():
        accept_cash_order(actor_of(alice), order.order_id)
        pack(actor_of(alice), order.order_id)
        ship(actor_of(alice), order.order_id, carrier="顺丰", tracking_number="SF1")
    assert not order_view(order.order_id).can_confirm_receipt
    with pytest.raises(CarrierTells), transaction():
        confirm_receipt(actor_of(charlie), order.order_id)

    assert states(order) == ("shipped", "created")


def test_an_order_that_nobody_takes_on_gives_its_stock_back(
    counter: Counter, order: PlacedOrder, goods: Goods
) -> None:
    with counter.later(timedelta(hours=35)):
        counter.work()
        assert states(order) == ("placed", "created")
    with counter.later(timedelta(hours=36, minutes=2)):
        counter.work()
        assert states(order) == ("cancelled", "expired")
        assert stock_of(goods) == 100
        assert "没有及时接单" in messages_to(ADDRESS.phone)[-1]


def test_an_order_that_was_taken_on_stays(
    counter: Counter, order: PlacedOrder, goods: Goods, alice: Person
) -> None:
    with transaction():
        accept_cash_order(actor_of(alice), order.order_id)
    with counter.later(timedelta(days=4)):
        counter.work()

        assert states(order) == ("accepted", "created")
        assert stock_of(goods) == 98
        assert_books_are_right()
