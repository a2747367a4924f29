"""Harvest batches: who delivered how much, and what may be told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, exists, select

from core.database import AnyRow, AnySelect, db
from core.statements import columns_for, filled, kept, table_of
from domain.catalogue import ListingState
from models.alliances import Village
from models.catalogue import BatchDelivery, HarvestBatch, Product, Variant
from models.cooperative import Cooperative, Farmer
from models.orders import OrderLine, StockReservation

batch, product, village, cooperative = (
    table_of(model).c for model in (HarvestBatch, Product, Village, Cooperative)
)
"""Columns of tables, not of models: the pages of the shop are asked for most."""


@dataclass(frozen=True)
class Delivery:
    """What one family delivered; its name is told only where `is_public`."""

    farmer_id: int
    weight_g: int
    family: str
    is_public: bool


@dataclass(frozen=True)
class Batch:
    """One harvest."""

    id: int
    code: str
    harvested_on: date
    plot: str
    created_at: datetime
    deliveries: Sequence[Delivery]

    @property
    def weight_g(self) -> int:
        """Grams that all families delivered."""
        return sum(delivery.weight_g for delivery in self.deliveries)

    @property
    def named(self) -> Sequence[Delivery]:
        """Deliveries of families who agreed to be named."""
        return [delivery for delivery in self.deliveries if delivery.is_public]

    @property
    def unnamed(self) -> Sequence[Delivery]:
        """Deliveries of families who are only counted."""
        return [delivery for delivery in self.deliveries if not delivery.is_public]

    @property
    def unnamed_weight_g(self) -> int:
        """Grams of the families who are only counted."""
        return sum(delivery.weight_g for delivery in self.unnamed)


@dataclass(frozen=True)
class Trace:
    """A batch with the product it became: name, slug, category, cover, state,
    approved_at, village, cooperative."""

    batch: Batch
    product: AnyRow


def newest_batch(product_id: int) -> Batch | None:
    """The batch of a product that was harvested last."""
    row = db.session.execute(_newest_of(), {"product_id": product_id}).one_or_none()
    return _batch(row) if row else None


def find_trace(code: str) -> Trace | None:
    """A batch that buyers may look up: its product was in the shop at some time.

    A withdrawn product stays traceable, for boxes outlive their listing.
    """
    was_listed = Product.approved_at.is_not(None)
    return _trace(_traces().where(HarvestBatch.code == code, was_listed))


def find_newest_trace() -> Trace | None:
    """The batch harvested last among the products in the shop."""
    return _trace(_newest_trace())


def is_batch_sold(batch_id: int) -> bool:
    """Whether an order line refers to the batch: its families are then fixed."""
    sold = exists().where(OrderLine.batch_id == batch_id)
    return bool(db.session.scalar(select(sold)))


def is_product_ordered(product_id: int) -> bool:
    """Whether anyone ordered a box of the product: its origin is then fixed."""
    ordered = (
        exists()
        .where(Variant.product_id == product_id)
        .where(StockReservation.variant_id == Variant.id)
    )
    return bool(db.session.scalar(select(ordered)))


@kept
def _newest_of() -> AnySelect:
    of_product = batch.product_id == bindparam("product_id")
    return _newest(select(*columns_for(Batch, HarvestBatch)).where(of_product))


@kept
def _newest_trace() -> AnySelect:
    return _newest(_traces().where(product.state == ListingState.APPROVED))


def _newest(batches: AnySelect) -> AnySelect:
    last = (batch.harvested_on.desc(), batch.id.desc())
    return batches.order_by(*last).limit(1)


def _traces() -> AnySelect:
    return (
        select(
            *columns_for(Batch, HarvestBatch),
            product.name,
            product.slug,
            product.category,
            product.cover,
            product.state,
            product.approved_at,
            village.name.label("village"),
            cooperative.name.label("cooperative"),
        )
        .join(table_of(Product), batch.product_id == product.id)
        .join(table_of(Village), village.id == product.village_id)
        .join(table_of(Cooperative), cooperative.id == product.cooperative_id)
    )


def _trace(query: AnySelect) -> Trace | None:
    row = db.session.execute(query).one_or_none()
    return Trace(_batch(row), row) if row else None


def _batch(row: AnyRow) -> Batch:
    deliveries = db.session.execute(_deliveries(), {"batch_id": row.id})
    return filled(Batch, row, deliveries=tuple(Delivery(*each) for each in deliveries))


@kept
def _deliveries() -> AnySelect:
    delivery, farmer = table_of(BatchDelivery).c, table_of(Farmer).c
    return (
        select(
            delivery.farmer_id, delivery.weight_g, farmer.name, farmer.shown_publicly
        )
        .join(table_of(Farmer), farmer.id == delivery.farmer_id)
        .where(delivery.batch_id == bindparam("batch_id"))
        .order_by(delivery.position, delivery.id)
    )
