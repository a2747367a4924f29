"""A listing's way into the shop and out of it."""

from sqlalchemy import exists, select

from core.access import Actor
from core.clock import now
from core.database import db
from domain.catalogue import ListingState, check_transition
from domain.roles import Role
from models.catalogue import Product, Variant
from models.history import move
from services.catalogue.errors import (
    ListingUnfinished,
    ReasonMissing,
    ReviewOutdated,
)
from services.catalogue.scope import lock_listing
from services.live.announcing import listing_changed


def submit_listing(listing_id: int, actor: Actor) -> None:
    """Ask the lead to approve a listing.

    Raises NotFound, ListingMoved, ListingUnfinished.
    """
    product = lock_listing(listing_id, actor)
    if not _is_finished(product):
        raise ListingUnfinished()
    _move(product, ListingState.SUBMITTED, actor)


def approve_listing(listing_id: int, actor: Actor, *, version: int) -> None:
    """Put a listing into the shop as it stood in `version`.

    Raises NotFound outside the alliances the person leads, ListingMoved, and
    ReviewOutdated when it was changed after the lead read it.
    """
    product = lock_listing(listing_id, actor, Role.LEAD)
    if product.version != version:
        raise ReviewOutdated()
    check_transition(product.state, ListingState.APPROVED)
    move(
        product,
        ListingState.APPROVED,
        account_id=actor.account_id,
        approved_at=now(),
    )
    listing_changed(product.id)


def return_listing(listing_id: int, actor: Actor, *, reason: str) -> None:
    """Send a submitted listing back with a reason.

    Raises NotFound, ListingMoved, ReasonMissing.
    """
    if not reason:
        raise ReasonMissing()
    product = lock_listing(listing_id, actor, Role.LEAD)
    _move(product, ListingState.REJECTED, actor, reason)


def withdraw_listing(listing_id: int, actor: Actor, *, reason: str = "") -> None:
    """Take a listing out of the shop. Raises NotFound, ListingMoved."""
    product = lock_listing(listing_id, actor)
    _move(product, ListingState.WITHDRAWN, actor, reason)


def _move(
    product: Product, state: ListingState, actor: Actor, reason: str = ""
) -> None:
    check_transition(product.state, state)
    move(product, state, account_id=actor.account_id, reason=reason)
    listing_changed(product.id)


def _is_finished(product: Product) -> bool:
    offered = exists().where(Variant.product_id == product.id, Variant.on_sale)
    return bool(product.story.strip()) and bool(db.session.scalar(select(offered)))
