"""The cart: quantities, and the live room in which each thing was tapped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Delete, bindparam, delete, func, select
from sqlalchemy.sql.dml import ReturningInsert

from core.access import Actor
from core.clock import now
from core.database import AnyRow, AnySelect, db, insert_into
from core.errors import NotFound
from core.statements import insert_now, kept, rows_changed, table_of
from domain.catalogue import ListingState
from domain.live import EventKind, SessionState
from domain.pricing import MAX_LINES, MAX_QUANTITY, TooManyLines, check_quantity
from models.catalogue import Product, Variant
from models.live import LineUpItem, LiveEvent, LiveSession
from models.orders import Cart, CartItem
from services.orders.stock import Moved, NotOnSale, shortage


@dataclass(frozen=True)
class Origin:
    """The live session and the pin event in which a line was tapped, if any."""

    session_id: int | None = None
    pin_event_id: int | None = None


def add_item(
    buyer: Actor,
    *,
    variant_id: int,
    quantity: int,
    session_slug: str | None = None,
    pin_seq: int | None = None,
) -> None:
    """Put boxes into the cart; what is there already adds up.

    session_slug, pin_seq: the live room and the pin it was tapped in; forgotten
    when the product is not in that room's line-up. Without pin_seq the room's
    latest pin of the product counts.
    Raises NotFound, NotOnSale, OutOfStock, QuantityOutOfRange or TooManyLines.
    """
    check_quantity(quantity)
    box = _get_box(variant_id)
    cart_id = hold_cart(buyer)
    held = _lines_by_variant(cart_id)
    line = held.get(variant_id)
    wanted = quantity + (line.quantity if line else 0)
    check_quantity(wanted)
    if wanted > box.stock:
        raise shortage(variant_id)
    origin = _tapped_in(box.product_id, session_slug, pin_seq)
    if line is not None:
        _change_line(line.id, wanted, origin)
    elif len(held) < MAX_LINES:
        _add_line(cart_id, variant_id, wanted, origin)
    else:
        raise TooManyLines()


def set_quantity(buyer: Actor, item_id: int, quantity: int) -> None:
    """Change a line's quantity. Raises NotFound, OutOfStock or QuantityOutOfRange."""
    check_quantity(quantity)
    item = _own_item(hold_cart(buyer), item_id)
    if quantity > _get_box(item.variant_id).stock:
        raise shortage(item.variant_id)
    item.quantity = quantity
    db.session.flush()


def remove_item(buyer: Actor, item_id: int) -> None:
    """Take a line out of the cart; taking it out again changes nothing."""
    cart_id = hold_cart(buyer)
    item = db.session.get(CartItem, item_id)
    if item is not None and item.cart_id == cart_id:
        db.session.delete(item)
        db.session.flush()


def merge_carts(visitor_id: int, account_id: int) -> None:
    """Move what a browser put into its cart to the account that logs in.

    Quantities add up, within what one line may hold; when the lines are too many,
    the browser's surplus stays in its own cart.
    """
    theirs = db.session.scalar(
        select(Cart).where(Cart.visitor_id == visitor_id).with_for_update()
    )
    if theirs is None:
        return
    cart_id = hold_cart(Actor(account_id=account_id))
    for item in items_of(theirs.id):
        _move_item(item, cart_id)
    db.session.flush()


def hold_cart(buyer: Actor) -> int:
    """The id of the buyer's cart, made if need be, held against others until the end.

    A logged-in buyer's is the account's.
    """
    owner = "account_id" if buyer.account_id is not None else "visitor_id"
    values = {owner: getattr(buyer, owner), "updated_at": now()}
    cart_id: int = db.session.scalars(_holding(owner), values).one()
    return cart_id


@kept
def _holding(owner: str) -> ReturningInsert[Any]:
    """The update in it is what locks the row on PostgreSQL."""
    insert = insert_into(Cart)
    return insert.on_conflict_do_update(
        index_elements=[owner], set_={"updated_at": insert.excluded.updated_at}
    ).returning(table_of(Cart).c.id)


def items_of(cart_id: int) -> list[CartItem]:
    """The lines of a cart, in the order they were added."""
    query = select(CartItem).where(CartItem.cart_id == cart_id).order_by(CartItem.id)
    return list(db.session.scalars(query))


def take_out(lines: Sequence[AnyRow]) -> None:
    """Take ordered lines out of their carts.

    Raises Moved if one is not in its cart any more, or in another quantity: another
    page ordered or changed it meanwhile.
    """
    read = [{"item": each.item_id, "as_read": each.quantity} for each in lines]
    if rows_changed(_taking_out(), read) < len(lines):
        raise Moved()


@kept
def _taking_out() -> Delete:
    item = table_of(CartItem)
    return delete(item).where(
        item.c.id == bindparam("item"), item.c.quantity == bindparam("as_read")
    )


def _move_item(item: CartItem, cart_id: int) -> None:
    present = _find_item(cart_id, item.variant_id)
    if present is None:
        if _count_items(cart_id) < MAX_LINES:
            item.cart_id = cart_id
            db.session.flush()
        return
    present.quantity = min(present.quantity + item.quantity, MAX_QUANTITY)
    if item.session_id:
        present.session_id, present.pin_event_id = item.session_id, item.pin_event_id
    db.session.delete(item)
    db.session.flush()


def _get_box(variant_id: int) -> AnyRow:
    """A box on sale: its product and stock. Raises NotFound or NotOnSale."""
    box = db.session.execute(_box(), {"variant": variant_id}).one_or_none()
    if box is None:
        raise NotFound()
    if box.state != ListingState.APPROVED or not box.on_sale:
        raise NotOnSale(product=f"{box.product} {box.name}")
    return box


@kept
def _box() -> AnySelect:
    variant, product = table_of(Variant), table_of(Product)
    return (
        select(
            variant.c.product_id,
            variant.c.name,
            variant.c.stock,
            variant.c.on_sale,
            product.c.state,
            product.c.name.label("product"),
        )
        .join_from(variant, product, product.c.id == variant.c.product_id)
        .where(variant.c.id == bindparam("variant"))
    )


def _lines_by_variant(cart_id: int) -> Mapping[int, AnyRow]:
    rows = db.session.execute(_lines(), {"cart": cart_id})
    return {row.variant_id: row for row in rows}


@kept
def _lines() -> AnySelect:
    item = table_of(CartItem).c
    return select(item.id, item.variant_id, item.quantity).where(
        item.cart_id == bindparam("cart")
    )


def _add_line(cart_id: int, variant_id: int, quantity: int, origin: Origin) -> None:
    insert_now(
        CartItem(
            cart_id=cart_id,
            variant_id=variant_id,
            quantity=quantity,
            session_id=origin.session_id,
            pin_event_id=origin.pin_event_id,
        )
    )


def _change_line(item_id: int, quantity: int, origin: Origin) -> None:
    item = db.session.get_one(CartItem, item_id)
    item.quantity = quantity
    if origin.session_id:
        item.session_id, item.pin_event_id = origin.session_id, origin.pin_event_id
    db.session.flush()


def _find_item(cart_id: int, variant_id: int) -> CartItem | None:
    return db.session.scalar(
        select(CartItem).where(
            CartItem.cart_id == cart_id, CartItem.variant_id == variant_id
        )
    )


def _own_item(cart_id: int, item_id: int) -> CartItem:
    item = db.session.get(CartItem, item_id)
    if item is None or item.cart_id != cart_id:
        raise NotFound()
    return item


def _count_items(cart_id: int) -> int:
    query = select(func.count()).where(CartItem.cart_id == cart_id)
    return db.session.scalar(query) or 0


def _tapped_in(
    product_id: int, session_slug: str | None, pin_seq: int | None
) -> Origin:
    """The session and the pin event in which a product was tapped, if any."""
    if not session_slug:
        return Origin()
    session_id = db.session.scalar(
        select(LiveSession.id)
        .join(LineUpItem, LineUpItem.session_id == LiveSession.id)
        .where(
            LiveSession.slug == session_slug,
            LiveSession.state != SessionState.CANCELLED,
            LineUpItem.product_id == product_id,
        )
    )
    if session_id is None:
        return Origin()
    return Origin(session_id, _find_pin(session_id, product_id, pin_seq))


def _find_pin(session_id: int, product_id: int, pin_seq: int | None) -> int | None:
    pins = select(LiveEvent.id).where(
        LiveEvent.session_id == session_id,
        LiveEvent.kind == EventKind.PIN,
        LiveEvent.product_id == product_id,
    )
    if pin_seq is not None:
        named = db.session.scalar(pins.where(LiveEvent.seq == pin_seq))
        if named is not None:
            return named
    return db.session.scalar(pins.order_by(LiveEvent.seq.desc()).limit(1))
