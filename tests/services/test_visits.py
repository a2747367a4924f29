"""Visits that have run out leave nothing behind but their orders."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select

from core import clock
from core.access import Actor
from core.database import db, transaction
from models.accounts import Visitor
from models.orders import Cart, CartItem, Checkout, Order, OrderAccess
from services.orders.buyers import VISIT_LENGTH, forget_ended_visits, start_visit
from services.orders.cart import add_item
from services.orders.placing import place_orders
from tests.support.factories import ADDRESS, Goods
from tests.support.shopper import serials

TABLES = (Visitor, Cart, CartItem, OrderAccess)


def rows() -> list[int]:
    db.session.rollback()
    found = [
        db.session.scalar(select(func.count()).select_from(table)) for table in TABLES
    ]
    return [int(count or 0) for count in found]


def visit(goods: Goods, *, ordering: bool = False) -> None:
    """A guest who puts something into the cart, and maybe orders it."""
    with transaction():
        visitor_id, _token = start_visit()
        buyer = Actor(visitor_id=visitor_id)
        add_item(buyer, variant_id=goods.variant_id, quantity=1)
        if ordering:
            request_id = f"request-visit-{next(serials):06d}"
            place_orders(buyer, replace(ADDRESS, request_id=request_id))
            add_item(buyer, variant_id=goods.variant_id, quantity=2)


def forget(most: int = 500) -> bool:
    with transaction():
        return forget_ended_visits(most)


def test_a_visit_goes_with_its_cart_once_it_has_run_out(goods: Goods) -> None:
    visit(goods)
    visit(goods, ordering=True)
    assert rows() == [2, 2, 2, 1]
    forget()
    assert rows() == [2, 2, 2, 1]

    later = clock.now() + VISIT_LENGTH + timedelta(minutes=1)
    with clock.at(later):
        forget()
        assert rows() == [0, 0, 0, 0]
        orders = db.session.scalars(select(Order.number)).all()
        assert len(orders) == 1
        assert db.session.scalars(select(Checkout.visitor_id)).all() == [None]
        visit(goods)
        forget()
    assert rows() == [1, 1, 1, 0]


def test_they_go_in_batches(goods: Goods) -> None:
    for _index in range(3):
        visit(goods)
    with clock.at(clock.now() + VISIT_LENGTH + timedelta(minutes=1)):
        assert forget(2) is True
        assert rows()[0] == 1
        assert forget(2) is False
    assert rows() == [0, 0, 0, 0]
