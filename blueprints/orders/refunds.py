"""Refunds: asked for by buyers, decided and carried out by the accountant."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.exports import ReportFormat, refused_json, wanted_format
from blueprints.forms import Form
from blueprints.lists import MOST_ROWS, list_answer, moment_words
from blueprints.nouns import orders as bp
from blueprints.orders.desk_files import refunds_report
from blueprints.orders.desk_forms import BearerForm, GrantForm, ReferenceForm
from blueprints.orders.forms import ReasonForm, refund_form_as
from blueprints.spans import SpanForm
from core.access import allow, get_actor
from core.clock import now
from core.database import transaction
from core.errors import N_, DomainError, NotFound
from core.i18n import gettext as _
from core.i18n import say
from core.pages.paging import page_number
from domain.orders.states import RefundState
from domain.roles import Role
from queries.orders.access import find_order_in_scope, find_refund_in_scope, scope_of
from queries.orders.details import order_view
from queries.orders.lists import refund_totals, refunds_in_scope
from queries.orders.refunds import refund_details
from services.orders import refunding

READERS = (Role.ACCOUNTANT, Role.CHAIR, Role.AUDITOR)
TABS = {
    "open": (RefundState.REQUESTED,),
    "sending": (RefundState.APPROVED, RefundState.PENDING),
    "failed": (RefundState.FAILED,),
    "done": (RefundState.SUCCEEDED, RefundState.REJECTED),
}
TAB_WORDS = {
    "": N_("全部"),
    "open": N_("等处理"),
    "sending": N_("退回中"),
    "failed": N_("没退成"),
    "done": N_("办完的"),
}


@bp.get("/coop/refunds")
@allow(*READERS)
def refunds() -> ResponseReturnValue:
    """Refunds of the own cooperative, by what is to be done with them."""
    wanted, form, typed = wanted_format(), SpanForm(), request.args.get("tab", "")
    tab = typed if typed in TABS else ""
    is_right = form.validate()
    if wanted is ReportFormat.HTML:
        return _list_page(form, tab, is_right=is_right)
    return _file(wanted, form, tab) if is_right else refused_json(form)


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


def _list_page(form: SpanForm, tab: str, *, is_right: bool) -> ResponseReturnValue:
    found = refunds_in_scope(
        scope_of(get_actor(), *READERS),
        states=TABS.get(tab, ()),
        period=form.period() if is_right else None,
        page=page_number(request.args.get("page")),
    )
    page = render_template(
        "orders/refunds.html",
        refunds=found,
        form=form,
        tab=tab,
        tab_words={key: _(words) for key, words in TAB_WORDS.items()},
        as_of=moment_words(now()),
    )
    return page, 200 if is_right else 422


def _file(wanted: ReportFormat, form: SpanForm, tab: str) -> ResponseReturnValue:
    """The refunds of a tab in a format that is not a page."""
    scope = scope_of(get_actor(), *READERS)
    chosen: dict[str, Any] = {"states": TABS.get(tab, ()), "period": form.period()}
    report = refunds_report(
        scope,
        refunds_in_scope(scope, per_page=MOST_ROWS, **chosen),
        refund_totals(scope, **chosen),
        period=form.period(),
        tab=(tab, _(TAB_WORDS[tab])),
    )
    return list_answer(wanted, report)


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
