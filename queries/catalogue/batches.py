"""Harvest batches: who delivered how much, and what may be told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select

from core.database import AnyRow, AnySelect, db
from models.alliances import Village
from models.catalogue import BatchDelivery, HarvestBatch, Product, Variant
from models.cooperative import Cooperative, Farmer
from models.orders import OrderLine, StockReservation


@dataclass(frozen=True)
class Delivery:
    """What one family delivered; its name is told only where `is_public`."""

    farmer_id: int
    family: str
    is_public: bool
    weight_g: int


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
    """A batch with the product it became."""

    batch: Batch
    product: AnyRow


def newest_batch(product_id: int) -> Batch | None:
    """The batch of a product that was harvested last."""
    row = db.session.execute(
        _batches()
        .where(HarvestBatch.product_id == product_id)
        .order_by(HarvestBatch.harvested_on.desc(), HarvestBatch.id.desc())
        .limit(1)
    ).one_or_none()
    return _with_deliveries(row)


def find_batch(code: str) -> Batch | None:
    """The batch with this code, or None."""
    return _with_deliveries(
        db.session.execute(_batches().where(HarvestBatch.code == code)).one_or_none()
    )


def find_trace(code: str) -> Trace | None:
    """A batch that buyers may look up: its product was in the shop at some time.

    A withdrawn product stays traceable, for boxes outlive their listing.
    """
    product = db.session.execute(
        select(
            Product.name,
            Product.slug,
            Product.category,
            Product.cover,
            Product.state,
            Product.approved_at,
            Village.name.label("village"),
            Cooperative.name.label("cooperative"),
        )
        .join(HarvestBatch, HarvestBatch.product_id == Product.id)
        .join(Village, Village.id == Product.village_id)
        .join(Cooperative, Cooperative.id == Product.cooperative_id)
        .where(HarvestBatch.code == code, Product.approved_at.is_not(None))
    ).one_or_none()
    batch = find_batch(code) if product is not None else None
    return Trace(batch, product) if batch and product is not None else None


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


def _batches() -> AnySelect:
    return select(
        HarvestBatch.id,
        HarvestBatch.code,
        HarvestBatch.harvested_on,
        HarvestBatch.plot,
        HarvestBatch.created_at,
    )


def _with_deliveries(row: AnyRow | None) -> Batch | None:
    if row is None:
        return None
    deliveries = db.session.execute(
        select(
            BatchDelivery.farmer_id,
            Farmer.name,
            Farmer.shown_publicly,
            BatchDelivery.weight_g,
        )
        .join(Farmer, Farmer.id == BatchDelivery.farmer_id)
        .where(BatchDelivery.batch_id == row.id)
        .order_by(BatchDelivery.position, BatchDelivery.id)
    )
    return Batch(**row._asdict(), deliveries=[Delivery(*each) for each in deliveries])
