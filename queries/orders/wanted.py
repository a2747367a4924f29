"""What checkouts of several buyers are about to order, read in one go."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Table,
    bindparam,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.engine.interfaces import Dialect

from core.access import Actor
from core.clock import today
from core.database import AnyRow, AnySelect, db
from core.statements import kept, table_of
from models.accounts import Visitor
from models.catalogue import HarvestBatch, Product, Variant
from models.live import LiveSession
from models.orders import Cart, CartItem, Checkout, Order
from models.payments import Payment

Owner = tuple[str, int | None]


def cart_owner(buyer: Actor) -> Owner:
    """Whose cart a buyer fills: a logged-in buyer's is the account's."""
    if buyer.account_id is not None:
        return "account_id", buyer.account_id
    return "visitor_id", buyer.visitor_id


def lines_wanted(buyers: Iterable[Actor]) -> Mapping[Owner, Sequence[AnyRow]]:
    """The lines of each cart that holds something, in the order they were put in.

    A line brings all that an order keeps of it, and the stock of its box.
    """
    values = {**_owners(buyers), "day": today()}
    lines: dict[Owner, list[AnyRow]] = defaultdict(list)
    for row in db.session.execute(_lines(), values):
        lines[cart_owner(Actor(row.owner_account, row.owner_visitor))].append(row)
    return lines


def sold_out_boxes(buyer: Actor, request_id: str) -> Sequence[str]:
    """What the buyer wants, by name, when none of it is left: an order is in vain.

    Nothing while any of it can be had, or when `request_id` has orders already, which
    are to be answered again. One query, for those who come too late to a flash sale.
    """
    column, owner = cart_owner(buyer)
    values = {"owner": owner, "request_id": request_id}
    rows = db.session.execute(_left(column), values).all()
    if any(row.stock or row.is_known for row in rows):
        return ()
    return [f"{row.product_name} {row.variant_name}" for row in rows]


def boxes_wanted(buyers: Iterable[Actor]) -> AnySelect:
    """The ids of the boxes in these carts, as a query."""
    return _boxes().params(_owners(buyers))


def checkouts_known(request_ids: Collection[str]) -> Mapping[str, Sequence[AnyRow]]:
    """Per request id that was used before, whose it was and the orders it made."""
    found: dict[str, list[AnyRow]] = defaultdict(list)
    for row in db.session.execute(_known(), {"request_ids": list(request_ids)}):
        found[row.request_id].append(row)
    return found


def _owners(buyers: Iterable[Actor]) -> dict[str, list[int | None]]:
    owners = [cart_owner(buyer) for buyer in buyers]
    return {
        f"{column}s": [owner for name, owner in owners if name == column]
        for column in ("account_id", "visitor_id")
    }


def _in_these_carts() -> ColumnElement[bool]:
    cart = table_of(Cart).c
    return or_(
        cart.account_id.in_(bindparam("account_ids", expanding=True)),
        cart.visitor_id.in_(bindparam("visitor_ids", expanding=True)),
    )


@kept
def _left(owner: str) -> AnySelect:
    return _left_of_carts().where(table_of(Cart).c[owner] == bindparam("owner"))


def _left_of_carts() -> AnySelect:
    """Of each line product, box, what is left, and whether the checkout is known."""
    cart, item, variant, product = map(table_of, (Cart, CartItem, Variant, Product))
    checkout = table_of(Checkout).c
    known = select(checkout.id).where(checkout.request_id == bindparam("request_id"))
    return (
        select(
            product.c.name.label("product_name"),
            variant.c.name.label("variant_name"),
            variant.c.stock,
            exists(known).label("is_known"),
        )
        .join_from(cart, item, item.c.cart_id == cart.c.id)
        .join(variant, variant.c.id == item.c.variant_id)
        .join(product, product.c.id == variant.c.product_id)
        .order_by(item.c.id)
    )


@dataclass(frozen=True)
class Question:
    """A statement as the driver takes it. order: of its values, if it takes a list."""

    text: str
    order: Sequence[str] | None

    def values(self, **named: object) -> Mapping[str, object] | Sequence[object]:
        """The values in the driver's way."""
        return named if self.order is None else [named[name] for name in self.order]


def left_of_cart(dialect: Dialect) -> Question:
    """What `sold_out_boxes` asks, of the browser whose cookie has `token_digest`.

    For who asks it without a session; `request_id` is the other value.
    """
    visitor, cart = table_of(Visitor).c, table_of(Cart).c
    browser = select(visitor.id).where(
        visitor.token_digest == bindparam("token_digest")
    )
    query = _left_of_carts().where(cart.visitor_id == browser.scalar_subquery())
    compiled: Any = query.compile(dialect=dialect)
    return Question(compiled.string, compiled.positiontup)


@kept
def _boxes() -> AnySelect:
    item, cart = table_of(CartItem), table_of(Cart)
    joined = select(item.c.variant_id).join(cart, cart.c.id == item.c.cart_id)
    return joined.where(_in_these_carts())


@kept
def _lines() -> AnySelect:
    cart, item, variant, product, room = map(
        table_of, (Cart, CartItem, Variant, Product, LiveSession)
    )
    return (
        select(
            cart.c.account_id.label("owner_account"),
            cart.c.visitor_id.label("owner_visitor"),
            item.c.id.label("item_id"),
            item.c.variant_id,
            item.c.quantity,
            item.c.session_id,
            item.c.pin_event_id,
            variant.c.name.label("variant_name"),
            variant.c.price_fen,
            variant.c.weight_g,
            variant.c.stock,
            variant.c.on_sale,
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
        .join_from(cart, item, item.c.cart_id == cart.c.id)
        .join(variant, variant.c.id == item.c.variant_id)
        .join(product, product.c.id == variant.c.product_id)
        .outerjoin(room, room.c.id == item.c.session_id)
        .where(_in_these_carts())
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


@kept
def _known() -> AnySelect:
    checkout, order, payment = map(table_of, (Checkout, Order, Payment))
    request_id: Any = checkout.c.request_id
    return (
        select(
            request_id,
            checkout.c.account_id,
            checkout.c.visitor_id,
            order.c.id.label("order_id"),
            order.c.number,
            order.c.payment_method,
            payment.c.id.label("payment_id"),
        )
        .join_from(checkout, order, order.c.checkout_id == checkout.c.id)
        .join(payment, payment.c.order_id == order.c.id)
        .where(request_id.in_(bindparam("request_ids", expanding=True)))
        .order_by(order.c.id)
    )
