"""A listing as the lead reads it, and its way into the shop and out of it."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.catalogue.forms import ApproveForm, ReturnForm
from blueprints.catalogue.pages import Step, product_parts
from blueprints.catalogue.shop import asked_id
from blueprints.catalogue.words import change_words, state_words
from blueprints.nouns import catalogue as bp
from core.access import allow, get_actor
from core.database import AnyRow, transaction
from core.errors import BadRequest
from core.i18n import gettext as _
from core.pages.filters import local_time
from domain.catalogue import LISTING, ListingState
from domain.roles import Role
from queries.catalogue.past import changes_of, prices_of
from queries.catalogue.products import ProductView, get_listing
from services.catalogue.reviewing import (
    approve_listing,
    return_listing,
    submit_listing,
    withdraw_listing,
)
from services.catalogue.scope import alliances_of


@bp.get("/studio/listings/<id:listing_id>")
@allow(Role.MEMBER, Role.LEAD)
def listing(listing_id: int) -> ResponseReturnValue:
    """A listing as buyers see it, with its state, its past and what may be done."""
    return _page(listing_id, ReturnForm())


@bp.post("/studio/listings/<id:listing_id>/submission")
@allow(Role.MEMBER, Role.LEAD)
def submit(listing_id: int) -> ResponseReturnValue:
    """Ask the lead to approve."""
    with transaction():
        submit_listing(listing_id, get_actor())
    flash(_("送审了，负责人看过就上架。"), "ok")
    return _back(listing_id)


@bp.post("/studio/listings/<id:listing_id>/approval")
@allow(Role.LEAD)
def approve(listing_id: int) -> ResponseReturnValue:
    """Put the version that was read into the shop."""
    form = ApproveForm()
    if not form.validate_on_submit() or not form.version.data:
        raise BadRequest()
    with transaction():
        approve_listing(listing_id, get_actor(), version=form.version.data)
    flash(_("通过了，店里已经能买。"), "ok")
    return _back(listing_id)


@bp.post("/studio/listings/<id:listing_id>/return")
@allow(Role.LEAD)
def send_back(listing_id: int) -> ResponseReturnValue:
    """Send a submitted listing back with a reason."""
    form = ReturnForm()
    if not form.validate_on_submit():
        return _page(listing_id, form)
    with transaction():
        return_listing(listing_id, get_actor(), reason=form.reason.data)
    flash(_("退回了，成员会看到您写的原因。"), "ok")
    return _back(listing_id)


@bp.post("/studio/listings/<id:listing_id>/withdrawal")
@allow(Role.MEMBER, Role.LEAD)
def withdraw(listing_id: int) -> ResponseReturnValue:
    """Take a listing out of the shop."""
    with transaction():
        withdraw_listing(listing_id, get_actor())
    flash(_("下架了。想再卖就送审，通过后又在店里。"), "ok")
    return _back(listing_id)


def _back(listing_id: int) -> ResponseReturnValue:
    return redirect(url_for("catalogue.listing", listing_id=listing_id), 303)


def _page(listing_id: int, form: ReturnForm) -> ResponseReturnValue:
    found = get_listing(listing_id, alliances_of(get_actor()))
    page = render_template(
        "catalogue/listing.html",
        form=form,
        words=state_words(found.state),
        can=_what_may_be_done(found),
        checks=_checks(found),
        past=[_past_step(change) for change in changes_of(found.id)],
        prices=prices_of(found.id),
        **product_parts(found, asked_id("variant")),
    )
    return page, form.status


def _what_may_be_done(found: ProductView) -> dict[str, bool]:
    leads = found.alliance_id in alliances_of(get_actor(), Role.LEAD)
    return {
        "submit": found.state != ListingState.APPROVED
        and LISTING.allows(found.state, ListingState.SUBMITTED),
        "decide": leads and found.state == ListingState.SUBMITTED,
        "withdraw": LISTING.allows(found.state, ListingState.WITHDRAWN),
    }


def _past_step(change: AnyRow) -> Step:
    note = " · ".join(part for part in (change.who, change.reason) if part)
    title = change_words(change.from_state, change.to_state)
    return Step(title, local_time(change.at), note)


def _checks(found: ProductView) -> list[tuple[bool, str, str]]:
    """What a buyer wants to know: (is there, what, what is missing)."""
    batch = found.batch
    has_families = bool(batch and batch.deliveries)
    return [
        (bool(found.paragraphs), _("介绍"), "" if found.paragraphs else _("还没写")),
        (bool(found.boxes_on_sale), _("在卖的规格"), ""),
        (
            bool(found.photos),
            _("照片"),
            "" if found.photos else _("没有照片，店里先用图画代替"),
        ),
        (batch is not None, _("采收批次"), "" if batch else _("没有批次，扫码查不到")),
        (
            has_families,
            _("农户交货"),
            "" if has_families else _("没写交货，农户那份先由合作社记着"),
        ),
    ]
