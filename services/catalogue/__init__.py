"""Write listings, and move them into the shop and out of it."""

from services.catalogue.drafts import (
    BatchDraft,
    BoxDraft,
    DeliveryDraft,
    ListingDraft,
    PhotoDraft,
)
from services.catalogue.errors import (
    BatchFixed,
    BoxMissing,
    ForeignFamily,
    ForeignOrigin,
    ListingEdited,
    ListingUnfinished,
    OriginFixed,
    ReasonMissing,
    ReviewOutdated,
    StockMoved,
)
from services.catalogue.reviewing import (
    approve_listing,
    return_listing,
    submit_listing,
    withdraw_listing,
)
from services.catalogue.scope import alliances_of
from services.catalogue.writing import Saved, create_listing, save_listing

__all__ = [
    "BatchDraft",
    "BatchFixed",
    "BoxDraft",
    "BoxMissing",
    "DeliveryDraft",
    "ForeignFamily",
    "ForeignOrigin",
    "ListingDraft",
    "ListingEdited",
    "ListingUnfinished",
    "OriginFixed",
    "PhotoDraft",
    "ReasonMissing",
    "ReviewOutdated",
    "Saved",
    "StockMoved",
    "alliances_of",
    "approve_listing",
    "create_listing",
    "return_listing",
    "save_listing",
    "submit_listing",
    "withdraw_listing",
]
