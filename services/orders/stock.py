"""Stock: taken by one conditional update per SKU, given back exactly once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, bindparam, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from core.database import db
from core.errors import N_, Conflict
from core.statements import kept, table_of
from domain.orders.states import ReservationState
from models.catalogue import Product, Variant
from models.orders import StockReservation
from services.live.announcing import stock_changed


class OutOfStock(Conflict):
    """Fewer are left than are wanted."""

    code = "out_of_stock"
    message = N_("%(product)s现在只剩 %(left)s 份，请减少数量再下单。")


class SoldOut(OutOfStock):
    """None is left."""

    code = "sold_out"
    message = N_("%(product)s卖完了，请从购物车里移走，或换一种规格。")


class NotOnSale(Conflict):
    """The variant or its listing was taken off sale."""

    code = "not_on_sale"
    message = N_("%(product)s已经下架，请从购物车里移走。")


@dataclass(frozen=True)
class Taken:
    """A SKU's price in fen and weight in grams at the moment its stock was taken."""

    price_fen: int
    weight_g: int


def take_stock(quantities: Mapping[int, int]) -> dict[int, Taken]:
    """Take boxes per variant id, or raise OutOfStock or NotOnSale for the first short.

    SKUs go in the order of their ids, so that two orders never wait for each other.
    """
    stock_changed(quantities)
    return {
        variant_id: _take_one(variant_id, quantities[variant_id])
        for variant_id in sorted(quantities)
    }


def _take_one(variant_id: int, quantity: int) -> Taken:
    values = {"variant": variant_id, "taken": quantity}
    row = db.session.execute(_taking(), values).one_or_none()
    if row is None:
        raise shortage(variant_id)
    return Taken(row.price_fen, row.weight_g)


@kept
def _taking() -> ReturningUpdate[Any]:
    variants = table_of(Variant)
    box, taken = variants.c, bindparam("taken", type_=Integer)
    return (
        update(variants)
        .where(box.id == bindparam("variant"), box.stock >= taken, box.on_sale)
        .values(stock=box.stock - taken)
        .returning(box.price_fen, box.weight_g)
    )


def shortage(variant_id: int) -> Conflict:
    """The error that says how many boxes of a variant are left."""
    row = db.session.execute(
        select(Product.name, Variant.name, Variant.stock, Variant.on_sale)
        .join(Product, Product.id == Variant.product_id)
        .where(Variant.id == variant_id)
    ).one()
    product, variant, left, on_sale = row
    label = f"{product} {variant}"
    if not on_sale:
        return NotOnSale(product=label)
    return OutOfStock(product=label, left=left) if left else SoldOut(product=label)


def give_back(quantities: Mapping[int, int]) -> None:
    """Put boxes per variant id back on the shelf."""
    stock_changed(quantities)
    for variant_id in sorted(quantities):
        db.session.execute(
            update(Variant)
            .where(Variant.id == variant_id)
            .values(stock=Variant.stock + quantities[variant_id])
            .execution_options(synchronize_session=False)
        )


def consume(order_id: int) -> None:
    """The order is paid or accepted: what was held for it is sold."""
    db.session.execute(
        update(StockReservation)
        .where(
            StockReservation.order_id == order_id,
            StockReservation.state == ReservationState.HELD,
        )
        .values(state=ReservationState.CONSUMED, expires_at=None)
        .execution_options(synchronize_session=False)
    )


def release(order_id: int) -> None:
    """Give back whatever the order still holds; a second call finds nothing."""
    rows = db.session.execute(
        update(StockReservation)
        .where(
            StockReservation.order_id == order_id,
            StockReservation.state != ReservationState.RELEASED,
        )
        .values(state=ReservationState.RELEASED, expires_at=None)
        .returning(StockReservation.variant_id, StockReservation.quantity)
        .execution_options(synchronize_session=False)
    ).all()
    give_back({row.variant_id: row.quantity for row in rows})


def release_part(order_id: int, quantities: Mapping[int, int]) -> None:
    """Give back some boxes of an order that were never sent."""
    for variant_id, quantity in sorted(quantities.items()):
        if not quantity:
            continue
        taken_off = db.session.execute(
            update(StockReservation)
            .where(
                StockReservation.order_id == order_id,
                StockReservation.variant_id == variant_id,
                StockReservation.state != ReservationState.RELEASED,
                StockReservation.quantity >= quantity,
            )
            .values(quantity=StockReservation.quantity - quantity)
            .execution_options(synchronize_session=False)
        )
        if taken_off.rowcount:  # type: ignore[attr-defined]
            give_back({variant_id: quantity})
