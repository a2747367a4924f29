"""The rows of planned checkouts: one statement a table, however many there are."""

from collections.abc import Mapping, Sequence
from itertools import chain

from core.clock import now
from core.statements import insert_all, insert_by_key
from domain.orders.states import PaymentMethod
from models.history import record_made
from models.orders import Checkout, Order, OrderAccess
from models.payments import Payment
from services import outbox
from services.orders.buyers import keep_visits
from services.orders.cart import take_out
from services.orders.drafts import PlacedOrder
from services.orders.links import new_link_token, send_link
from services.orders.plans import (
    Plan,
    Wanted,
    new_lines,
    new_payment,
    new_reservation,
    random_number,
)
from services.orders.stock import Moved, Taking, take_stock
from services.orders.watching import watch, watch_acceptance


def write_plans(plans: Sequence[Plan]) -> Mapping[int, list[PlacedOrder]]:
    """Write checkouts with all that belongs to them; per `id` of a plan its orders.

    The stock comes last: others wait for its rows, and from there only the commit is
    left to wait for. Raises Moved if anything is not as it was read.
    """
    if not plans:
        return {}
    _open_checkouts(plans)
    tokens = _insert_numbered(
        [order for plan in plans for order, _lines in plan.orders]
    )
    payments = _write_orders(plans, tokens)
    wanted = [each for plan in plans for _order, lines in plan.orders for each in lines]
    take_out([each.row for each in wanted])
    keep_visits({visitor for plan in plans if (visitor := _visitor(plan)) is not None})
    take_stock(_takings(wanted))
    return {id(plan): _placed(plan, payments, tokens) for plan in plans}


def _open_checkouts(plans: Sequence[Plan]) -> None:
    """On PostgreSQL the insert waits for a twin in flight, and then yields to it."""
    checkouts = [
        Checkout(
            request_id=plan.submission.draft.request_id,
            visitor_id=_visitor(plan),
            account_id=plan.submission.buyer.account_id,
            created_at=now(),
        )
        for plan in sorted(plans, key=lambda plan: plan.submission.draft.request_id)
    ]
    if insert_by_key(checkouts, "request_id"):
        raise Moved()
    ids = {checkout.request_id: checkout.id for checkout in checkouts}
    for plan in plans:
        for order, _lines in plan.orders:
            order.checkout_id = ids[plan.submission.draft.request_id]


def _insert_numbered(orders: Sequence[Order]) -> Mapping[int, str]:
    """Insert orders under random numbers; per id the token that opens it."""
    waiting, tokens = orders, {}
    while waiting:
        for order in waiting:
            order.number = random_number()
            tokens[order.number] = new_link_token(order)
        waiting = insert_by_key(waiting, "number")
    return {order.id: tokens[order.number] for order in orders}


def _write_orders(
    plans: Sequence[Plan], tokens: Mapping[int, str]
) -> Mapping[int, Payment]:
    """All that is about one order each; per order's id its payment."""
    orders = list(chain.from_iterable(plan.orders for plan in plans))
    record_made([order for order, _lines in orders])
    insert_all([row for order, lines in orders for row in new_lines(order, lines)])
    insert_all(
        [new_reservation(order, each) for order, lines in orders for each in lines]
    )
    insert_all(
        [
            OrderAccess(visitor_id=_visitor(plan), order_id=order.id)
            for plan in plans
            for order, _lines in plan.orders
            if _visitor(plan) is not None
        ]
    )
    payments = {order.id: new_payment(order) for order, _lines in orders}
    insert_by_key(list(payments.values()), "idempotency_key")
    with outbox.one_statement():
        for order, _lines in orders:
            watch(payments[order.id])
            watch_acceptance(order)
            token = None if order.account_id else tokens[order.id]
            send_link(order, token, key=f"placed:{order.id}")
    return payments


def _takings(wanted: Sequence[Wanted]) -> list[Taking]:
    """What is taken of each box for all of them."""
    sums: dict[int, Taking] = {}
    for each in wanted:
        before = sums.get(each.row.variant_id)
        sums[each.row.variant_id] = Taking(
            each.row.variant_id,
            each.line.quantity + (before.quantity if before else 0),
            each.line.price_fen,
            each.line.weight_g,
        )
    return list(sums.values())


def _placed(
    plan: Plan, payments: Mapping[int, Payment], tokens: Mapping[int, str]
) -> list[PlacedOrder]:
    return [
        PlacedOrder(
            order.id,
            payments[order.id].id,
            order.number,
            PaymentMethod(order.payment_method),
            tokens[order.id],
        )
        for order, _lines in plan.orders
    ]


def _visitor(plan: Plan) -> int | None:
    return plan.submission.buyer.visitor_id
