"""Refunds: asked for by buyers, decided and carried out by the accountant."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import Form
from blueprints.nouns import orders as bp
from blueprints.orders.desk_forms import BearerForm, GrantForm, ReferenceForm
from blueprints.orders.desk_lists import READERS, RefundFilter, RefundList
from blueprints.orders.forms import ReasonForm, refund_form_as
from core.access import allow, get_actor
from core.database import transaction
from core.errors import DomainError, NotFound
from core.i18n import gettext as _
from core.i18n import say
from domain.roles import Role
from queries.orders.access import find_order_in_scope, find_refund_in_scope, scope_of
from queries.orders.details import order_view
from queries.orders.refunds import refund_details
from services.orders import refunding


@bp.get("/coop/refunds")
@allow(*READERS)
def refunds() -> ResponseReturnValue:
    """Refunds asked for, in the format asked for."""
    return RefundList(RefundFilter()).answer()


@bp.get("/coop/refunds/<id:refund_id>")
@allow(*READERS)
def refund(refund_id: int) -> ResponseReturnValue:
    """What is asked for, why, what became of it."""
    _in_scope(refund_id, *READERS)
    return _page(refund_id)


@bp.post("/coop/refunds/<id:refund_id>/approve")
@allow(Role.ACCOUNTANT, fresh=True)
def approve(refund_id: int) -> ResponseReturnValue:
    """Grant it, or try a failed one again; the money goes out."""
    _in_scope(refund_id, Role.ACCOUNTANT)
    form = BearerForm()
    if not form.validate_on_submit():
        return _page(refund_id, approving=form)
    try:
        with transaction():
            refunding.approve_refund(
                refund_id, get_actor().account_id, bearer=form.chosen
            )
    except DomainError as error:
        return _page(refund_id, refused=error, approving=form)
    flash(_("同意了，已发短信告诉买家。"), "ok")
    return _back(refund_id)


@bp.post("/coop/refunds/<id:refund_id>/reject")
@allow(Role.ACCOUNTANT)
def reject(refund_id: int) -> ResponseReturnValue:
    """Decline it; the buyer is told why."""
    _in_scope(refund_id, Role.ACCOUNTANT)
    form = ReasonForm()
    if not form.validate_on_submit():
        return _page(refund_id, rejecting=form)
    try:
        with transaction():
            refunding.reject_refund(refund_id, get_actor().account_id, form.reason.data)
    except DomainError as error:
        return _page(refund_id, refused=error, rejecting=form)
    flash(_("没有同意，原因已发短信告诉买家。"), "ok")
    return _back(refund_id)


@bp.post("/coop/refunds/<id:refund_id>/settle")
@allow(Role.ACCOUNTANT, fresh=True)
def settle(refund_id: int) -> ResponseReturnValue:
    """The accountant sent the money from the bank."""
    _in_scope(refund_id, Role.ACCOUNTANT)
    form = ReferenceForm()
    if not form.validate_on_submit():
        return _page(refund_id, settling=form)
    try:
        with transaction():
            refunding.settle_manual_refund(
                refund_id, get_actor().account_id, form.reference.data
            )
    except DomainError as error:
        return _page(refund_id, refused=error, settling=form)
    flash(_("退款记好了。"), "ok")
    return _back(refund_id)


@bp.route("/coop/orders/<number>/refunds/new", methods=["GET", "POST"])
@allow(Role.ACCOUNTANT, fresh=True)
def grant(number: str) -> ResponseReturnValue:
    """Make and grant a refund in one step."""
    order_id = find_order_in_scope(number, scope_of(get_actor(), Role.ACCOUNTANT))
    if order_id is None:
        raise NotFound()
    order = order_view(order_id)
    form = refund_form_as(GrantForm, order)
    status = form.status
    if form.validate_on_submit():
        try:
            with transaction():
                made = refunding.grant_refund(
                    order.id, form.to_draft(), get_actor().account_id
                )
        except DomainError as error:
            form.form_errors.append(say(error))
            status = error.status
        else:
            flash(_("退款办了，已发短信告诉买家。"), "ok")
            return _back(made)
    return render_template("orders/grant.html", order=order, form=form), status


def _in_scope(refund_id: int, *roles: Role) -> None:
    """Raise NotFound for a refund outside the person's scope."""
    if find_refund_in_scope(refund_id, scope_of(get_actor(), *roles)) is None:
        raise NotFound()


def _page(
    refund_id: int, refused: DomainError | None = None, **typed: Form
) -> ResponseReturnValue:
    """The refund's page; typed: the form that was not accepted, by its name."""
    for form in typed.values():
        if refused is not None:
            form.form_errors.append(say(refused))
    actor = get_actor()
    details = refund_details(refund_id)
    mine = find_refund_in_scope(refund_id, scope_of(actor, Role.ACCOUNTANT))
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
    status = refused.status if refused else 422 if typed else 200
    return page, status


def _back(refund_id: int) -> ResponseReturnValue:
    return redirect(url_for("orders.refund", refund_id=refund_id), 303)
