"""A listing's way into the shop and out of it."""

from typing import Any

from sqlalchemy import exists, select

from core.access import Actor
from core.clock import now
from core.database import db
from domain.catalogue import LISTING, REVIEWERS, ListingState
from domain.roles import STUDIO_ROLES
from models.catalogue import Product, Variant
from models.history import move
from queries.scopes import lock
from services.catalogue.errors import (
    ListingUnfinished,
    ReturnReasonMissing,
    ReviewOutdated,
)
from services.live.announcing import listing_changed


def submit_listing(actor: Actor, listing_id: int) -> None:
    """Ask the lead to approve a listing.

    Raises NotFound, ListingMoved, ListingUnfinished.
    """
    product = lock(Product, listing_id, actor, *STUDIO_ROLES)
    if not _is_finished(product):
        raise ListingUnfinished()
    take_to(ListingState.SUBMITTED, actor, product)


def approve_listing(actor: Actor, listing_id: int, *, version: int) -> None:
    """Put a listing into the shop as it stood in `version`.

    Raises NotFound outside the alliances the person leads, ListingMoved, and
    ReviewOutdated when it was changed after the lead read it.
    """
    product = lock(Product, listing_id, actor, *REVIEWERS)
    if product.version != version:
        raise ReviewOutdated()
    take_to(ListingState.APPROVED, actor, product, approved_at=now())


def return_listing(actor: Actor, listing_id: int, *, reason: str) -> None:
    """Send a submitted listing back with a reason.

    Raises NotFound, ListingMoved, ReturnReasonMissing.
    """
    product = lock(Product, listing_id, actor, *REVIEWERS)
    if not reason:
        raise ReturnReasonMissing()
    take_to(ListingState.REJECTED, actor, product, reason=reason)


def withdraw_listing(actor: Actor, listing_id: int) -> None:
    """Take a listing out of the shop. Raises NotFound, ListingMoved."""
    product = lock(Product, listing_id, actor, *STUDIO_ROLES)
    take_to(ListingState.WITHDRAWN, actor, product)


def take_to(state: ListingState, actor: Actor, product: Product, **noted: Any) -> None:
    """Move a held listing to another state, and tell the rooms that show it.

    noted: see `move`. Raises ListingMoved.
    """
    LISTING.check(product.state, state)
    move(product, state, account_id=actor.account_id, **noted)
    listing_changed(product.id)


def _is_finished(product: Product) -> bool:
    on_sale = exists().where(Variant.product_id == product.id, Variant.on_sale)
    return bool(product.story.strip()) and bool(db.session.scalar(select(on_sale)))
