"""Harvest batches of a listing, with what each family delivered."""

import hashlib
from collections.abc import Sequence
from datetime import date
from itertools import count

from sqlalchemy import delete, func, select

from core.database import db
from core.errors import NotFound
from domain.catalogue import BATCH_CODES, batch_code
from models.catalogue import BatchDelivery, HarvestBatch, Product
from models.cooperative import Farmer
from queries.catalogue.batches import is_batch_sold
from services.catalogue.drafts import BatchDraft, DeliveryDraft
from services.catalogue.errors import BatchFixed, ForeignFamily


def write_batch(product: Product, draft: BatchDraft) -> None:
    """Write a batch and its deliveries.

    Raises BatchFixed once someone ordered from it, ForeignFamily when a family
    delivers elsewhere, NotFound for another listing's batch.
    """
    _refuse_foreign_families(product, draft.deliveries)
    batch = _batch_of(product, draft)
    batch.harvested_on, batch.plot = draft.harvested_on, draft.plot
    db.session.flush()
    db.session.execute(delete(BatchDelivery).where(BatchDelivery.batch_id == batch.id))
    for position, delivery in enumerate(draft.deliveries):
        db.session.add(
            BatchDelivery(
                batch_id=batch.id,
                farmer_id=delivery.farmer_id,
                weight_g=delivery.weight_g,
                position=position,
            )
        )
    db.session.flush()


def _batch_of(product: Product, draft: BatchDraft) -> HarvestBatch:
    if draft.id is None:
        batch = HarvestBatch(
            product_id=product.id, code=_unused_code(product, draft.harvested_on)
        )
        db.session.add(batch)
        return batch
    found = db.session.scalar(
        select(HarvestBatch)
        .where(HarvestBatch.id == draft.id, HarvestBatch.product_id == product.id)
        .with_for_update(key_share=True)
    )
    if found is None:
        raise NotFound()
    if is_batch_sold(found.id):
        raise BatchFixed()
    return found


def _refuse_foreign_families(
    product: Product, deliveries: Sequence[DeliveryDraft]
) -> None:
    wanted = {delivery.farmer_id for delivery in deliveries}
    known = db.session.scalar(
        select(func.count())
        .select_from(Farmer)
        .where(
            Farmer.id.in_(wanted),
            Farmer.cooperative_id == product.cooperative_id,
            Farmer.village_id == product.village_id,
        )
    )
    if known != len(wanted):
        raise ForeignFamily()


def _unused_code(product: Product, day: date) -> str:
    """A code that no batch has; the demo's come out the same in every load."""
    seeds = (f"{product.slug}:{day}:{attempt}".encode() for attempt in count())
    codes = (batch_code(day, _serial(seed)) for seed in seeds)
    return next(code for code in codes if not _is_code_taken(code))


def _serial(seed: bytes) -> int:
    number = int.from_bytes(hashlib.sha256(seed).digest()[:4], "big")
    return number % BATCH_CODES.serials


def _is_code_taken(code: str) -> bool:
    taken = select(HarvestBatch.id).where(HarvestBatch.code == code)
    return db.session.scalar(taken) is not None
