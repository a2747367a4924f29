"""Create a listing and change it; every version is kept."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

from sqlalchemy import delete, select

from core.access import Actor
from core.clock import now
from core.database import db
from core.errors import NotFound, StateChanged
from domain.catalogue import IN_REVIEW, ListingState, Photo
from domain.roles import STUDIO_ROLES
from domain.slugs import slugify
from models.alliances import Alliance
from models.catalogue import Product, ProductPhoto
from models.history import record_change
from queries.catalogue.batches import is_product_ordered
from queries.catalogue.listings import listing_choices
from queries.scopes import find_visible, lock
from services.catalogue.batches import write_batch
from services.catalogue.boxes import write_boxes
from services.catalogue.drafts import ListingDraft
from services.catalogue.errors import ForeignOrigin, ListingEdited, OriginFixed
from services.catalogue.reviewing import submit_listing, take_to
from services.catalogue.versions import (
    content_of,
    keep_version,
    last_author,
    photos_of,
    texts_of,
)
from services.requests import add_first


@dataclass(frozen=True)
class Saved:
    """A written listing; `is_hidden` when the change took it out of the shop."""

    listing_id: int
    state: str
    is_hidden: bool = False


def create_listing(
    actor: Actor,
    draft: ListingDraft,
    *,
    alliance_id: int,
    request_id: str,
    submits: bool = False,
) -> Saved:
    """Write a new listing; the same request id again makes no second one.

    submits: have the lead review it at once. Raises NotFound for an alliance that the
    actor does not write for, ForeignOrigin, ForeignFamily, ListingUnfinished.
    """
    if find_visible(Alliance, alliance_id, actor, *STUDIO_ROLES) is None:
        raise NotFound()
    _refuse_foreign_origin(draft, alliance_id)
    product = Product(
        alliance_id=alliance_id,
        slug=_unused_slug(draft.name, request_id),
        state=ListingState.DRAFT,
        version=1,
        request_id=request_id,
        created_by=actor.account_id,
    )
    _write_texts(product, draft)
    if add_first(product) is None:
        _write_parts(actor, product, draft)
        keep_version(product, actor)
        record_change(product, product.state, account_id=actor.account_id)
    else:
        product = _created_before(request_id, actor)
    return _saved(actor, product, submits=submits)


def save_listing(
    actor: Actor,
    listing_id: int,
    draft: ListingDraft,
    *,
    version: int,
    request_id: str,
    submits: bool = False,
) -> Saved:
    """Write a listing over the version the form showed; the same form twice is known.

    Prices, stock and on-sale marks of an approved listing hold at once; another
    name, story, shelf, origin or photo takes it out of the shop until it is
    approved again. submits: have the lead review it, unless that is so already.
    Raises NotFound, ListingEdited, StockMoved, BoxMissing, OriginFixed, BatchFixed,
    ForeignOrigin, ForeignFamily, ListingUnfinished.
    """
    product = lock(Product, listing_id, actor, *STUDIO_ROLES)
    saved_by = _digest(request_id, draft)
    if product.saved_by == saved_by:
        return _saved(actor, product, submits=submits)
    if product.version != version:
        raise ListingEdited(who=last_author(product), version=product.version)
    is_rewritten = _is_rewritten(product, draft)
    if is_rewritten:
        _refuse_foreign_origin(draft, product.alliance_id)
        _refuse_moved_origin(product, draft)
    is_hidden = is_rewritten and product.state == ListingState.APPROVED
    if is_hidden:
        take_to(ListingState.SUBMITTED, actor, product)
    before = content_of(product)
    _write_texts(product, draft)
    _write_parts(actor, product, draft)
    product.saved_by = saved_by
    if content_of(product) != before:
        product.version += 1
        product.updated_at = now()
        keep_version(product, actor)
    return replace(_saved(actor, product, submits=submits), is_hidden=is_hidden)


def _saved(actor: Actor, product: Product, *, submits: bool) -> Saved:
    if submits and product.state not in IN_REVIEW:
        submit_listing(actor, product.id)
    return Saved(product.id, product.state)


def _created_before(request_id: str, actor: Actor) -> Product:
    """The listing that the first of two equal requests made."""
    product = db.session.scalar(
        select(Product).where(
            Product.request_id == request_id, Product.created_by == actor.account_id
        )
    )
    if product is None:
        raise StateChanged()
    return product


def _is_rewritten(product: Product, draft: ListingDraft) -> bool:
    photos = [(photo.key, photo.alt) for photo in draft.photos]
    return texts_of(product) != texts_of(draft) or photos_of(product) != photos


def _refuse_foreign_origin(draft: ListingDraft, alliance_id: int) -> None:
    choices = listing_choices(alliance_id)
    cooperatives = {row.id for row in choices.cooperatives}
    villages = {row.id for row in choices.villages}
    if draft.cooperative_id not in cooperatives or draft.village_id not in villages:
        raise ForeignOrigin()


def _refuse_moved_origin(product: Product, draft: ListingDraft) -> None:
    before = (product.village_id, product.cooperative_id)
    after = (draft.village_id, draft.cooperative_id)
    if before != after and is_product_ordered(product.id):
        raise OriginFixed()


def _write_texts(product: Product, draft: ListingDraft) -> None:
    for name, text in texts_of(draft).items():
        setattr(product, name, text)
    product.cover = draft.photos[0].key if draft.photos else ""


def _write_parts(actor: Actor, product: Product, draft: ListingDraft) -> None:
    write_boxes(actor, product, draft.boxes)
    _write_photos(product, draft.photos)
    if draft.batch is not None:
        write_batch(product, draft.batch)
    db.session.flush()


def _write_photos(product: Product, photos: Sequence[Photo]) -> None:
    db.session.execute(
        delete(ProductPhoto).where(ProductPhoto.product_id == product.id)
    )
    db.session.add_all(
        ProductPhoto(product_id=product.id, position=position, **vars(photo))
        for position, photo in enumerate(photos)
    )
    db.session.flush()


def _unused_slug(name: str, request_id: str) -> str:
    """An address from the name; the request's digest makes it the listing's own, and
    the same in every load of the demo."""
    slugs = (slugify(name, _digest(request_id, attempt)[:6]) for attempt in count())
    return next(slug for slug in slugs if not _is_slug_taken(slug))


def _digest(request_id: str, of: object) -> str:
    return hashlib.sha256(f"{request_id}:{of}".encode()).hexdigest()


def _is_slug_taken(slug: str) -> bool:
    taken = select(Product.id).where(Product.slug == slug)
    return db.session.scalar(taken) is not None
