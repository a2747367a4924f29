"""Listings: products, their variants with stock, photos and harvest batches."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, one_of
from domain.catalogue import ListingState
from models.columns import (
    Created,
    Digest,
    Fen,
    Grams,
    Key,
    Moment,
    Name,
    Slug,
    State,
    ref,
)


class Product(Base):
    """A listing of an alliance, sold by a cooperative, grown in a village.

    `price_from_fen`, `spec` and `per_jin_fen` are what a card shows: those of its
    cheapest variant on sale, kept up to date whenever the listing is saved.
    """

    __tablename__ = "product"
    __table_args__ = (
        one_of("state", ListingState),
        Index("ix_product_newest", "state", "approved_at"),
        Index("ix_product_shop", "state", "category", "approved_at"),
        Index("ix_product_village", "village_id", "state"),
    )

    id: Mapped[Key]
    alliance_id: Mapped[int] = mapped_column(ref("alliance"), index=True)
    cooperative_id: Mapped[int] = mapped_column(ref("cooperative"), index=True)
    village_id: Mapped[int] = mapped_column(ref("village"))
    name: Mapped[Name]
    slug: Mapped[Slug]
    category: Mapped[str] = mapped_column(String(20))
    story: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[State]
    version: Mapped[int] = mapped_column(Integer, default=1)
    cover: Mapped[str] = mapped_column(String(120), default="")
    spec: Mapped[str] = mapped_column(String(40), default="")
    price_from_fen: Mapped[Fen] = mapped_column(default=0)
    per_jin_fen: Mapped[Fen] = mapped_column(default=0)
    sold_count: Mapped[int] = mapped_column(Integer, default=0)
    request_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    saved_by: Mapped[str | None] = mapped_column(String(64))
    created_by: Mapped[int] = mapped_column(ref("account"))
    created_at: Mapped[Created]
    updated_at: Mapped[Created]
    approved_at: Mapped[Moment | None]


class ProductVersion(Base):
    """What a listing said each time it was saved: who wrote what, at which price."""

    __tablename__ = "product_version"
    __table_args__ = (UniqueConstraint("product_id", "version"),)

    id: Mapped[Key]
    product_id: Mapped[int] = mapped_column(ref("product"))
    version: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int] = mapped_column(ref("account"))
    at: Mapped[Created]


class ProductPhoto(Base):
    """A stored picture; `key` names its files in the photo store."""

    __tablename__ = "product_photo"

    id: Mapped[Key]
    product_id: Mapped[int] = mapped_column(ref("product"), index=True)
    key: Mapped[Digest]
    width: Mapped[int]
    height: Mapped[int]
    alt: Mapped[str] = mapped_column(String(120), default="")
    position: Mapped[int] = mapped_column(default=0)


class Variant(Base):
    """A SKU: one box size of a product, with its price and stock."""

    __tablename__ = "variant"
    __table_args__ = (
        CheckConstraint("stock >= 0", name="stock_not_negative"),
        CheckConstraint("price_fen > 0", name="price_positive"),
        CheckConstraint("weight_g > 0", name="weight_positive"),
    )

    id: Mapped[Key]
    product_id: Mapped[int] = mapped_column(ref("product"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    weight_g: Mapped[Grams]
    price_fen: Mapped[Fen]
    stock: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)
    on_sale: Mapped[bool] = mapped_column(default=True)


class HarvestBatch(Base):
    """What was harvested on one day; its code leads to the trace page."""

    __tablename__ = "harvest_batch"

    id: Mapped[Key]
    product_id: Mapped[int] = mapped_column(ref("product"), index=True)
    code: Mapped[str] = mapped_column(String(30), unique=True)
    harvested_on: Mapped[date]
    plot: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[Created]


class BatchDelivery(Base):
    """What one family delivered into a batch, in grams."""

    __tablename__ = "batch_delivery"
    __table_args__ = (
        UniqueConstraint("batch_id", "farmer_id"),
        CheckConstraint("weight_g > 0", name="weight_positive"),
    )

    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(ref("harvest_batch"))
    farmer_id: Mapped[int] = mapped_column(ref("farmer"), index=True)
    weight_g: Mapped[Grams]
    position: Mapped[int] = mapped_column(default=0)
