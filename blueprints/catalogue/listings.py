"""The studio: a member's own listings, and the form that writes them."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.catalogue.filling import filled_with
from blueprints.catalogue.forms import ListingForm
from blueprints.catalogue.photos import keep_uploads
from blueprints.catalogue.shop import typed_words
from blueprints.catalogue.words import STATES
from blueprints.nouns import catalogue as bp
from core.access import allow, get_actor
from core.database import transaction
from core.errors import DomainError, Forbidden, NotFound
from core.i18n import gettext as _
from core.i18n import say
from core.pages.paging import page_number
from domain.catalogue import ListingState
from domain.roles import Role
from queries.catalogue.batches import is_batch_sold
from queries.catalogue.listings import (
    ListingFilter,
    count_by_state,
    listing_choices,
    listings_of,
)
from queries.catalogue.past import prices_of
from queries.catalogue.products import ProductView, get_listing
from services.catalogue.errors import ListingEdited, StockMoved
from services.catalogue.reviewing import submit_listing
from services.catalogue.scope import alliances_of
from services.catalogue.writing import Saved, create_listing, save_listing

LARGEST_UPLOADS = 64 * 1024 * 1024
SAVE, SUBMIT = "save", "submit"
IN_REVIEW = (ListingState.SUBMITTED, ListingState.APPROVED)


@bp.get("/studio/listings")
@allow(Role.MEMBER, Role.LEAD)
def listings() -> ResponseReturnValue:
    """The listings of one's own alliance."""
    asked = request.args.get("state")
    wanted = ListingFilter(
        words=typed_words("q"),
        state=ListingState(asked) if asked in set(ListingState) else None,
    )
    own = alliances_of(get_actor())
    return render_template(
        "catalogue/listings.html",
        page=listings_of(own, wanted, page_number(request.args.get("page"))),
        counts=count_by_state(own),
        wanted=wanted,
        states=STATES,
    )


@bp.route("/studio/listings/new", methods=["GET", "POST"])
@allow(Role.MEMBER, Role.LEAD)
def new_listing() -> ResponseReturnValue:
    """Write a new listing."""
    form = _open_form(_own_alliance())
    if not _is_to_be_saved(form):
        return _form_page(form)
    try:
        with transaction():
            saved = create_listing(
                form.to_draft(),
                get_actor(),
                alliance_id=form.choices.alliance_id,
                request_id=form.request_id.data,
            )
            _submit_if_asked(saved)
    except DomainError as error:
        return _refused(form, error)
    return _done(saved)


@bp.route("/studio/listings/<id:listing_id>/edit", methods=["GET", "POST"])
@allow(Role.MEMBER, Role.LEAD)
def edit_listing(listing_id: int) -> ResponseReturnValue:
    """Change a listing."""
    listing = get_listing(listing_id, alliances_of(get_actor()))
    form = _open_form(listing.alliance_id, listing)
    if not _is_to_be_saved(form):
        return _form_page(form, listing)
    try:
        with transaction():
            saved = save_listing(
                listing_id, form.to_draft(), get_actor(), version=form.version.data
            )
            _submit_if_asked(saved)
    except NotFound:
        raise
    except DomainError as error:
        return _refused(form, error, listing)
    return _done(saved)


def _own_alliance() -> int:
    """The alliance a new listing belongs to: a person is a member of one at a time."""
    own = alliances_of(get_actor())
    if not own:
        raise Forbidden()
    return min(own)


def _open_form(alliance_id: int, listing: ProductView | None = None) -> ListingForm:
    request.max_content_length = LARGEST_UPLOADS
    form = ListingForm(data=filled_with(listing) if listing else {})
    form.offer(listing_choices(alliance_id))
    if request.method == "POST":
        form.take_uploads(keep_uploads("photos", get_actor()))
    return form


def _is_to_be_saved(form: ListingForm) -> bool:
    """Whether the form was sent to be saved and is right; else it is shown again."""
    if request.method != "POST":
        return False
    act = request.form.get("act", SAVE)
    if act not in (SAVE, SUBMIT):
        form.reshape(act)
        return False
    return form.validate(for_review=act == SUBMIT)


def _submit_if_asked(saved: Saved) -> None:
    if request.form.get("act") == SUBMIT and saved.state not in IN_REVIEW:
        submit_listing(saved.listing_id, get_actor())


def _form_page(
    form: ListingForm, listing: ProductView | None = None, status: int = 0
) -> ResponseReturnValue:
    batch = listing.batch if listing else None
    page = render_template(
        "catalogue/listing_form.html",
        form=form,
        listing=listing,
        sold_batch=batch if batch and is_batch_sold(batch.id) else None,
        prices=prices_of(listing.id) if listing else [],
    )
    return page, status or (422 if form.errors else 200)


def _refused(
    form: ListingForm, error: DomainError, listing: ProductView | None = None
) -> ResponseReturnValue:
    """Show the form again with everything in it, and what the rule said."""
    if isinstance(error, StockMoved):
        form.show_moved_stock(error)
    if isinstance(error, ListingEdited) and listing is not None:
        form.version.raw_data = [str(listing.version)]
    errors: list[Any] = [*form.form_errors, say(error)]
    form.form_errors = errors
    return _form_page(form, listing, error.status)


def _done(saved: Saved) -> ResponseReturnValue:
    if saved.is_hidden:
        flash(_("存好了。内容改动要负责人再看一遍，通过以后就回到店里。"), "warn")
    elif request.form.get("act") == SUBMIT:
        flash(_("送审了，负责人看过就上架。"), "ok")
    elif saved.state == ListingState.APPROVED:
        flash(_("存好了，店里已经是新的。"), "ok")
    else:
        flash(_("存好了。"), "ok")
    return redirect(url_for("catalogue.listing", listing_id=saved.listing_id), 303)
