"""Variants of a listing: written with care for what is being sold meanwhile."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from core.access import Actor
from core.database import db
from domain.live import EventKind
from domain.money import per_jin_fen
from models.catalogue import Product, Variant
from services.catalogue.drafts import BoxDraft
from services.catalogue.errors import BoxMissing, MovedStock, StockMoved
from services.live.announcing import listing_changed
from services.live.running import OfferChange, write_offer_changes


def write_boxes(actor: Actor, product: Product, drafts: Sequence[BoxDraft]) -> None:
    """Write the boxes of a listing and what its card shows of them.

    Raises StockMoved when a stock to be set is no longer the one the form showed,
    BoxMissing when a box that was ever in the shop is left out.
    """
    listing_changed(product.id)
    boxes = _lock_boxes(product.id)
    _refuse_moved_stock(drafts, boxes)
    _remove_left_out(product, drafts, boxes)
    write_offer_changes(actor, product.id, _changes(drafts, boxes))
    for position, draft in enumerate(drafts):
        box = boxes.get(draft.id) if draft.id else None
        if box is None:
            box = Variant(product_id=product.id, stock=draft.stock)
            db.session.add(box)
        elif draft.sets_stock:
            box.stock = draft.stock
        box.name, box.weight_g = draft.name, draft.weight_g
        box.price_fen, box.on_sale = draft.price_fen, draft.on_sale
        box.position = position
    db.session.flush()
    _show_cheapest(product)


def _changes(
    drafts: Sequence[BoxDraft], boxes: dict[int, Variant]
) -> Sequence[OfferChange]:
    """What somebody sets otherwise of the boxes that there are."""
    changes = []
    for draft in drafts:
        box = boxes.get(draft.id) if draft.id else None
        if box is None:
            continue
        one = {"variant_id": box.id}
        if box.price_fen != draft.price_fen:
            price = {"price_fen": draft.price_fen, "was_fen": box.price_fen}
            changes.append(OfferChange(EventKind.PRICE, one | price))
        if draft.sets_stock and box.stock != draft.stock:
            stock = {"stock": draft.stock, "was": box.stock}
            changes.append(OfferChange(EventKind.STOCK, one | stock))
    return changes


def _show_cheapest(product: Product) -> None:
    """Keep on the listing what its card shows: the cheapest box on sale."""
    cheapest = db.session.scalar(
        select(Variant)
        .where(Variant.product_id == product.id)
        .order_by(Variant.on_sale.desc(), Variant.price_fen, Variant.id)
        .limit(1)
    )
    if cheapest is not None:
        product.spec = cheapest.name
        product.price_from_fen = cheapest.price_fen
        product.per_jin_fen = per_jin_fen(cheapest.price_fen, cheapest.weight_g)


def _lock_boxes(product_id: int) -> dict[int, Variant]:
    """The listing's boxes, held in the order in which sales take them."""
    boxes = db.session.scalars(
        select(Variant)
        .where(Variant.product_id == product_id)
        .order_by(Variant.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {box.id: box for box in boxes}


def _refuse_moved_stock(drafts: Sequence[BoxDraft], boxes: dict[int, Variant]) -> None:
    moved = [
        MovedStock(row, draft.stock_was or 0, boxes[draft.id].stock)
        for row, draft in enumerate(drafts)
        if draft.id in boxes
        and draft.sets_stock
        and boxes[draft.id].stock not in (draft.stock_was, draft.stock)
    ]
    if moved:
        raise StockMoved(moved)


def _remove_left_out(
    product: Product, drafts: Sequence[BoxDraft], boxes: dict[int, Variant]
) -> None:
    left_out = boxes.keys() - {draft.id for draft in drafts}
    if left_out and product.approved_at is not None:
        raise BoxMissing()
    if left_out:
        db.session.execute(delete(Variant).where(Variant.id.in_(left_out)))
