"""The cart: quantities, and the live room in which each thing was tapped."""

from typing import Any

from sqlalchemy import func, select, update

from core.clock import now
from core.database import db, insert_into
from core.errors import NotFound
from domain.catalogue import ListingState
from domain.live import EventKind, SessionState
from domain.orders.buyers import Buyer
from domain.pricing import MAX_LINES, MAX_QUANTITY, TooManyLines, check_quantity
from models import Cart, CartItem, LineUpItem, LiveEvent, LiveSession, Product, Variant
from services.orders.stock import NotOnSale, shortage


def add_item(
    buyer: Buyer,
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
    variant, product = _buyable(variant_id)
    cart = lock_cart(buyer)
    item = _find_item(cart.id, variant_id)
    wanted = quantity + (item.quantity if item else 0)
    check_quantity(wanted)
    if wanted > variant.stock:
        raise shortage(variant_id)
    session_id, pin_id = _tapped_in(product.id, session_slug, pin_seq)
    if item is None:
        item = _new_item(cart, variant_id)
    item.quantity = wanted
    if session_id:
        item.session_id, item.pin_event_id = session_id, pin_id
    _touch(cart)


def set_quantity(buyer: Buyer, item_id: int, quantity: int) -> None:
    """Change a line's quantity. Raises NotFound, OutOfStock or QuantityOutOfRange."""
    check_quantity(quantity)
    cart = lock_cart(buyer)
    item = _own_item(cart, item_id)
    variant, _product = _buyable(item.variant_id)
    if quantity > variant.stock:
        raise shortage(item.variant_id)
    item.quantity = quantity
    _touch(cart)


def remove_item(buyer: Buyer, item_id: int) -> None:
    """Take a line out of the cart; taking it out again changes nothing."""
    cart = lock_cart(buyer)
    item = db.session.get(CartItem, item_id)
    if item is not None and item.cart_id == cart.id:
        db.session.delete(item)
        _touch(cart)


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
    cart = lock_cart(Buyer(account_id=account_id))
    for item in items_of(theirs.id):
        _move_item(item, cart)
    db.session.flush()


def lock_cart(buyer: Buyer) -> Cart:
    """The buyer's cart, made if need be, held against others until the end.

    A logged-in buyer's is the account's.
    """
    owner: dict[str, Any] = (
        {"account_id": buyer.account_id}
        if buyer.account_id is not None
        else {"visitor_id": buyer.visitor_id}
    )
    db.session.execute(
        insert_into(Cart).values(**owner, updated_at=now()).on_conflict_do_nothing()
    )
    query = select(Cart).filter_by(**owner).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def items_of(cart_id: int) -> list[CartItem]:
    """The lines of a cart, in the order they were added."""
    query = select(CartItem).where(CartItem.cart_id == cart_id).order_by(CartItem.id)
    return list(db.session.scalars(query))


def empty(cart: Cart, items: list[CartItem]) -> None:
    """Take what was ordered out of the cart."""
    for item in items:
        db.session.delete(item)
    _touch(cart)


def _move_item(item: CartItem, cart: Cart) -> None:
    present = _find_item(cart.id, item.variant_id)
    if present is None:
        if _count_items(cart.id) < MAX_LINES:
            item.cart_id = cart.id
            db.session.flush()
        return
    present.quantity = min(present.quantity + item.quantity, MAX_QUANTITY)
    if item.session_id:
        present.session_id, present.pin_event_id = item.session_id, item.pin_event_id
    db.session.delete(item)
    db.session.flush()


def _buyable(variant_id: int) -> tuple[Variant, Product]:
    row = db.session.execute(
        select(Variant, Product)
        .join(Product, Product.id == Variant.product_id)
        .where(Variant.id == variant_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    variant, product = row
    if product.state != ListingState.APPROVED or not variant.on_sale:
        raise NotOnSale(product=f"{product.name} {variant.name}")
    return variant, product


def _find_item(cart_id: int, variant_id: int) -> CartItem | None:
    return db.session.scalar(
        select(CartItem).where(
            CartItem.cart_id == cart_id, CartItem.variant_id == variant_id
        )
    )


def _own_item(cart: Cart, item_id: int) -> CartItem:
    item = db.session.get(CartItem, item_id)
    if item is None or item.cart_id != cart.id:
        raise NotFound()
    return item


def _count_items(cart_id: int) -> int:
    query = select(func.count()).where(CartItem.cart_id == cart_id)
    return db.session.scalar(query) or 0


def _new_item(cart: Cart, variant_id: int) -> CartItem:
    if _count_items(cart.id) >= MAX_LINES:
        raise TooManyLines()
    item = CartItem(cart_id=cart.id, variant_id=variant_id)
    db.session.add(item)
    return item


def _touch(cart: Cart) -> None:
    db.session.execute(
        update(Cart)
        .where(Cart.id == cart.id)
        .values(updated_at=now())
        .execution_options(synchronize_session=False)
    )
    db.session.flush()


def _tapped_in(
    product_id: int, session_slug: str | None, pin_seq: int | None
) -> tuple[int | None, int | None]:
    """The session and the pin event in which a product was tapped, if any."""
    if not session_slug:
        return None, None
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
        return None, None
    return session_id, _find_pin(session_id, product_id, pin_seq)


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
