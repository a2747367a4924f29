"""The studio: a member's own listings, and the form that writes them."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.catalogue.forms import ListingForm, filled_with
from blueprints.catalogue.photos import keep_uploads
from blueprints.catalogue.shop import typed_words
from blueprints.forms import attempt
from blueprints.nouns import catalogue as bp
from core.access import allow, get_actor
from core.i18n import gettext as _
from core.pages.paging import page_number
from domain.catalogue import ListingState
from domain.roles import STUDIO_ROLES, ScopeKind
from queries.catalogue.batches import Batch, is_batch_sold
from queries.catalogue.listings import (
    ListingFilter,
    count_by_state,
    listing_choices,
    listings_of,
    prices_of,
)
from queries.catalogue.products import ProductView, get_listing
from services.catalogue.writing import Saved, create_listing, save_listing

LARGEST_UPLOADS = 64 * 1024 * 1024


@bp.get("/studio/listings")
@allow(*STUDIO_ROLES)
def listings() -> ResponseReturnValue:
    """The listings of one's own alliance."""
    asked, actor = request.args.get("state"), get_actor()
    wanted = ListingFilter(
        words=typed_words("q"),
        state=ListingState(asked) if asked in set(ListingState) else None,
    )
    return render_template(
        "catalogue/listings.html",
        page=listings_of(actor, wanted, page_number(request.args.get("page"))),
        counts=count_by_state(actor),
        wanted=wanted,
        states=ListingState,
    )


@bp.route("/studio/listings/new", methods=["GET", "POST"])
@allow(*STUDIO_ROLES)
def new_listing() -> ResponseReturnValue:
    """Write a new listing: a person is a member of one alliance at a time."""
    actor = get_actor()
    alliance_id = min(actor.scope_ids(ScopeKind.ALLIANCE, *STUDIO_ROLES))
    form = _open_form(alliance_id)
    done = attempt(
        form,
        lambda: create_listing(
            actor,
            form.to_draft(),
            alliance_id=alliance_id,
            request_id=form.request_id.data,
            submits=form.is_for_review,
        ),
    )
    if done:
        return _to_listing(form, done.value)
    return _form_page(form)


@bp.route("/studio/listings/<id:listing_id>/edit", methods=["GET", "POST"])
@allow(*STUDIO_ROLES)
def edit_listing(listing_id: int) -> ResponseReturnValue:
    """Change a listing; a batch that someone bought from is settled."""
    actor = get_actor()
    listing = get_listing(actor, listing_id)
    batch = listing.batch
    sold_batch = batch if batch and is_batch_sold(batch.id) else None
    form = _open_form(listing.alliance_id, listing, None if sold_batch else batch)
    done = attempt(
        form,
        lambda: save_listing(
            actor,
            listing_id,
            form.to_draft(),
            version=form.version.data,
            request_id=form.request_id.data,
            submits=form.is_for_review,
        ),
    )
    if done:
        return _to_listing(form, done.value)
    return _form_page(form, listing, sold_batch)


def _open_form(
    alliance_id: int, listing: ProductView | None = None, batch: Batch | None = None
) -> ListingForm:
    request.max_content_length = LARGEST_UPLOADS
    form = ListingForm(data=filled_with(listing, batch) if listing else {})
    form.offer(listing_choices(alliance_id))
    if request.method == "POST":
        form.take_uploads(keep_uploads(form.files.name, get_actor()))
    return form


def _form_page(
    form: ListingForm,
    listing: ProductView | None = None,
    sold_batch: Batch | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "catalogue/listing_form.html",
        form=form,
        listing=listing,
        sold_batch=sold_batch,
        prices=prices_of(listing.id) if listing else [],
    )
    return page, form.status


def _to_listing(form: ListingForm, saved: Saved) -> ResponseReturnValue:
    if saved.is_hidden:
        flash(_("存好了。内容改动要负责人再看一遍，通过以后就回到店里。"), "warn")
    elif form.is_for_review:
        flash(_("送审了，负责人看过就上架。"), "ok")
    elif saved.state == ListingState.APPROVED:
        flash(_("存好了，店里已经是新的。"), "ok")
    else:
        flash(_("存好了。"), "ok")
    return redirect(url_for("catalogue.listing", listing_id=saved.listing_id), 303)
