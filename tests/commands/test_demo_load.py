"""The demo as every browser test finds it: its books are right, its past is over."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from commands.demo.people import ROLES
from core.database import db
from domain.orders.states import OrderState, RefundState
from models.accounts import Account, RoleGrant
from models.orders import Order
from models.payments import Refund
from queries.ledger import verify
from tests.support.databases import build_app, let_go


@pytest.fixture(scope="module")
def demo(
    demo_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("demo") / "instance"
    shutil.copytree(demo_template, folder)
    app = build_app(f"sqlite:///{folder / 'tianbo.db'}", folder)
    with app.app_context():
        yield app
    let_go(app)


def test_its_books_are_right(demo: Flask) -> None:
    assert not verify().problems


def test_it_shows_an_order_in_every_state(demo: Flask) -> None:
    assert set(db.session.scalars(select(Order.state))) == set(OrderState)


def test_what_was_granted_is_paid_back(demo: Flask) -> None:
    waiting = select(func.count()).where(Refund.state == RefundState.APPROVED)
    assert db.session.scalar(waiting) == 0


@pytest.mark.parametrize("number", ROLES)
def test_each_role_has_its_person(demo: Flask, number: int) -> None:
    held = select(RoleGrant.role).join(Account, Account.id == RoleGrant.account_id)
    phone = f"138000000{number:02d}"
    assert ROLES[number] in db.session.scalars(held.where(Account.phone == phone)).all()
