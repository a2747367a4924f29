"""Every version of a listing: what it said, at which prices, and who wrote it."""

import json

from sqlalchemy import select

from core.access import Actor
from core.database import db
from models.accounts import Account
from models.catalogue import Product, ProductPhoto, ProductVersion, Variant
from services.catalogue.drafts import ListingDraft


def texts_of(product: Product) -> dict[str, object]:
    """What needs the lead's approval, as it is stored."""
    return {
        "name": product.name,
        "category": product.category,
        "story": product.story,
        "village_id": product.village_id,
        "cooperative_id": product.cooperative_id,
        "photos": _photos(product.id),
    }


def texts_in(draft: ListingDraft) -> dict[str, object]:
    """What needs the lead's approval, as it was written."""
    return {
        "name": draft.name,
        "category": draft.category,
        "story": draft.story,
        "village_id": draft.village_id,
        "cooperative_id": draft.cooperative_id,
        "photos": [[photo.key, photo.alt] for photo in draft.photos],
    }


def content_of(product: Product) -> str:
    """Everything a version keeps, as JSON; stock moves with sales and is not kept."""
    boxes = db.session.execute(
        select(
            Variant.id,
            Variant.name,
            Variant.weight_g,
            Variant.price_fen,
            Variant.on_sale,
        )
        .where(Variant.product_id == product.id)
        .order_by(Variant.position, Variant.id)
    )
    variants = [row._asdict() for row in boxes]
    return json.dumps(texts_of(product) | {"variants": variants}, ensure_ascii=False)


def keep_version(product: Product, actor: Actor) -> None:
    """Write the present content as version `product.version`."""
    db.session.add(
        ProductVersion(
            product_id=product.id,
            version=product.version,
            content=content_of(product),
            account_id=actor.account_id,
        )
    )
    db.session.flush()


def last_author(product: Product) -> str:
    """The name of who wrote the newest version."""
    name = db.session.scalar(
        select(Account.name)
        .join(ProductVersion, ProductVersion.account_id == Account.id)
        .where(ProductVersion.product_id == product.id)
        .order_by(ProductVersion.version.desc())
        .limit(1)
    )
    return name or ""


def _photos(product_id: int) -> list[list[str]]:
    rows = db.session.execute(
        select(ProductPhoto.key, ProductPhoto.alt)
        .where(ProductPhoto.product_id == product_id)
        .order_by(ProductPhoto.position, ProductPhoto.id)
    )
    return [list(row) for row in rows]
