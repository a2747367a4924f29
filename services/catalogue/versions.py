"""Every version of a listing: what it said, at which prices, and who wrote it."""

import json
from collections.abc import Sequence

from sqlalchemy import select

from core.access import Actor
from core.database import db
from models.accounts import Account
from models.catalogue import Product, ProductPhoto, ProductVersion, Variant
from services.catalogue.drafts import ListingDraft

TEXTS = ("name", "category", "story", "village_id", "cooperative_id")
"""What a product and its draft call alike, and the lead approves, as the photos."""

Content = dict[str, object]


def texts_of(written: Product | ListingDraft) -> Content:
    """The texts of a listing, as they are stored or as they were written."""
    return {name: getattr(written, name) for name in TEXTS}


def photos_of(product: Product) -> Sequence[tuple[str, str]]:
    """The key of each photo and the words for those who cannot see it."""
    rows = db.session.execute(
        select(ProductPhoto.key, ProductPhoto.alt)
        .where(ProductPhoto.product_id == product.id)
        .order_by(ProductPhoto.position, ProductPhoto.id)
    )
    return [(row.key, row.alt) for row in rows]


def content_of(product: Product) -> Content:
    """Everything a version keeps; stock moves with sales and is not kept."""
    box = (Variant.id, Variant.name, Variant.weight_g, Variant.price_fen)
    boxes = db.session.execute(
        select(*box, Variant.on_sale)
        .where(Variant.product_id == product.id)
        .order_by(Variant.position, Variant.id)
    )
    variants = [row._asdict() for row in boxes]
    return texts_of(product) | {"photos": photos_of(product), "variants": variants}


def keep_version(product: Product, actor: Actor) -> None:
    """Write the present content as version `product.version`."""
    db.session.add(
        ProductVersion(
            product_id=product.id,
            version=product.version,
            content=json.dumps(content_of(product), ensure_ascii=False),
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
