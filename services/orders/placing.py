"""Checkout: one order and one payment per cooperative, all or none."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ScalarSelect, Table, bindparam, func, select
from sqlalchemy.sql.dml import ReturningInsert

from core.access import Actor
from core.clock import now, today
from core.database import AnySelect, db, insert_into
from core.errors import N_, Conflict, Invalid
from core.statements import kept, table_of
from domain.catalogue import ListingState
from domain.orders.states import PaymentMethod
from domain.pricing import CartLine
from models.catalogue import HarvestBatch, Product, Variant
from models.live import LiveSession
from models.orders import CartItem, Checkout, Order
from models.payments import Payment
from services.orders import cart as carts
from services.orders.buyers import keep_visit
from services.orders.drafts import CheckoutDraft, PlacedOrder, PriceChanged
from services.orders.stock import NotOnSale, take_stock
from services.orders.writing import Wanted, write_order


class EmptyCart(Invalid):
    """There is nothing to order."""

    code = "empty_cart"
    message = N_("购物车是空的，先去挑几样农货吧。")


class CheckoutTaken(Conflict):
    """The request id belongs to another buyer's checkout."""

    code = "checkout_taken"
    message = N_("这一页已经提交过了，请回到购物车重新下单。")


def place_orders(buyer: Actor, draft: CheckoutDraft) -> list[PlacedOrder]:
    """Turn the buyer's cart into one order per cooperative.

    Idempotent: the same request id answers the orders it made the first time, without
    their tokens. Prices, freight, rules and stock are those of this moment.
    Raises EmptyCart, NotOnSale, OutOfStock, NoDelivery, OrderTooLarge, PriceChanged,
    CooperativeNotReady or CheckoutTaken; then nothing is ordered.
    """
    checkout_id = _open_checkout(buyer, draft.request_id)
    if checkout_id is None:
        return _placed_before(buyer, draft.request_id)
    cart_id = carts.hold_cart(buyer)
    wanted = _wanted(cart_id)
    if not wanted:
        raise EmptyCart()
    groups = _by_cooperative(_at_price_of_now(wanted))
    orders = [write_order(buyer, draft, checkout_id, group) for group in groups]
    total_fen = sum(each.total_fen for each in orders)
    if draft.shown_total_fen not in (None, total_fen):
        raise PriceChanged()
    carts.empty(cart_id)
    if buyer.visitor_id is not None:
        keep_visit(buyer.visitor_id)
    return [each.placed for each in orders]


def _open_checkout(buyer: Actor, request_id: str) -> int | None:
    """The id of a new checkout, or None when the request id was used before.

    On PostgreSQL the insert waits for a twin in flight and then finds its row.
    """
    values = {
        "request_id": request_id,
        "visitor_id": buyer.visitor_id,
        "account_id": buyer.account_id,
        "created_at": now(),
    }
    checkout_id: int | None = db.session.scalar(_opening(), values)
    return checkout_id


@kept
def _opening() -> ReturningInsert[Any]:
    once = insert_into(Checkout).on_conflict_do_nothing(index_elements=["request_id"])
    return once.returning(table_of(Checkout).c.id)


def _placed_before(buyer: Actor, request_id: str) -> list[PlacedOrder]:
    checkout = db.session.scalars(
        select(Checkout).where(Checkout.request_id == request_id)
    ).one()
    same_account = buyer.account_id and buyer.account_id == checkout.account_id
    same_visitor = buyer.visitor_id and buyer.visitor_id == checkout.visitor_id
    if not (same_account or same_visitor):
        raise CheckoutTaken()
    orders = db.session.scalars(
        select(Order).where(Order.checkout_id == checkout.id).order_by(Order.id)
    )
    return [_answer(order) for order in orders]


def _answer(order: Order) -> PlacedOrder:
    payment_id = db.session.scalars(
        select(Payment.id).where(Payment.order_id == order.id)
    ).one()
    return PlacedOrder(
        order_id=order.id,
        payment_id=payment_id,
        number=order.number,
        method=PaymentMethod(order.payment_method),
        token=None,
    )


def _wanted(cart_id: int) -> list[Wanted]:
    rows = db.session.execute(_cart_lines(), {"cart": cart_id, "day": today()}).all()
    for row in rows:
        if row.state != ListingState.APPROVED:
            raise NotOnSale(product=f"{row.product_name} {row.variant_name}")
    return [
        Wanted(row, CartLine(row.price_fen, row.weight_g, row.quantity)) for row in rows
    ]


@kept
def _cart_lines() -> AnySelect:
    """A cart's lines with all that an order keeps of each, in the order of the cart."""
    item, variant, product, room = map(
        table_of, (CartItem, Variant, Product, LiveSession)
    )
    return (
        select(
            item.c.variant_id,
            item.c.quantity,
            item.c.session_id,
            item.c.pin_event_id,
            variant.c.name.label("variant_name"),
            variant.c.price_fen,
            variant.c.weight_g,
            variant.c.product_id,
            product.c.name.label("product_name"),
            product.c.state,
            product.c.cooperative_id,
            product.c.village_id,
            _newest_batch(product).label("batch_id"),
            func.coalesce(room.c.alliance_id, product.c.alliance_id).label(
                "alliance_id"
            ),
            room.c.host_id,
        )
        .join_from(item, variant, variant.c.id == item.c.variant_id)
        .join(product, product.c.id == variant.c.product_id)
        .outerjoin(room, room.c.id == item.c.session_id)
        .where(item.c.cart_id == bindparam("cart"))
        .order_by(item.c.id)
    )


def _newest_batch(product: Table) -> ScalarSelect[int]:
    """The batch harvested last, up to `day`."""
    batch = table_of(HarvestBatch).c
    return (
        select(batch.id)
        .where(
            batch.product_id == product.c.id,
            batch.harvested_on <= bindparam("day"),
        )
        .order_by(batch.harvested_on.desc(), batch.id.desc())
        .limit(1)
        .correlate(product)
        .scalar_subquery()
    )


def _at_price_of_now(wanted: Sequence[Wanted]) -> list[Wanted]:
    """Take the stock; price and weight are those of the rows just locked."""
    taken = take_stock({each.row.variant_id: each.row.quantity for each in wanted})
    return [
        replace(
            each,
            line=CartLine(
                taken[each.row.variant_id].price_fen,
                taken[each.row.variant_id].weight_g,
                each.row.quantity,
            ),
        )
        for each in wanted
    ]


def _by_cooperative(wanted: Sequence[Wanted]) -> list[list[Wanted]]:
    groups: dict[int, list[Wanted]] = defaultdict(list)
    for each in wanted:
        groups[each.row.cooperative_id].append(each)
    return list(groups.values())
