"""Stock: taken by one conditional update per SKU, given back exactly once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Integer, Update, bindparam, select, update

from core.database import AnyRow, AnySelect, db
from core.errors import N_, Conflict
from core.statements import kept, rows_changed, table_of
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


class Moved(Exception):
    """Somebody else wrote what this transaction had read: read again."""


@dataclass(frozen=True)
class Taking:
    """Boxes of one SKU to take, at the price in fen and weight in grams shown."""

    variant_id: int
    quantity: int
    price_fen: int
    weight_g: int


def take_stock(wanted: Sequence[Taking]) -> None:
    """Take boxes of each SKU, or raise Moved if one is short or no longer as shown.

    wanted: one for each SKU; they go in the order of their ids, so that two
    transactions never wait for each other.
    """
    stock_changed([each.variant_id for each in wanted])
    values = [
        {
            "variant": each.variant_id,
            "taken": each.quantity,
            "price": each.price_fen,
            "weight": each.weight_g,
        }
        for each in sorted(wanted, key=lambda each: each.variant_id)
    ]
    if rows_changed(_taking(), values) < len(wanted):
        raise Moved()


@kept
def _taking() -> Update:
    variants = table_of(Variant)
    box, taken = variants.c, bindparam("taken", type_=Integer)
    return (
        update(variants)
        .where(
            box.id == bindparam("variant"),
            box.stock >= taken,
            box.on_sale,
            box.price_fen == bindparam("price"),
            box.weight_g == bindparam("weight"),
        )
        .values(stock=box.stock - taken)
    )


def hold_boxes(boxes: AnySelect) -> None:
    """Keep others from taking these boxes until the end. boxes: a query of ids."""
    held = select(Variant.id).where(Variant.id.in_(boxes)).order_by(Variant.id)
    db.session.execute(held.with_for_update(key_share=True))


def shortage(variant_id: int) -> Conflict:
    """The error that says how many boxes of a variant are left."""
    row = db.session.execute(
        select(
            Product.name.label("product_name"),
            Variant.name.label("variant_name"),
            Variant.stock,
            Variant.on_sale,
        )
        .join(Product, Product.id == Variant.product_id)
        .where(Variant.id == variant_id)
    ).one()
    return shortage_of(row, row.stock)


def shortage_of(box: AnyRow, left: int) -> Conflict:
    """The error for a box of which `left` can be had."""
    label = f"{box.product_name} {box.variant_name}"
    if not box.on_sale:
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
