"""Checkout: one order and one payment per cooperative, all or none."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from core.clock import now
from core.database import db, insert_into
from core.errors import N_, Conflict, Invalid
from domain.catalogue import ListingState
from domain.orders import PaymentMethod
from domain.orders.buyers import Buyer
from domain.pricing import CartLine
from models import CartItem, Checkout, Order, Payment, Product, Variant
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


def place_orders(buyer: Buyer, draft: CheckoutDraft) -> list[PlacedOrder]:
    """Turn the buyer's cart into one order per cooperative.

    Idempotent: the same request id answers the orders it made the first time, without
    their tokens. Prices, freight, rules and stock are those of this moment.
    Raises EmptyCart, NotOnSale, OutOfStock, NoDelivery, OrderTooLarge, PriceChanged,
    CooperativeNotReady or CheckoutTaken; then nothing is ordered.
    """
    checkout_id = _open_checkout(buyer, draft.request_id)
    if checkout_id is None:
        return _placed_before(buyer, draft.request_id)
    cart = carts.lock_cart(buyer)
    wanted = _wanted(cart.id)
    if not wanted:
        raise EmptyCart()
    groups = _by_cooperative(_at_price_of_now(wanted))
    orders = [write_order(buyer, draft, checkout_id, group) for group in groups]
    total_fen = sum(order.total_fen for order, _token in orders)
    if draft.shown_total_fen not in (None, total_fen):
        raise PriceChanged()
    carts.empty(cart, [each.item for each in wanted])
    if buyer.visitor_id is not None:
        keep_visit(buyer.visitor_id)
    return [_answer(order, token) for order, token in orders]


def _open_checkout(buyer: Buyer, request_id: str) -> int | None:
    """The id of a new checkout, or None when the request id was used before.

    On PostgreSQL the insert waits for a twin in flight and then finds its row.
    """
    return db.session.scalar(
        insert_into(Checkout)
        .values(
            request_id=request_id,
            visitor_id=buyer.visitor_id,
            account_id=buyer.account_id,
            created_at=now(),
        )
        .on_conflict_do_nothing(index_elements=["request_id"])
        .returning(Checkout.id)
    )


def _placed_before(buyer: Buyer, request_id: str) -> list[PlacedOrder]:
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
    return [_answer(order, None) for order in orders]


def _answer(order: Order, token: str | None) -> PlacedOrder:
    payment_id = db.session.scalars(
        select(Payment.id).where(Payment.order_id == order.id)
    ).one()
    return PlacedOrder(
        order_id=order.id,
        payment_id=payment_id,
        number=order.number,
        method=PaymentMethod(order.payment_method),
        token=token,
    )


def _wanted(cart_id: int) -> list[Wanted]:
    rows = db.session.execute(
        select(CartItem, Variant, Product)
        .join(Variant, Variant.id == CartItem.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .where(CartItem.cart_id == cart_id)
        .order_by(CartItem.id)
    ).all()
    for _item, variant, product in rows:
        if product.state != ListingState.APPROVED:
            raise NotOnSale(product=f"{product.name} {variant.name}")
    return [
        Wanted(
            item,
            variant,
            product,
            CartLine(variant.price_fen, variant.weight_g, item.quantity),
        )
        for item, variant, product in rows
    ]


def _at_price_of_now(wanted: Sequence[Wanted]) -> list[Wanted]:
    """Take the stock; price and weight are those of the rows just locked."""
    taken = take_stock({each.variant.id: each.item.quantity for each in wanted})
    return [
        replace(
            each,
            line=CartLine(
                taken[each.variant.id].price_fen,
                taken[each.variant.id].weight_g,
                each.item.quantity,
            ),
        )
        for each in wanted
    ]


def _by_cooperative(wanted: Sequence[Wanted]) -> list[list[Wanted]]:
    groups: dict[int, list[Wanted]] = defaultdict(list)
    for each in wanted:
        groups[each.product.cooperative_id].append(each)
    return list(groups.values())
