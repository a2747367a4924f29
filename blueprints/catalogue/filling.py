"""A stored listing as the form's first values."""

from typing import Any

from blueprints.catalogue.photos import sign_photo
from queries.catalogue.batches import Batch, is_batch_sold
from queries.catalogue.products import ProductView


def filled_with(listing: ProductView) -> dict[str, Any]:
    """The values of ListingForm for a listing.

    A batch that someone bought from is settled, so the form starts a new one.
    """
    batch = listing.batch
    if batch is not None and is_batch_sold(batch.id):
        batch = None
    return {
        "version": listing.version,
        "name": listing.name,
        "category": listing.category,
        "story": listing.story,
        "village_id": str(listing.village_id),
        "cooperative_id": str(listing.cooperative_id),
        "boxes": [_box(box) for box in listing.boxes],
        "kept": [
            {
                "token": sign_photo(photo.key, photo.width, photo.height),
                "alt": photo.alt,
            }
            for photo in listing.photos
        ],
        **(_batch(batch) if batch else {}),
    }


def _box(box: Any) -> dict[str, Any]:
    return {
        "id": box.id,
        "name": box.name,
        "weight": box.weight_g,
        "price": box.price_fen,
        "stock": box.stock,
        "stock_was": box.stock,
        "on_sale": box.on_sale,
    }


def _batch(batch: Batch) -> dict[str, Any]:
    return {
        "batch_id": batch.id,
        "harvested_on": batch.harvested_on,
        "plot": batch.plot,
        "deliveries": [
            {"farmer_id": str(each.farmer_id), "weight": each.weight_g}
            for each in batch.deliveries
        ],
    }
