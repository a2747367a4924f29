"""Refunds: asked for by buyers, decided and carried out by the accountant."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import Form, attempt, status_of
from blueprints.nouns import orders as bp
from blueprints.orders.desk_forms import BearerForm, GrantForm, ReferenceForm
from blueprints.orders.desk_lists import RefundFilter, RefundList
from blueprints.orders.forms import ReasonForm, refund_form_as
from core.access import allow, get_actor
from core.errors import NotFound
from core.i18n import gettext as _
from domain.roles import BOOK_READERS, Role
from models.payments import Refund
from queries.orders.details import get_order_id, order_view
from queries.orders.refunds import refund_details
from queries.scopes import find_visible
from services.orders import refunding


@bp.get("/coop/refunds")
@allow(*BOOK_READERS)
def refunds() -> ResponseReturnValue:
    """Refunds asked for, in the format asked for."""
    return RefundList(RefundFilter()).answer()


@bp.get("/coop/refunds/<id:refund_id>")
@allow(*BOOK_READERS)
def refund(refund_id: int) -> ResponseReturnValue:
    """What is asked for, why, what became of it."""
    return _page(refund_id)


@bp.post("/coop/refunds/<id:refund_id>/approve")
@allow(Role.ACCOUNTANT, fresh=True)
def approve(refund_id: int) -> ResponseReturnValue:
    """Grant it, or try a failed one again; the money goes out."""
    form = BearerForm()
    if not attempt(
        form,
        lambda: refunding.approve_refund(get_actor(), refund_id, bearer=form.chosen),
    ):
        return _page(refund_id, approving=form)
    flash(_("同意了，已发短信告诉买家。"), "ok")
    return _back(refund_id)


@bp.post("/coop/refunds/<id:refund_id>/reject")
@allow(Role.ACCOUNTANT)
def reject(refund_id: int) -> ResponseReturnValue:
    """Decline it; the buyer is told why."""
    form = ReasonForm()
    if not attempt(
        form,
        lambda: refunding.reject_refund(get_actor(), refund_id, form.reason.data),
    ):
        return _page(refund_id, rejecting=form)
    flash(_("没有同意，原因已发短信告诉买家。"), "ok")
    return _back(refund_id)


@bp.post("/coop/refunds/<id:refund_id>/settle")
@allow(Role.ACCOUNTANT, fresh=True)
def settle(refund_id: int) -> ResponseReturnValue:
    """The accountant sent the money from the bank."""
    form = ReferenceForm()
    if not attempt(
        form,
        lambda: refunding.settle_manual_refund(
            get_actor(), refund_id, form.reference.data
        ),
    ):
        return _page(refund_id, settling=form)
    flash(_("退款记好了。"), "ok")
    return _back(refund_id)


@bp.route("/coop/orders/<number>/refunds/new", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT, fresh=True)
def grant(number: str) -> ResponseReturnValue:
    """Make and grant a refund in one step."""
    actor = get_actor()
    order = order_view(get_order_id(actor, number, Role.ACCOUNTANT))
    form = refund_form_as(GrantForm, order)
    if done := attempt(
        form, lambda: refunding.grant_refund(actor, order.id, form.to_draft())
    ):
        flash(_("退款办了，已发短信告诉买家。"), "ok")
        return _back(done.value)
    return render_template("orders/grant.html", order=order, form=form), form.status


def _page(refund_id: int, **typed: Form) -> ResponseReturnValue:
    """The refund's page; typed: the form that was not accepted, by its name."""
    actor = get_actor()
    if find_visible(Refund, refund_id, actor, *BOOK_READERS) is None:
        raise NotFound()
    details = refund_details(refund_id)
    mine = find_visible(Refund, refund_id, actor, Role.ACCOUNTANT)
    page = render_template(
        "orders/refund.html",
        details=details,
        refund=details.refund,
        may_write=mine is not None,
        is_fresh=actor.is_fresh,
        approving=typed.get("approving") or BearerForm(),
        rejecting=typed.get("rejecting") or ReasonForm(),
        settling=typed.get("settling") or ReferenceForm(),
    )
    return page, status_of(typed)


def _back(refund_id: int) -> ResponseReturnValue:
    return redirect(url_for("orders.refund", refund_id=refund_id), 303)
