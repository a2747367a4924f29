"""Orders and their payments, held against others for the rest of a transaction.

Whoever changes an order, its payment, parcel or refunds holds the order's row first,
so that two changes of one order come one after the other on both engines.
"""

from typing import Any

from sqlalchemy import select

from core.clock import today
from core.database import db
from core.errors import NotFound
from domain.orders.states import ORDER, OrderState
from models.history import move
from models.orders import Order, OrderLine
from models.payments import Payment, Refund


def lock_order(order_id: int) -> Order:
    """The order, held until the transaction ends. Raises NotFound."""
    order = db.session.scalar(
        select(Order)
        .where(Order.id == order_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if order is None:
        raise NotFound()
    return order


def lock_payment(payment_id: int) -> tuple[Order, Payment]:
    """The payment and its order, both held. Raises NotFound."""
    order_id = db.session.scalar(
        select(Payment.order_id).where(Payment.id == payment_id)
    )
    order = lock_order(order_id or 0)
    return order, payment_of(order)


def lock_refund(refund_id: int) -> tuple[Order, Refund]:
    """The refund and its order, both held. Raises NotFound."""
    order_id = db.session.scalar(select(Refund.order_id).where(Refund.id == refund_id))
    order = lock_order(order_id or 0)
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


def move_order(
    order: Order,
    to_state: OrderState,
    *,
    by: int | None,
    reason: str = "",
    **values: Any,
) -> None:
    """Move an order to the next state. Raises OrderMoved when it may not go there.

    by: the account that does it, None for the system.
    """
    ORDER.check(order.state, to_state)
    if ORDER.is_final(to_state):
        values["closed_on"] = today()
    move(order, to_state, account_id=by, reason=reason, **values)
