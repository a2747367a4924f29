"""A listing as the lead reads it, and its way into the shop and out of it."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.catalogue.pages import Milestone, product_parts
from blueprints.catalogue.shop import asked_id
from blueprints.fields import IntField, Required, TextField
from blueprints.forms import Form, attempt
from blueprints.nouns import catalogue as bp
from core.access import allow, get_actor
from core.database import transaction
from core.errors import BadRequest
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.pages.filters import local_time
from domain.catalogue import LISTING, REVIEWERS, ListingState, move_label
from domain.roles import STUDIO_ROLES
from models.catalogue import Product
from queries.catalogue.listings import prices_of
from queries.catalogue.products import ProductView, get_listing
from queries.history import Step, steps_of
from queries.scopes import find_visible
from services.catalogue.errors import ReturnReasonMissing
from services.catalogue.reviewing import (
    approve_listing,
    return_listing,
    submit_listing,
    withdraw_listing,
)


class ReturnForm(Form):
    """Send a listing back."""

    reason = TextField(
        _l("退回原因"),
        [Required(_l(ReturnReasonMissing.message))],
        max_length=300,
    )


class ApproveForm(Form):
    """Approve the version that was read."""

    version = IntField(validators=[Required()], minimum=1)


@bp.get("/studio/listings/<id:listing_id>")
@allow(*STUDIO_ROLES)
def listing(listing_id: int) -> ResponseReturnValue:
    """A listing as buyers see it, with its state, its past and what may be done."""
    return _page(listing_id, ReturnForm())


@bp.post("/studio/listings/<id:listing_id>/submission")
@allow(*STUDIO_ROLES)
def submit(listing_id: int) -> ResponseReturnValue:
    """Ask the lead to approve."""
    with transaction():
        submit_listing(get_actor(), listing_id)
    return _back(listing_id, _("送审了，负责人看过就上架。"))


@bp.post("/studio/listings/<id:listing_id>/approval")
@allow(*REVIEWERS)
def approve(listing_id: int) -> ResponseReturnValue:
    """Put the version that was read into the shop."""
    form = ApproveForm()
    if not form.validate_on_submit():
        raise BadRequest()
    with transaction():
        approve_listing(get_actor(), listing_id, version=form.version.data)
    return _back(listing_id, _("通过了，店里已经能买。"))


@bp.post("/studio/listings/<id:listing_id>/return")
@allow(*REVIEWERS)
def send_back(listing_id: int) -> ResponseReturnValue:
    """Send a submitted listing back with a reason."""
    form, actor = ReturnForm(), get_actor()
    if attempt(
        form, lambda: return_listing(actor, listing_id, reason=form.reason.data)
    ):
        return _back(listing_id, _("退回了，成员会看到您写的原因。"))
    return _page(listing_id, form)


@bp.post("/studio/listings/<id:listing_id>/withdrawal")
@allow(*STUDIO_ROLES)
def withdraw(listing_id: int) -> ResponseReturnValue:
    """Take a listing out of the shop."""
    with transaction():
        withdraw_listing(get_actor(), listing_id)
    return _back(listing_id, _("下架了。想再卖就送审，通过后又在店里。"))


def _back(listing_id: int, done: str) -> ResponseReturnValue:
    flash(done, "ok")
    return redirect(url_for("catalogue.listing", listing_id=listing_id), 303)


def _page(listing_id: int, form: ReturnForm) -> ResponseReturnValue:
    found = get_listing(get_actor(), listing_id)
    page = render_template(
        "catalogue/listing.html",
        form=form,
        can=_what_may_be_done(found),
        checks=_checks(found),
        past=[_milestone(step) for step in reversed(steps_of(Product, [found.id]))],
        prices=prices_of(found.id),
        **product_parts(found, asked_id("variant")),
    )
    return page, form.status


def _what_may_be_done(found: ProductView) -> dict[str, bool]:
    is_submitted = found.state == ListingState.SUBMITTED
    return {
        "submit": found.state != ListingState.APPROVED
        and LISTING.allows(found.state, ListingState.SUBMITTED),
        "decide": is_submitted
        and find_visible(Product, found.id, get_actor(), *REVIEWERS) is not None,
        "withdraw": LISTING.allows(found.state, ListingState.WITHDRAWN),
    }


def _milestone(step: Step) -> Milestone:
    note = " · ".join(part for part in (step.by, step.reason) if part)
    title = _(move_label(step.from_state, step.to_state))
    return Milestone(title, local_time(step.at), note)


def _checks(found: ProductView) -> list[tuple[bool, str, str]]:
    """What a buyer wants to know: (is there, what, what is missing)."""
    batch = found.batch
    wanted = [
        (found.paragraphs, _("介绍"), _("还没写")),
        (found.boxes_on_sale, _("在卖的规格"), ""),
        (found.photos, _("照片"), _("没有照片，店里先用图画代替")),
        (batch, _("采收批次"), _("没有批次，扫码查不到")),
        (
            batch and batch.deliveries,
            _("农户交货"),
            _("没写交货，农户那份先由合作社记着"),
        ),
    ]
    return [(bool(has), what, "" if has else lack) for has, what, lack in wanted]
