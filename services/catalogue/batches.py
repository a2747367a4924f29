"""Harvest batches of a listing, with what each family delivered."""

import hashlib
from collections.abc import Collection
from datetime import date
from itertools import count

from sqlalchemy import delete, func, select

from core.database import db
from core.errors import NotFound
from domain.catalogue import BATCH_CODES, batch_code
from models.catalogue import BatchDelivery, HarvestBatch, Product
from models.cooperative import Farmer
from queries.catalogue.batches import is_batch_sold
from services.catalogue.drafts import BatchDraft
from services.catalogue.errors import BatchFixed, ForeignFamily


def write_batch(product: Product, draft: BatchDraft) -> None:
    """Write a batch and its deliveries.

    Raises BatchFixed once someone ordered from it, ForeignFamily when a family
    delivers elsewhere, NotFound for another listing's batch.
    """
    _refuse_foreign_families(product, draft.deliveries.keys())
    batch = _batch_of(product, draft)
    batch.harvested_on, batch.plot = draft.harvested_on, draft.plot
    db.session.flush()
    db.session.execute(delete(BatchDelivery).where(BatchDelivery.batch_id == batch.id))
    db.session.add_all(
        BatchDelivery(
            batch_id=batch.id, farmer_id=farmer_id, weight_g=weight_g, position=position
        )
        for position, (farmer_id, weight_g) in enumerate(draft.deliveries.items())
    )
    db.session.flush()


def _batch_of(product: Product, draft: BatchDraft) -> HarvestBatch:
    if draft.id is None:
        code = _unused_code(product, draft.harvested_on)
        batch = HarvestBatch(product_id=product.id, code=code)
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


def _refuse_foreign_families(product: Product, farmer_ids: Collection[int]) -> None:
    known = db.session.scalar(
        select(func.count()).where(
            Farmer.id.in_(farmer_ids),
            Farmer.cooperative_id == product.cooperative_id,
            Farmer.village_id == product.village_id,
        )
    )
    if known != len(farmer_ids):
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
