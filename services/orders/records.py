"""Orders and their payments, held against others for the rest of a transaction.

Whoever changes an order, its payment, parcel or refunds holds the order's row first,
so that two changes of one order come one after the other on both engines. Holding it
FOR NO KEY UPDATE is enough: another change wants the same lock, and only rows that
merely refer to the order, such as its jobs, are written beside us.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select

from core.access import Actor
from core.clock import today
from core.database import db
from core.statements import table_of
from domain.orders.refunds import HELD, Amounts, left_of_lines
from domain.orders.states import ORDER, OrderState, RefundState
from domain.roles import Role
from models.history import move
from models.income_sums import Unsummed
from models.orders import Order, OrderLine
from models.payments import Payment, Refund
from queries.orders.refunds import bought_of, refunded_lines
from queries.scopes import lock


def lock_order(actor: Actor, order_id: int, *roles: Role) -> Order:
    """An order that is the actor's own, or in scope of `roles`. Raises NotFound."""
    return lock(Order, order_id, actor, *roles)


def lock_payment(actor: Actor, payment_id: int, *roles: Role) -> tuple[Order, Payment]:
    """The payment and its order, which is held for both. Raises NotFound."""
    order_id = db.session.scalar(
        select(Payment.order_id).where(Payment.id == payment_id)
    )
    order = lock_order(actor, order_id or 0, *roles)
    return order, payment_of(order)


def lock_refund(actor: Actor, refund_id: int, *roles: Role) -> tuple[Order, Refund]:
    """The refund and its order, which is held for both. Raises NotFound."""
    order_id = db.session.scalar(select(Refund.order_id).where(Refund.id == refund_id))
    order = lock_order(actor, order_id or 0, *roles)
    query = select(Refund).where(Refund.id == refund_id)
    fresh = query.execution_options(populate_existing=True)
    return order, db.session.scalars(fresh).one()


def payment_of(order: Order) -> Payment:
    """The order's payment as it is now; the order is held."""
    query = select(Payment).where(Payment.order_id == order.id)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def lines_of(order: Order) -> list[OrderLine]:
    """The order's lines in their order."""
    query = select(OrderLine).where(OrderLine.order_id == order.id)
    return list(db.session.scalars(query.order_by(OrderLine.position)))


def what_is_left(
    lines: Sequence[OrderLine], counted: frozenset[RefundState] = HELD
) -> dict[int, Amounts]:
    """Per line of one order, in their order, what no counted refund names yet."""
    bought = {line.id: bought_of(line) for line in lines}
    return left_of_lines(bought, refunded_lines(lines[0].order_id), counted)


def move_order(
    actor: Actor,
    order: Order,
    to_state: OrderState,
    *,
    reason: str = "",
    **values: Any,
) -> None:
    """Move an order to the next state. Raises OrderMoved when it may not go there."""
    ORDER.check(order.state, to_state)
    if ORDER.is_final(to_state):
        values["closed_on"] = today()
        db.session.execute(insert(table_of(Unsummed)), {"order_id": order.id})
    move(order, to_state, account_id=actor.account_id, reason=reason, **values)
