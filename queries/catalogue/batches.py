"""Harvest batches: who delivered how much, and what may be told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select

from core.database import AnyRow, AnySelect, db
from core.statements import columns_for, filled
from domain.catalogue import ListingState
from models.alliances import Village
from models.catalogue import BatchDelivery, HarvestBatch, Product, Variant
from models.cooperative import Cooperative, Farmer
from models.orders import OrderLine, StockReservation


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
    batches = select(*columns_for(Batch, HarvestBatch))
    query = _newest(batches.where(HarvestBatch.product_id == product_id))
    row = db.session.execute(query).one_or_none()
    return _batch(row) if row else None


def find_trace(code: str) -> Trace | None:
    """A batch that buyers may look up: its product was in the shop at some time.

    A withdrawn product stays traceable, for boxes outlive their listing.
    """
    was_listed = Product.approved_at.is_not(None)
    return _trace(_traces().where(HarvestBatch.code == code, was_listed))


def find_newest_trace() -> Trace | None:
    """The batch harvested last among the products in the shop."""
    return _trace(_newest(_traces().where(Product.state == ListingState.APPROVED)))


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


def _newest(batches: AnySelect) -> AnySelect:
    last = (HarvestBatch.harvested_on.desc(), HarvestBatch.id.desc())
    return batches.order_by(*last).limit(1)


def _traces() -> AnySelect:
    return (
        select(
            *columns_for(Batch, HarvestBatch),
            Product.name,
            Product.slug,
            Product.category,
            Product.cover,
            Product.state,
            Product.approved_at,
            Village.name.label("village"),
            Cooperative.name.label("cooperative"),
        )
        .join(Product, HarvestBatch.product_id == Product.id)
        .join(Village, Village.id == Product.village_id)
        .join(Cooperative, Cooperative.id == Product.cooperative_id)
    )


def _trace(query: AnySelect) -> Trace | None:
    row = db.session.execute(query).one_or_none()
    return Trace(_batch(row), row) if row else None


def _batch(row: AnyRow) -> Batch:
    deliveries = db.session.execute(
        select(
            BatchDelivery.farmer_id,
            BatchDelivery.weight_g,
            Farmer.name,
            Farmer.shown_publicly,
        )
        .join(Farmer, Farmer.id == BatchDelivery.farmer_id)
        .where(BatchDelivery.batch_id == row.id)
        .order_by(BatchDelivery.position, BatchDelivery.id)
    )
    return filled(Batch, row, deliveries=[Delivery(*each) for each in deliveries])
